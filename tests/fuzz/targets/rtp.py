"""Datagrams on an RTP port: what is RTP, keys, what an engine hears of them, and what is counted."""

import math
import struct
from collections.abc import Iterable

from bridge.media.dtmf import KEYS, Key, KeyReader, KeyWriter
from bridge.media.rtp import MAX_DATAGRAM, NOT_RTP, Reception, build, payload, payload_type
from bridge.media.uplink import Uplink
from tests.fuzz.choices import Choices
from tests.fuzz.target import Target

_EVENTS = 101
_KINDS = (0, 8, _EVENTS, 13, 18, 127)
_FRAME = 160


class _Port:
    """All readers that a datagram meets."""

    def __init__(self) -> None:
        self.now = 100.0
        self.frames = 0
        self.rtp = self.datagrams = 0
        self.keys = 0
        self.reception, self.reader, self.uplink = Reception(), KeyReader(), Uplink(self._hear)
        self.reception.telephone_event = _EVENTS

    def take(self, datagram: bytes) -> None:
        """One datagram."""
        kind = self.reception.take(datagram, self.now)
        assert kind == payload_type(datagram)
        self.datagrams += 1
        if kind == NOT_RTP:
            return
        self.rtp += 1
        _, _, timestamp, ssrc = struct.unpack_from("!HHII", datagram)
        body = payload(datagram)
        assert body in datagram and len(body) <= len(datagram) - 12
        if kind == _EVENTS:
            over = self.reader.read(ssrc, timestamp, body, self.now)
            assert len(over) <= 2
            self._count(over)
        self.uplink.packet(datagram, kind, self.now)

    def passes(self, seconds: float) -> None:
        """Time, with a tick every 20 ms."""
        end = self.now + seconds
        while self.now < end:
            self.now += 0.02
            before = self.frames
            self.uplink.tick(self.now)
            assert self.frames - before <= 7
            if self.reader.deadline is not None and self.reader.deadline <= self.now:
                self._count(self.reader.expire(self.now))

    def check(self) -> None:
        """What was counted makes sense."""
        assert self.reception.received == self.rtp <= self.datagrams
        assert self.reception.lost >= 0
        assert math.isfinite(self.reception.jitter_ms) and self.reception.jitter_ms >= 0
        assert self.keys <= self.rtp

    def _hear(self, frame: bytes, now: float) -> None:
        assert len(frame) == _FRAME
        self.frames += 1

    def _count(self, keys: list[Key]) -> None:
        self.keys += len(keys)
        assert all(key.digit in tuple(KEYS) and key.duration_ms >= 0 for key in keys)


def run(data: bytes) -> None:
    """A series of packets, some of them as a phone builds them."""
    choices, port = Choices(data), _Port()
    sequence = timestamp = 0
    for _ in range(200):
        if not choices:
            break
        match choices.below(8):
            case 0:
                port.take(choices.some())
            case 1:
                port.take(choices.some() * 40)
            case 2:
                port.passes(choices.below(256) / 200)
            case 3:
                _keys(choices)
            case _:
                sequence = (sequence + choices.one_of((1, 1, 1, 0, 2, 65_535, 4_000, 65_437))) & 0xFFFF
                timestamp = (timestamp + choices.one_of((160, 160, 0, 1, 80, 2**31, 2**32 - 160))) & 0xFFFFFFFF
                body = choices.piece(choices.one_of((0, 4, 160, 1, 3, 255))) or bytes(160)
                kind, ssrc = choices.one_of(_KINDS), choices.one_of((1, 1, 1, 2))
                port.take(_built(kind, choices.below(2) == 1, sequence, timestamp, ssrc, body))
    port.check()


def _built(kind: int, marker: bool, sequence: int, timestamp: int, ssrc: int, body: bytes) -> bytes:
    """A packet of ours is read as it was written."""
    packet = build(kind, marker, sequence, timestamp, ssrc, body)
    assert payload_type(packet) == kind and payload(packet) == body
    return packet


def _keys(choices: Choices) -> None:
    """Digits that are played are read as the same ones, where every packet arrives."""
    writer, reader = KeyWriter(), KeyReader()
    digits = writer.play(choices.piece(choices.below(24)).decode("latin-1"))
    assert len(digits) <= KeyWriter.MAX_DIGITS
    heard, slot, begin = "", 0, 0
    while writer.active:
        sent = writer.next_slot()
        slot += 1
        if sent is not None:
            begin = slot * 160 if sent.first else begin
            heard += "".join(key.digit for key in reader.read(5, begin, sent.payload, slot * 0.02))
    assert heard == digits


def seeds() -> Iterable[bytes]:
    """A voice, keys, and things that are no RTP."""
    voice = b"\x04\x00\x00\x02" + bytes(range(160)) + b"\x00\x00\x00"
    yield voice * 5
    yield (
        b"\x04\x00\x02\x01\x05\x0a\x03\x20\x02\x00\x00" * 3
        + b"\x04\x01\x02\x01\x05\x8a\x03\x20\x02\x00\x00" * 3
        + b"\x02\xff"
    )
    yield (
        b"\x00\x10\x80\xc8\x00\x01" + bytes(10) + b"\x00\x14\xb3\x00" + bytes(10) + b"\xbe\xde\x00\x01\xff\xff\xff\x08"
    )
    yield b"\x01\x30\x90\x00" + bytes(46) + b"\x03\x10123A*#d+ 5\xc3\xa99"
    yield b"\x00\x10\x00\x01\x00\x00\x21\x12\xa4\x42" + bytes(10) + bytes([0, 1, 0x80])


assert MAX_DATAGRAM < 40 * 255

TARGET = Target(
    run, seeds, (b"\x80\x00", b"\x80\x08", b"\x80\x65", b"\xb0\x65", b"\x90\x80", b"\xa0\x00", b"\x05\x8a\x03\x20")
)
