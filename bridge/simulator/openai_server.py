"""A server that behaves as OpenAI's Realtime API (GA) does on a WebSocket, with a model that plays a script."""

from aiohttp import web

from bridge.simulator.openai_call import OpenAICall
from bridge.simulator.stream_bot import BotScript, StreamBotRecord
from bridge.simulator.stream_bot_server import StreamBotServer


class OpenAIServer(StreamBotServer[OpenAICall]):
    """The server. `async with OpenAIServer(StreamBotSettings()) as server: server.url; server.calls`.

    It hears the customer by loudness, answers each turn, and takes from the client what the API takes: whatever it
    refuses is answered with an `error` and noted as a fault of the client's. Audio of a reply comes at fifty times the
    speed it is heard at. `settings.secret` is the key the client must show.
    """

    path = "/v1/realtime"
    cannot = frozenset({BotScript.FINISH_REST, BotScript.TRANSFER_REST, BotScript.MARKS})

    @property
    def url(self) -> str:
        """Where the bridge finds it."""
        return f"{super().url}?model=simulated"

    def take(self, request: web.Request, socket: web.WebSocketResponse, record: StreamBotRecord) -> OpenAICall:
        """A session that comes."""
        return OpenAICall(request, socket, record, self.settings)

    async def serve(self, call: OpenAICall) -> None:
        """One session."""
        if self.settings.secret and not self._shown(call.record):
            call.record.faults.append("the key is missing or wrong")
            await call.refuse("invalid_api_key", "Incorrect API key provided.")
            return
        await call.run()

    def _shown(self, record: StreamBotRecord) -> bool:
        bearer = record.headers.get("authorization") == f"Bearer {self.settings.secret}"
        return bearer or record.headers.get("api-key") == self.settings.secret
