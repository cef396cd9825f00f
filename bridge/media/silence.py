"""[sans-IO] The stream that is ours: words or silence, and keys played into it, with its own numbers."""

from dataclasses import dataclass

from bridge.media.rtp import SAMPLES_PER_PACKET, build
from sip.messages import Codec

#: 20 ms of the code word for a zero sample (ITU-T G.711).
_SILENCE = {Codec.PCMU: b"\xff" * SAMPLES_PER_PACKET, Codec.PCMA: b"\xd5" * SAMPLES_PER_PACKET}


@dataclass(slots=True)
class OwnStream:
    """RTP packets numbered by us, at most one a tick of 20 ms.

    The sequence counts packets. The timestamp counts time: it is the tick's number in samples, so it also advances
    over pauses in which a relayed stream is heard, as RFC 3550 section 5.1 wants of a sender that falls silent.
    """

    ssrc: int
    sequence: int
    """Of the next packet."""
    offset: int
    """Timestamp of tick 0."""
    _last_tick: int = -2

    def silence(self, tick: int, codec: Codec) -> bytes:
        """20 ms of silence; the marker bit begins each spurt (RFC 3551 section 4.1)."""
        return self.audio(tick, codec, _SILENCE[codec])

    def audio(self, tick: int, codec: Codec, frame: bytes, begins: bool = False) -> bytes:
        """20 ms of audio in that codec; the marker bit is set when words begin, or something after nothing was sent."""
        marker = begins or tick != self._last_tick + 1
        return self._packet(tick, codec.payload_type, marker, tick, frame)

    def event(self, tick: int, payload_type: int, marker: bool, start_tick: int, payload: bytes) -> bytes:
        """A telephone-event of the key that began at `start_tick`."""
        return self._packet(tick, payload_type, marker, start_tick, payload)

    def _packet(self, tick: int, payload_type: int, marker: bool, time_tick: int, payload: bytes) -> bytes:
        sequence, self.sequence = self.sequence, (self.sequence + 1) & 0xFFFF
        self._last_tick = tick
        timestamp = (self.offset + time_tick * SAMPLES_PER_PACKET) & 0xFFFFFFFF
        return build(payload_type, marker, sequence, timestamp, self.ssrc, payload)
