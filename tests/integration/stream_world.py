"""Streams with the audio of real calls in this process, for engines that do what a test wants."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

from bridge.call_facts import CallFacts
from bridge.media.g711 import ULAW_TO_ALAW
from bridge.media.messages import (
    AudioCommand,
    CloseSession,
    DeadAir,
    Event,
    MediaSettings,
    OpenSession,
    SessionClosed,
    SessionOpened,
    Side,
)
from bridge.media.relay import Relay
from bridge.media.rtp import build, payload
from bridge.media.stream_messages import (
    AnswerStream,
    DefineEngine,
    StartStream,
    StopStream,
    StreamEvent,
    StreamNote,
    StreamReady,
)
from bridge.media.stream_world import Patience
from bridge.media.streams import Streams
from bridge.media.ticker import Ticker
from sip.messages import Codec
from tests.integration.media_bench import Peer, remote, settings, until
from tests.integration.told_engine import KINDS, VOICE, Connection, Engine, ToldSection

VOICE_ALAW = VOICE.translate(ULAW_TO_ALAW)
_PATIENCE = Patience()


def facts(call: str) -> CallFacts:
    return CallFacts(call, "8990000001", "+15550001111", "Ann", "t1", "s1", "1001")


class World:
    """Calls and their streams; `events` are what the bridge is told."""

    def __init__(self, chosen: MediaSettings, patience: Patience) -> None:
        self.events: list[Event] = []
        self.relay = Relay(chosen, self._report)
        self.streams = Streams(self.relay.session, self.relay.press, self.events.append, KINDS, patience)
        self.ticker = Ticker(self.relay)
        self.relay.on_voice = self.ticker.wake
        self.peers: list[Peer] = []

    def _report(self, event: Event) -> None:
        self.events.append(event)
        if isinstance(event, DeadAir):
            self.streams.dead_air(event)

    def define(self, engine: Engine, name: str = "bot", **changes: Any) -> None:
        section = ToldSection(url=engine.url).model_copy(update=changes)
        self.streams.define(DefineEngine(name, "told", section.model_dump_json(), "hush", ("paid",), ("people",)))

    def call(self, name: str = "c1", codec: Codec = Codec.PCMU) -> "Call":
        self.relay.obey(OpenSession(name, codec))
        self.ticker.wake()
        opened = self.events[-1]
        assert isinstance(opened, SessionOpened)
        peer = Peer()
        self.peers.append(peer)
        self.relay.obey(remote(name, Side.CUSTOMER, peer, codec))
        return Call(self, name, peer, opened.customer_port)

    def obey(self, command: AudioCommand) -> None:
        self.relay.obey(command)

    def close(self, call: str) -> None:
        """As the media process does it."""
        self.streams.close(call)
        self.relay.obey(CloseSession(call))

    async def stop(self) -> None:
        self.ticker.stop()
        await self.streams.stop()
        asyncio.get_running_loop().remove_reader(self.relay.poll.fileno())
        self.relay.close()
        for peer in self.peers:
            peer.close()


@dataclass
class Call:
    """One call of the world, with its customer."""

    world: World
    name: str
    customer: Peer
    port: int
    sequence: int = 0
    stream: int = 0

    def start(self, engine: str = "bot") -> None:
        self.stream += 1
        self.world.streams.obey(StartStream(self.name, self.stream, engine, facts(self.name)))

    def answer(self) -> None:
        self.world.streams.obey(AnswerStream(self.name, self.stream))

    def stop(self, fate: str = "customer_hung_up") -> None:
        self.world.streams.obey(StopStream(self.name, self.stream, fate))

    def speak(self, audio: bytes = VOICE) -> None:
        """The customer says 20 ms."""
        self.sequence += 1
        datagram = build(0, False, self.sequence & 0xFFFF, self.sequence * 160, 77, audio)
        self.customer.send(datagram, self.port)

    def events(self, *kinds: type) -> list[Any]:
        """What the bridge was told of this call's streams, of these kinds or all but notes."""
        found = [event for event in self.world.events if isinstance(event, StreamEvent) and event.call == self.name]
        wanted = kinds or tuple({type(event) for event in found} - {StreamNote})
        return [event for event in found if isinstance(event, wanted)]

    def notes(self) -> list[str]:
        return [event.what for event in self.events(StreamNote)]

    def heard(self) -> int:
        """How many packets of the engine's voice the customer was sent."""
        return len(self.engine_packets())

    def engine_packets(self) -> list[bytes]:
        """The customer's packets with the engine's voice, whatever the codec: no silence, and no prompt."""
        return [packet for packet in self.customer.heard if payload(packet) in (VOICE, VOICE_ALAW)]

    def prompt_packets(self) -> int:
        """How many packets are neither the engine's voice nor silence."""
        silence = (b"\xff" * 160, b"\xd5" * 160)
        return sum(payload(packet) not in (VOICE, VOICE_ALAW, *silence) for packet in self.customer.heard)

    def closed(self) -> SessionClosed:
        """What was counted."""
        (found,) = [each for each in self.world.events if isinstance(each, SessionClosed) and each.call == self.name]
        return found


@asynccontextmanager
async def world(patience: Patience = _PATIENCE, calls: int = 10, **changes: Any) -> AsyncIterator[World]:
    made = World(replace(settings(4 * calls + 8), **changes), patience)
    asyncio.get_running_loop().add_reader(made.relay.poll.fileno(), made.relay.poll.drain)
    try:
        yield made
    finally:
        await made.stop()


async def talking(made: World, engine: Engine, name: str = "c1") -> tuple[Call, Connection]:
    """A call whose engine is ready and whose customer is on the line."""
    before = len(engine.connections)
    call = made.call(name)
    call.start()
    await until(lambda: call.events(StreamReady))
    call.answer()
    connection = engine.connections[before]
    await until(lambda: connection.values("answered"))
    return call, connection
