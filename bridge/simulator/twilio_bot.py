"""A bot for Twilio's Media Streams: a WebSocket server as people write them, that ends its calls by script."""

from aiohttp import web

from bridge.simulator.stream_bot import BotScript, StreamBotRecord
from bridge.simulator.stream_bot_server import StreamBotServer
from bridge.simulator.twilio_call import TwilioCall
from bridge.simulator.twilio_script import TwilioScript
from bridge.simulator.twilio_stream import expected_signature


class TwilioBot(StreamBotServer[TwilioCall]):
    """The bot. `async with TwilioBot(StreamBotSettings()) as bot: bot.url; bot.calls`."""

    cannot = frozenset({BotScript.WRONG_FORMAT})

    def take(self, request: web.Request, socket: web.WebSocketResponse, record: StreamBotRecord) -> TwilioCall:
        """A call that comes."""
        return TwilioCall(request, socket, record)

    async def serve(self, call: TwilioCall) -> None:
        """One call."""
        if self.settings.secret:
            signature = call.record.headers.get("x-twilio-signature")
            if signature != expected_signature(self.settings.secret, call.asked_url):
                call.record.faults.append("X-Twilio-Signature is missing or wrong")
        await self.read_beside(call, TwilioScript(self.settings, call).play())
