"""A session driven in virtual time, with two sides that can be made to speak."""

import random
import struct
from dataclasses import dataclass, field, replace

from bridge.media.messages import (
    Event,
    Follow,
    SendDigits,
    SetRemote,
    Side,
)
from bridge.media.party import Party
from bridge.media.rtp import build, payload, unpack_header
from bridge.media.session import Session
from sip.messages import Codec

CUSTOMER = ("192.0.2.1", 4000)
ENGINE = ("192.0.2.2", 5000)
STRANGER = ("198.51.100.1", 4000)
ADDRESSES = {Side.CUSTOMER: CUSTOMER, Side.ENGINE: ENGINE}
SILENT_PCMU, SILENT_PCMA = b"\xff" * 160, b"\xd5" * 160


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
class Call:
    """A session driven as the relay does it, 20 ms a tick, with two sides that can be made to speak."""

    follow: Follow = Follow.ADDRESS
    events: list[Event] = field(default_factory=list)
    keys_down: set[Party] = field(default_factory=set)
    heard: dict[Side, list[Sent]] = field(default_factory=lambda: {side: [] for side in Side})
    tick: int = 0
    spoken: dict[Side, int] = field(default_factory=lambda: dict.fromkeys(Side, 0))

    def __post_init__(self) -> None:
        self.session = Session("c1", Codec.PCMU, self.follow, random.Random(1), self.events.append, self.keys_down)

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

    def run(self, ticks: int, *speakers: Side) -> None:
        """Let time pass; the speakers send a packet in each tick."""
        for _ in range(ticks):
            self.tick += 1
            for speaker in speakers:
                self.say(speaker)
            for side in Side:
                packet = self.session.party(side).hearing.tick(self.tick, self.now)
                if packet is not None:
                    self.heard[side].append(Sent(self.tick, packet))
            for party in tuple(self.keys_down):
                party.expire_key(self.now)
            self.session.watch(self.now, 5.0)

    def play(self, side: Side, digits: str) -> None:
        self.session.send_digits(SendDigits("c1", side, digits))


def press(call: Call, side: Side, code: int, timestamp: int, *, ends: int = 3) -> None:
    for place in range(5 + ends):
        flags = 0x80 if place >= 5 else 0
        event = struct.pack("!BBH", code, flags | 10, min(place + 1, 6) * 160)
        call.say(side, datagram=build(101, place == 0, 900 + place, timestamp, 77, event))
