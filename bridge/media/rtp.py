"""[sans-IO] RTP on bytes: the fixed header, what is not RTP, and what a receiver counts (RFC 3550)."""

import math
import struct
from collections.abc import Callable
from typing import Any

#: Bytes of the fixed header (RFC 3550 section 5.1).
HEADER_SIZE = 12
#: The longest datagram taken for RTP: what fits an Ethernet frame.
MAX_DATAGRAM = 1500
#: Samples a second of both codecs and of telephone-event.
CLOCK_RATE = 8000
#: What all streams of ours are cut into.
PACKET_MS = 20
SAMPLES_PER_PACKET = CLOCK_RATE * PACKET_MS // 1000

_HEADER = struct.Struct("!BBHII")
_EXTENSION = struct.Struct("!HH")
_VERSION_2 = 0x80
_PADDING = 0x20
_EXTENDED = 0x10
_MARKER = 0x80

#: The four words of a header: both first bytes as one number, sequence number, timestamp, SSRC.
unpack_header: Callable[[bytes], tuple[Any, ...]] = struct.Struct("!HHII").unpack_from

#: What `payload_type` says of a datagram that is no RTP.
NOT_RTP = 255


def _payload_type(first: int, second: int) -> int:
    """What the first two bytes say: the payload type, or NOT_RTP.

    STUN begins with two zero bits (RFC 7983), so the version tells. RTCP that was sent to the same port has 192 to 223
    in the second byte (RFC 5761 section 4).
    """
    return NOT_RTP if first & 0xC0 != _VERSION_2 or 192 <= second <= 223 else second & 0x7F


#: Payload type by the number that the first two bytes make: one look-up a packet.
_PAYLOAD_TYPES = bytes(_payload_type(word >> 8, word & 0xFF) for word in range(65536))


def payload_type(datagram: bytes) -> int:
    """The payload type of an RTP packet; NOT_RTP for what is too short, too long, RTCP, STUN or anything else."""
    if not HEADER_SIZE <= len(datagram) <= MAX_DATAGRAM:
        return NOT_RTP
    return _PAYLOAD_TYPES[datagram[0] << 8 | datagram[1]]


def build(kind: int, marker: bool, sequence: int, timestamp: int, ssrc: int, body: bytes) -> bytes:
    """A packet of this payload type, without CSRC list, extension and padding."""
    return _HEADER.pack(_VERSION_2, kind | _MARKER if marker else kind, sequence, timestamp, ssrc) + body


def payload(datagram: bytes) -> bytes:
    """What follows header, CSRC list and extension, without padding; b"" when the lengths do not add up."""
    first = datagram[0]
    start, end = HEADER_SIZE + 4 * (first & 0x0F), len(datagram)
    if first & _EXTENDED:
        if start + 4 > end:
            return b""
        start += 4 + 4 * _EXTENSION.unpack_from(datagram, start)[1]
    if first & _PADDING:
        end -= datagram[-1]
    return datagram[start:end] if start < end else b""


def sequence_gap(earlier: int, later: int) -> int:
    """How far a sequence number is ahead of another, over the wrap: -32768 to 32767."""
    return ((later - earlier + 0x8000) & 0xFFFF) - 0x8000


def timestamp_gap(earlier: int, later: int) -> int:
    """How far a timestamp is ahead of another, over the wrap: -2**31 to 2**31-1."""
    return ((later - earlier + 0x80000000) & 0xFFFFFFFF) - 0x80000000


class Reception:
    """What one side's packets say about the way they came: received, lost, jitter.

    A new SSRC or a jump in the sequence begins a new count on top of the old one: a speech engine that restarts its
    stream has lost nothing.
    """

    #: A jump ahead by more is a restart, not loss (RFC 3550 appendix A.1).
    MAX_DROPOUT = 3000
    #: A packet that is behind by no more is late, not a restart (RFC 3550 appendix A.1).
    MAX_MISORDER = 100

    #: How much one packet weighs in the jitter (RFC 3550 appendix A.8), and one that stands for some before it.
    WEIGHT, SAMPLE_WEIGHT = 1 / 16, 1 / 8

    __slots__ = ("_jitter", "_missing", "_next", "_ssrc", "_transit", "_weight", "received", "telephone_event")

    def __init__(self) -> None:
        self.received = 0
        #: The payload type that does not count for jitter: an event's timestamp is that of the key's start.
        self.telephone_event: int | None = None
        self._missing = 0
        self._next = self._ssrc = -1
        self._transit = math.inf  # of the packet before; infinite where a stream begins, so that it is no jitter
        self._jitter = 0.0
        self._weight = self.WEIGHT

    def take(self, datagram: bytes, now: float) -> int:
        """Count a packet that arrived at `now` (seconds, monotonic); its payload type, NOT_RTP if it is none."""
        if not HEADER_SIZE <= len(datagram) <= MAX_DATAGRAM:
            return NOT_RTP
        word, sequence, timestamp, ssrc = unpack_header(datagram)
        kind: int = _PAYLOAD_TYPES[word]
        if kind == NOT_RTP:
            return NOT_RTP
        self.received += 1
        if sequence != self._next or ssrc != self._ssrc:
            self._out_of_order(sequence, ssrc)
        else:
            self._next = (sequence + 1) & 0xFFFF
        if kind != self.telephone_event:
            # RFC 3550 appendix A.8. More than a second is a timestamp that jumped or wrapped, not jitter.
            transit = now * CLOCK_RATE - timestamp
            change = abs(transit - self._transit)
            self._transit = transit
            if change < CLOCK_RATE:
                self._jitter += (change - self._jitter) * self._weight
            self._weight = self.WEIGHT
        return kind

    def pass_over(self, passed: int) -> None:
        """So many packets came that nobody read; the next one that is read tells whether that is all there were."""
        self.received += passed
        self._next = (self._next + passed) & 0xFFFF
        self._weight = self.SAMPLE_WEIGHT

    def _out_of_order(self, sequence: int, ssrc: int) -> None:
        gap = sequence_gap(self._next, sequence)
        if ssrc == self._ssrc and -self.MAX_MISORDER <= gap < 0:
            self._missing -= 1  # late, so it was counted as missing; or it came twice
            return
        if ssrc == self._ssrc and 0 < gap <= self.MAX_DROPOUT:
            self._missing += gap
        else:
            self._transit = math.inf
        self._ssrc = ssrc
        self._next = (sequence + 1) & 0xFFFF

    @property
    def lost(self) -> int:
        """Packets expected and not received; never below 0, though duplicates can hide a loss (RFC 3550 A.3)."""
        return max(self._missing, 0)

    @property
    def jitter_ms(self) -> float:
        """Interarrival jitter as it stands (RFC 3550 section 6.4.1)."""
        return self._jitter * 1000 / CLOCK_RATE
