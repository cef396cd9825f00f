"""A real media process with one call, between a customer on RTP and a simulated bot that is reached by WebSocket."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from bridge.call_facts import CallFacts
from bridge.dialects.section import DialectSection
from bridge.media.messages import SessionClosed, Side
from bridge.media.stream_messages import (
    AnswerStream,
    DefineEngine,
    StartStream,
    StopStream,
    StreamEnded,
    StreamEvent,
    StreamNote,
    StreamReady,
)
from bridge.simulator.stream_bot import StreamBotRecord
from bridge.simulator.stream_bot_server import StreamBotServer, StreamCallT
from sip.messages import Codec
from tests.integration.media_bench import LIMIT_S, Bench, remote, until
from tests.integration.rtp_customer import Customer

CALL = "0123456789abcdef0123"
FACTS = CallFacts(CALL, "8990000001", "+15550100", "J. Doe", "t-1", "s-1", "1001")

Wanted = TypeVar("Wanted", bound=StreamEvent)


@dataclass(frozen=True)
class DefinedEngine:
    """The engine as the settings have it, but for its URL."""

    kind: str
    section: type[DialectSection]
    secret: str
    outcomes: tuple[str, ...] = ("paid",)
    table: Mapping[str, object] = field(default_factory=dict)
    """Further settings of its table."""

    def define(self, url: str, table: Mapping[str, object]) -> DefineEngine:
        """What the media process is told; `table` are still more settings."""
        section = self.section.model_validate({"kind": self.kind, "url": url, **self.table, **table})
        return DefineEngine(
            "engine", self.kind, section.model_dump_json(), self.secret, self.outcomes, ("collections",)
        )


class StreamStage(Generic[StreamCallT]):
    """One call of a media process to one bot, which is not reached yet."""

    def __init__(
        self, bench: Bench, bot: StreamBotServer[StreamCallT], engine: DefinedEngine, codec: Codec = Codec.PCMU
    ) -> None:
        self.media, self.bot = bench.media, bot
        self.customer = Customer()
        bench.peers.append(self.customer)
        self._bench, self._engine, self._codec = bench, engine, codec

    @property
    def record(self) -> StreamBotRecord:
        """The first connection as the bot saw it."""
        return self.bot.calls[0]

    async def start(self, **table: object) -> None:
        """Open the audio and connect the engine, with these further settings."""
        self.media.define_engine(self._engine.define(self.bot.url, table))
        self.customer.port = (await self.media.open(CALL, self._codec)).customer_port
        self.media.set_remote(remote(CALL, Side.CUSTOMER, self.customer, self._codec))
        assert self.media.stream(StartStream(CALL, 1, "engine", FACTS))

    async def answer(self, **table: object) -> None:
        """Start, and answer the customer once the engine can talk."""
        await self.start(**table)
        await self.event(StreamReady)
        self.answer_now()

    def answer_now(self) -> None:
        """The customer is on the line."""
        self.media.stream(AnswerStream(CALL, 1))

    async def hang_up(self) -> StreamEnded:
        """The customer hangs up; the bot has seen it too."""
        self.media.stream(StopStream(CALL, 1, "customer_hung_up"))
        async with asyncio.timeout(LIMIT_S):
            await self.bot.wait_over(0)
        return await self.event(StreamEnded)

    async def close(self) -> SessionClosed:
        """Close the audio; what was counted."""
        return await self.media.close(CALL)

    async def event(self, kind: type[Wanted], number: int = 0) -> Wanted:
        """Wait for the event of this kind with this number, from 0."""
        await until(lambda: len(self.events(kind)) > number)
        return self.events(kind)[number]

    def events(self, kind: type[Wanted]) -> list[Wanted]:
        """All of this kind so far."""
        return [event for event in self._bench.events if isinstance(event, kind)]

    def notes(self, what: str) -> list[str]:
        """The facts of these notes, JSON."""
        return [note.facts for note in self.events(StreamNote) if note.what == what]
