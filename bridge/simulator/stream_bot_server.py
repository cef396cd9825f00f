"""A simulated bot that listens for WebSockets: what every such dialect's bot has in common."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

import structlog
from aiohttp import web

from bridge.simulator.owned_tasks import OwnedTasks
from bridge.simulator.stream_bot import BotScript, StreamBotRecord
from bridge.simulator.stream_call import StreamCall
from bridge.simulator.url_bot import UrlBot

log = structlog.get_logger()

#: Longer than any message of the bridge.
_MAX_MESSAGE = 1 << 20

StreamCallT = TypeVar("StreamCallT", bound=StreamCall)


class StreamBotServer(UrlBot[StreamCallT]):
    """The server. `async with TwilioBot(StreamBotSettings()) as bot: bot.url; bot.calls`.

    A dialect's bot derives from it and writes `take` and `serve`.
    """

    scheme = "ws"
    path = "/media"
    subprotocols: tuple[str, ...] = ()
    """What the bot speaks, for Sec-WebSocket-Protocol."""

    def take(self, request: web.Request, socket: web.WebSocketResponse, record: StreamBotRecord) -> StreamCallT:
        """The call that comes with a request; its WebSocket is not open yet."""
        raise NotImplementedError

    async def serve(self, call: StreamCallT) -> None:
        """One call, from its open WebSocket to its end.

        When it returns, the WebSocket is closed with code 1000 unless it is closed already.
        """
        raise NotImplementedError

    async def close(self) -> None:
        """End every call and stop listening."""
        for call in tuple(self._live.values()):
            call.vanish()
        await super().close()

    # For the dialects

    async def read_beside(self, call: StreamCallT, script: Coroutine[Any, Any, None]) -> None:
        """Take what the bridge says while a script is played, which ends with the connection."""
        tasks = OwnedTasks()
        tasks.start(script, f"bot-script-{call.record.number}")
        try:
            await call.read()
        finally:
            await tasks.close()

    # private

    def _route(self) -> web.RouteDef:
        return web.get("/{path:.*}", self._call)

    async def _call(self, request: web.Request) -> web.StreamResponse:
        record = self._new_record(request)
        socket = web.WebSocketResponse(protocols=self.subprotocols, max_msg_size=_MAX_MESSAGE, timeout=2.0)
        call = self._live[record.number] = self.take(request, socket, record)
        self._came(record)
        try:
            return await self._accept(request, socket, call)
        finally:
            if record.ended_ms is None:
                record.ended_ms = record.ms(asyncio.get_running_loop().time())
            call.over.set()
            del self._live[record.number]
            _report(record)

    async def _accept(
        self, request: web.Request, socket: web.WebSocketResponse, call: StreamCallT
    ) -> web.StreamResponse:
        line = call.record.script
        if line.script is BotScript.REFUSE:
            return web.Response(status=line.status, text="the bot's script refuses the call")
        if line.script is BotScript.SLOW:
            await asyncio.sleep(line.seconds)
        if not socket.can_prepare(request).ok:
            call.record.faults.append("not a WebSocket")
            return web.Response(status=400, text="this is a WebSocket")
        await socket.prepare(request)
        await self.serve(call)
        if not socket.closed:
            await socket.close()
        return socket


def _report(record: StreamBotRecord) -> None:
    """One line a call."""
    log.info(
        "bot_call_over",
        **record.summary(),
        goodbye=record.goodbye,
        first_audio_ms=record.heard_from_ms,
        marks=len(record.marks),
    )
