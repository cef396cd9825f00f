"""Deepgram's Voice Agent as the bridge sees it: it speaks a recording, and ends its calls by script."""

from aiohttp import web

from bridge.simulator.deepgram_call import DeepgramCall
from bridge.simulator.deepgram_script import DeepgramScript
from bridge.simulator.stream_bot import BotScript, StreamBotRecord
from bridge.simulator.stream_bot_server import StreamBotServer


class DeepgramBot(StreamBotServer[DeepgramCall]):
    """The bot. `async with DeepgramBot(StreamBotSettings()) as bot: bot.url; bot.calls`."""

    path = "/v1/agent/converse"
    cannot = frozenset({BotScript.MARKS, BotScript.DTMF, BotScript.FINISH_REST, BotScript.TRANSFER_REST})

    def take(self, request: web.Request, socket: web.WebSocketResponse, record: StreamBotRecord) -> DeepgramCall:
        """A call that comes."""
        return DeepgramCall(request, socket, record)

    async def serve(self, call: DeepgramCall) -> None:
        """One call."""
        if self.settings.secret and call.record.headers.get("authorization") != f"Token {self.settings.secret}":
            call.record.faults.append("Authorization is missing or wrong")
        await self.read_beside(call, DeepgramScript(self.settings, call).play())
