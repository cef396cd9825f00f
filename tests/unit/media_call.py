"""A session driven in virtual time, with two sides that can be made to speak."""

import random
import struct
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from bridge.media.exchange import Exchange
from bridge.media.g711 import encode_ulaw
from bridge.media.messages import (
    Event,
    Follow,
    Prompt,
    SendDigits,
    SetRemote,
    Side,
)
from bridge.media.party import Party
from bridge.media.rtp import build, payload, unpack_header
from bridge.media.session import Session
from bridge.media.statistics import PlayoutStatistics
from sip.messages import Codec

CUSTOMER = ("192.0.2.1", 4000)
ENGINE = ("192.0.2.2", 5000)
STRANGER = ("198.51.100.1", 4000)
ADDRESSES = {Side.CUSTOMER: CUSTOMER, Side.ENGINE: ENGINE}
WAIT_PROMPT = bytes(range(100)) * 5
SILENT_PCMU, SILENT_PCMA = b"\xff" * 160, b"\xd5" * 160

LOUD = encode_ulaw([9000, -9000] * 80)
QUIET = b"\xff" * 160


def words(frames: int) -> bytes:
    """Loud audio, each 20 ms of it different."""
    return b"".join(LOUD[:150] + struct.pack("!HQ", number, 0x1010101010101010) for number in range(frames))


def frames_of(audio: bytes) -> list[bytes]:
    """Cut into 20 ms."""
    return [audio[at : at + 160] for at in range(0, len(audio), 160)]


@dataclass(frozen=True)
class Sent:
    """A packet one side was sent, and when."""

    tick: int
    packet: bytes

    @property
    def kind(self) -> int:
        return self.packet[1] & 0x7F

    @property
    def marker(self) -> bool:
        return bool(self.packet[1] & 0x80)

    @property
    def sequence(self) -> int:
        return int(unpack_header(self.packet)[1])

    @property
    def timestamp(self) -> int:
        return int(unpack_header(self.packet)[2])

    @property
    def ssrc(self) -> int:
        return int(unpack_header(self.packet)[3])

    @property
    def payload(self) -> bytes:
        return payload(self.packet)


@dataclass
class Engine:
    """An engine by WebSocket that remembers what it is told."""

    heard: list[bytes] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    marks: list[tuple[str, float]] = field(default_factory=list)
    on_mark: Callable[[str], None] = lambda name: None

    def hear(self, audio: bytes, now: float) -> None:
        self.heard.append(audio)

    def key(self, digit: str, now: float) -> None:
        self.keys.append(digit)

    def mark_played(self, name: str, now: float) -> None:
        self.marks.append((name, round(now, 3)))
        self.on_mark(name)


@dataclass
class Call:
    """A session driven as the relay does it, 20 ms a tick, with two sides that can be made to speak."""

    follow: Follow = Follow.ADDRESS
    events: list[Event] = field(default_factory=list)
    keys_down: set[Party] = field(default_factory=set)
    heard: dict[Side, list[Sent]] = field(default_factory=lambda: {side: [] for side in Side})
    tick: int = 0
    dead_air_s: float = 0.0
    spoken: dict[Side, int] = field(default_factory=lambda: dict.fromkeys(Side, 0))

    def __post_init__(self) -> None:
        self.exchange = Exchange(
            self.follow,
            random.Random(1),
            self.events.append,
            lambda session: None,
            self.keys_down,
            dead_air_s=self.dead_air_s,
            prompts={Prompt.WAIT: WAIT_PROMPT},
        )
        self.session = Session("c1", Codec.PCMU, self.exchange)

    @property
    def now(self) -> float:
        return self.tick * 0.02

    def agree(self, *sides: Side, **changes: object) -> None:
        for side in sides or Side:
            address, port = ADDRESSES[side]
            remote = SetRemote("c1", side, address, port, Codec.PCMU, 101, send=True, receive=True)
            self.session.set_remote(replace(remote, **changes), self.now)  # type: ignore[arg-type]

    def say(self, side: Side, *, source: tuple[str, int] | None = None, datagram: bytes | None = None) -> bytes:
        """One side sends a packet now; returns it."""
        self.spoken[side] += 1
        if datagram is None:
            datagram = build(0, False, self.spoken[side] & 0xFFFF, self.spoken[side] * 160, 77, b"\x55" * 160)
        onward = self.session.party(side).datagram(datagram, source or ADDRESSES[side], self.now)
        if onward is not None:
            other = Side.ENGINE if side is Side.CUSTOMER else Side.CUSTOMER
            self.heard[other].append(Sent(self.tick, onward))
        return datagram

    def passes_unread(self, side: Side) -> bool:
        """What this side says next goes to the other one without being read."""
        return self.session.party(side).lane.left > 0

    def stall(self, ticks: int) -> None:
        """The process stands still, and then does what it has missed."""
        self.tick += ticks
        packets = self.session.tick(self.tick, ticks - 1, self.now)
        self.session.departed(self.now, ticks - 1, len(packets), self.now)
        self.heard[Side.CUSTOMER] += [Sent(self.tick, packet) for packet in packets]

    def run(self, ticks: int, *speakers: Side) -> None:
        """Let time pass; the speakers send a packet in each tick."""
        for _ in range(ticks):
            self.tick += 1
            for speaker in speakers:
                self.say(speaker)
            if self.session.voiced:
                packets = self.session.tick(self.tick, 0, self.now)
                self.session.departed(self.now, 0, len(packets), self.now)
                self.heard[Side.CUSTOMER] += [Sent(self.tick, packet) for packet in packets]
            for side in Side:
                packet = self.session.party(side).hearing.tick(self.tick, self.now)
                if packet is not None:
                    self.heard[side].append(Sent(self.tick, packet))
            for party in tuple(self.keys_down):
                party.expire_key(self.now)
            self.session.watch(self.now, 5.0)

    def stream(self) -> Engine:
        """The customer is on the line with an engine by WebSocket."""
        self.agree(Side.CUSTOMER)
        engine = Engine()
        self.session.attach(engine, self.now)
        self.session.answered(self.now)
        return engine

    def heard_since(self, tick: int) -> list[bytes]:
        """What the customer was sent after this tick, without headers."""
        return [sent.payload for sent in self.heard[Side.CUSTOMER] if sent.tick > tick]

    def play(self, side: Side, digits: str) -> None:
        self.session.send_digits(SendDigits("c1", side, digits), self.now)


def press(call: Call, side: Side, code: int, timestamp: int, *, ends: int = 3) -> None:
    for place in range(5 + ends):
        flags = 0x80 if place >= 5 else 0
        event = struct.pack("!BBH", code, flags | 10, min(place + 1, 6) * 160)
        call.say(side, datagram=build(101, place == 0, 900 + place, timestamp, 77, event))


def playout(call: Call) -> PlayoutStatistics:
    """What was counted of its engines by WebSocket."""
    counted = call.session.closed().playout
    assert counted is not None
    return counted
