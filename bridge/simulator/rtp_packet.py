"""[sans-IO] RTP packets and RFC 4733 events as the simulator writes and reads them (RFC 3550 section 5.1)."""

import struct
from dataclasses import dataclass

from bridge.simulator.errors import InvalidDatagram

_HEADER = struct.Struct("!BBHII")
_EVENT = struct.Struct("!BBH")

#: The keys of RFC 4733 events 0 to 15.
KEYS = "0123456789*#ABCD"


@dataclass(frozen=True)
class RtpPacket:
    """One RTP packet; padding, contributing sources and header extension are not kept."""

    payload_type: int
    sequence: int
    timestamp: int
    ssrc: int
    payload: bytes
    marker: bool = False

    @classmethod
    def parse(cls, datagram: bytes) -> "RtpPacket":
        """Read a datagram; raises InvalidDatagram."""
        if len(datagram) < _HEADER.size:
            raise InvalidDatagram("shorter than an RTP header")
        first, second, sequence, timestamp, ssrc = _HEADER.unpack_from(datagram)
        if first >> 6 != 2:
            raise InvalidDatagram("not RTP version 2")
        start = _HEADER.size + 4 * (first & 0x0F)
        if first & 0x10:
            if len(datagram) < start + 4:
                raise InvalidDatagram("the header extension is cut short")
            start += 4 + 4 * int.from_bytes(datagram[start + 2 : start + 4])
        end = len(datagram) - (datagram[-1] if first & 0x20 else 0)
        if start > end or (first & 0x20 and datagram[-1] == 0):
            raise InvalidDatagram("the RTP header says more than the datagram has")
        return cls(second & 0x7F, sequence, timestamp, ssrc, datagram[start:end], bool(second & 0x80))

    def encode(self) -> bytes:
        """The packet as a datagram."""
        second = self.payload_type | (0x80 if self.marker else 0)
        return _HEADER.pack(0x80, second, self.sequence, self.timestamp, self.ssrc) + self.payload


@dataclass(frozen=True)
class KeyEvent:
    """The payload of an RFC 4733 packet."""

    key: str
    duration: int
    """Timestamp units since the event began."""
    ended: bool
    volume: int = 10

    @classmethod
    def parse(cls, payload: bytes) -> "KeyEvent":
        """Read a payload; raises InvalidDatagram for what is no key."""
        if len(payload) < _EVENT.size:
            raise InvalidDatagram("shorter than a telephone event")
        event, flags, duration = _EVENT.unpack_from(payload)
        if event >= len(KEYS):
            raise InvalidDatagram(f"telephone event {event} is no key")
        return cls(KEYS[event], duration, bool(flags & 0x80), flags & 0x3F)

    def encode(self) -> bytes:
        """The payload."""
        return _EVENT.pack(KEYS.index(self.key), self.volume | (0x80 if self.ended else 0), self.duration)
