"""[sans-IO] What an end hears: packets, gaps, loss, speech, recognised recordings, keys."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from bridge.simulator.errors import InvalidDatagram
from bridge.simulator.rtp_packet import KeyEvent, RtpPacket
from bridge.simulator.speech import is_speech, known_frames
from sip.messages import Codec

_CODECS = {codec.payload_type: codec for codec in Codec}


@dataclass
class SourceStatistics:
    """One synchronisation source's packets (RFC 3550 appendix A.3, without its probation)."""

    first: int
    """Extended sequence number of the first packet."""
    highest: int
    received: int = 0
    seen: set[int] = field(default_factory=set, repr=False)
    """The last extended numbers, to tell duplicates."""

    @property
    def lost(self) -> int:
        """Packets between the lowest and the highest number that never came."""
        return self.highest - self.first + 1 - self.received


@dataclass
class Reception:
    """Everything that arrived on one RTP socket."""

    recordings: tuple[str, ...] = ()
    """The recordings to listen for."""
    received: int = 0
    duplicates: int = 0
    invalid: int = 0
    """Datagrams that were not RTP, or of a payload type we do not speak."""
    first_at: float | None = None
    """When the first packet came, on the caller's clock."""
    last_at: float | None = None
    largest_gap_s: float = 0.0
    first_speech_at: float | None = None
    speech_frames: int = 0
    silent_frames: int = 0
    recognised: dict[str, int] = field(default_factory=dict)
    """Frames that are, byte for byte, of a recording."""
    digits: str = ""
    sources: dict[int, SourceStatistics] = field(default_factory=dict)
    """By SSRC, in order of appearance; since the last hold."""
    _event: tuple[int, int] | None = field(default=None, repr=False)
    _lost_before: int = field(default=0, repr=False)

    @property
    def lost(self) -> int:
        """Packets missing by sequence number, over all sources; what was held back while we were on hold is not."""
        return self._lost_before + sum(source.lost for source in self.sources.values())

    def resume(self) -> None:
        """Audio was, or will be, interrupted by agreement: a jump in the sequence numbers is no loss now."""
        self._lost_before = self.lost
        self.sources.clear()
        self.last_at = None

    def take(self, datagram: bytes, telephone_event: int | None, now: float) -> tuple[RtpPacket | None, str]:
        """Count a datagram; returns the audio packet it was, or None, and the key that it newly reports, or ""."""
        try:
            packet = RtpPacket.parse(datagram)
            codec = _CODECS.get(packet.payload_type)
            event = None if codec or packet.payload_type != telephone_event else KeyEvent.parse(packet.payload)
        except InvalidDatagram:
            self.invalid += 1
            return None, ""
        if codec is None and event is None:
            self.invalid += 1
            return None, ""
        if not self._count(packet, now):
            return None, ""
        if event is not None:
            return None, self._take_event(event, packet)
        assert codec is not None
        self._listen(packet.payload, codec, now)
        return packet, ""

    def summary(self) -> Mapping[str, object]:
        """The figures as plain values, for a log line or a table."""
        return {
            "received": self.received,
            "lost": self.lost,
            "duplicates": self.duplicates,
            "largest_gap_ms": round(self.largest_gap_s * 1000),
            "speech_frames": self.speech_frames,
            "recognised": dict(self.recognised),
            "digits": self.digits,
        }

    def _count(self, packet: RtpPacket, now: float) -> bool:
        source = self.sources.get(packet.ssrc)
        if source is None:
            source = self.sources[packet.ssrc] = SourceStatistics(packet.sequence, packet.sequence - 1)
        # The extended number nearest to the highest so far: survives the wrap at 65536.
        extended = source.highest + ((packet.sequence - source.highest + 0x8000) % 0x10000 - 0x8000)
        if extended in source.seen:
            self.duplicates += 1
            return False
        source.seen.add(extended)
        if len(source.seen) > 2000:
            source.seen = {number for number in source.seen if number > source.highest - 1000}
        source.first = min(source.first, extended)
        source.highest = max(source.highest, extended)
        source.received += 1
        self.received += 1
        if self.last_at is not None:
            self.largest_gap_s = max(self.largest_gap_s, now - self.last_at)
        self.first_at = now if self.first_at is None else self.first_at
        self.last_at = now
        return True

    def _take_event(self, event: KeyEvent, packet: RtpPacket) -> str:
        # All packets of one key press share a timestamp; the first to come reports it.
        if self._event == (packet.ssrc, packet.timestamp):
            return ""
        self._event = (packet.ssrc, packet.timestamp)
        self.digits += event.key
        return event.key

    def _listen(self, payload: bytes, codec: Codec, now: float) -> None:
        for name in self.recordings:
            if payload in known_frames(name, codec):
                self.recognised[name] = self.recognised.get(name, 0) + 1
        if is_speech(payload, codec):
            self.speech_frames += 1
            self.first_speech_at = now if self.first_speech_at is None else self.first_speech_at
        else:
            self.silent_frames += 1
