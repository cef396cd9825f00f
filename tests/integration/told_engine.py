"""A dialect that does what its engine tells it, and the engine: a real WebSocket server."""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from aiohttp import WSMsgType, web

from bridge.call_facts import CallFacts, ScreenPopRows
from bridge.dialects.dialect import Dialect, Opening, Speaker
from bridge.dialects.kinds import DialectTerms, Kind
from bridge.dialects.section import DialectSection
from bridge.errors import InvalidEngineMessage
from bridge.verdicts import Complete, Remarks, Transfer
from tests.integration.media_bench import LOOPBACK

#: 20 ms that nobody takes for silence.
VOICE = b"\x55" * 160
#: Self-signed, for 127.0.0.1, made for these tests alone, as is its key.
CERTIFICATE = Path(__file__).parents[1] / "data" / "tls" / "loopback.pem"


class ToldSection(DialectSection):
    """[engines.NAME] of the dialect that does what it is told."""

    kind: Literal["told"] = "told"


class ToldDialect(Dialect):
    """Each text message of the engine is a JSON object with one thing to do; audio is binary both ways."""

    def __init__(
        self, section: ToldSection, secret: str, facts: CallFacts, terms: DialectTerms, speaker: Speaker
    ) -> None:
        self._section, self._secret, self._facts, self._terms = section, secret, facts, terms
        self._speaker = speaker
        self._connections = 0

    def opening(self) -> Opening:
        return Opening(self._section.url, (("X-Secret", self._secret), *self._section.headers.items()), ("told",))

    def connected(self, now: float) -> None:
        self._connections += 1
        self._say("hello", self._connections)

    def text(self, message: str, now: float) -> None:
        try:
            ((what, value),) = json.loads(message).items()
        except ValueError as exc:
            raise InvalidEngineMessage("it is not JSON") from exc
        speaker = self._speaker
        acts: dict[str, Callable[[Any], object]] = {
            "ready": lambda _: speaker.ready(),
            "fail": speaker.fail,
            "mark": speaker.mark,
            "clear": lambda _: self._say("cut", speaker.clear().played_ms),
            "press": speaker.press,
            "complete": lambda outcome: speaker.say(Complete(outcome, Remarks())),
            "transfer": lambda target: speaker.say(Transfer(target)),
            "goodbye": lambda outcome: speaker.goodbye(Complete(outcome) if outcome else None),
            "hand over": lambda target: speaker.goodbye(Transfer(target)),
            "record": speaker.record,
            "note": lambda what: speaker.note(what, number=1),
            "transcript": lambda text: speaker.transcript("bot", text),
            "tool": lambda arguments: speaker.use_tool("t1", "look", arguments),
            "renew": lambda _: speaker.renew(),
            "divide": lambda by: 1 // by,
            "expire": lambda after: setattr(self, "deadline", now + after),
            "big": lambda length: speaker.send("x" * length),
        }
        acts[what](value)

    def binary(self, message: bytes, now: float) -> None:
        self._speaker.play(message, "speech")

    def hear(self, audio: bytes, now: float) -> None:
        self._speaker.send(audio)

    def answered(self, now: float) -> None:
        self._say("answered", True)

    def mark_played(self, name: str, now: float) -> None:
        self._say("played", name)

    def key(self, digit: str, now: float) -> None:
        self._say("key", digit)

    def screen_pop(self, pop: ScreenPopRows, now: float) -> None:
        self._say("pop", dict(pop.fields))

    def transfer_progress(self, status: int, now: float) -> None:
        self._say("progress", status)

    def tool_answered(self, id: str, output: str, now: float) -> None:
        self._say(id, output)

    def dead_air(self, silent_s: float, now: float) -> None:
        self._say("dead air", silent_s)

    def hang_up(self, fate: str) -> None:
        self._say("fate", fate)

    def closed(self, code: int, now: float) -> bool:
        return code == 1000

    def expire(self, now: float) -> None:
        self.deadline = None
        self._say("expired", True)

    def _say(self, what: str, value: object) -> None:
        self._speaker.send(json.dumps({what: value}))


KINDS = {"told": Kind("told", ToldSection, ToldDialect)}


class Connection:
    """One WebSocket, as the engine sees it."""

    def __init__(self, ws: web.WebSocketResponse, request: web.Request) -> None:
        self.ws = ws
        self.request = request
        self.heard: list[bytes] = []
        self.told: list[dict[str, Any]] = []
        self.close_code: int | None = None
        self.ended = asyncio.Event()

    async def say(self, **what: Any) -> None:
        """One thing to do."""
        await self.ws.send_str(json.dumps(what))

    async def speak(self, ms: int) -> None:
        await self.ws.send_bytes(VOICE * (ms // 20))

    def values(self, what: str) -> list[Any]:
        return [message[what] for message in self.told if what in message]

    def cut(self) -> None:
        """No close frame."""
        transport = self.request.transport
        assert transport is not None
        transport.abort()


Script = Callable[[Connection], Awaitable[None]]


async def be_ready(connection: Connection) -> None:
    await connection.say(ready=True)


@dataclass
class Engine:
    """A WebSocket server; `script` runs with each connection, `answers` are HTTP statuses for the next requests."""

    script: Script = be_ready
    accept_after_s: float = 0.0
    answers: list[int] = field(default_factory=list)
    requests: int = 0
    connections: list[Connection] = field(default_factory=list)
    port: int = 0

    tls: bool = False
    """With a certificate that only who has it trusts: CERTIFICATE."""

    @property
    def url(self) -> str:
        return f"ws{'s' * self.tls}://{LOOPBACK}:{self.port}/media"

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.requests += 1
        if self.answers:
            status = self.answers.pop(0)
            return web.Response(status=status, headers={"Location": "/other"} if status in (301, 302, 307) else {})
        await asyncio.sleep(self.accept_after_s)
        ws = web.WebSocketResponse(protocols=("told",), autoping=True)
        await ws.prepare(request)
        connection = Connection(ws, request)
        self.connections.append(connection)
        script = asyncio.ensure_future(self.script(connection))
        try:
            await self._read(connection)
        finally:
            script.cancel()
            await asyncio.gather(script, return_exceptions=True)
            connection.ended.set()
        return ws

    async def _read(self, connection: Connection) -> None:
        async for message in connection.ws:
            if message.type is WSMsgType.BINARY:
                connection.heard.append(message.data)
            elif message.type is WSMsgType.TEXT:
                connection.told.append(json.loads(message.data) if message.data.startswith("{") else {})
        connection.close_code = connection.ws.close_code


@asynccontextmanager
async def serving(engine: Engine) -> AsyncIterator[Engine]:
    app = web.Application()
    app.router.add_get("/media", engine.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    context = None
    if engine.tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(CERTIFICATE, CERTIFICATE.with_name("loopback_key.pem"))
    site = web.TCPSite(runner, LOOPBACK, 0, ssl_context=context)
    await site.start()
    assert runner.addresses
    engine.port = runner.addresses[0][1]
    try:
        yield engine
    finally:
        await runner.cleanup()
