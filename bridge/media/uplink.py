"""[sans-IO] The customer's RTP as an engine by WebSocket hears it: 20 ms of µ-law at a time, without holes."""

import math
from collections.abc import Callable

from bridge.media.g711 import ALAW_TO_ULAW, FRAME, ULAW_SILENCE
from bridge.media.rtp import CLOCK_RATE, HEADER_SIZE, PACKET_MS, payload, sequence_gap, unpack_header
from sip.messages import Codec

#: Nothing came for so long, or as much longer as packets are longer than 20 ms: silence is said instead. Jitter of
#: less adds nothing.
GAP_S = 0.06
_FRAME_S = PACKET_MS / 1000
#: A sender may be ahead of the time by so much before it does not count: its clock may be faster than ours.
_AHEAD_S = 0.1
#: Frames of silence said at once, for the gap itself; after a longer standstill of this process the rest is lost.
_MAX_AT_ONCE = 5
#: A packet that is behind the next one by no more is late or a repetition; by more, the sender began anew (RFC 3550
#: appendix A.1).
_MAX_LATE = 100
_PCMU, _PCMA = Codec.PCMU.payload_type, Codec.PCMA.payload_type
#: The first byte of a packet whose header is the fixed one: no padding, extension or CSRC list.
_PLAIN = 0x80


class Uplink:
    """Gives every 20 ms of the customer to `hear(frame, now)` as soon as they are here.

    Packets may have any length. Late and repeated ones are left out, and so is what is no audio: comfort noise and
    keys. Where nothing comes, silence is said at the ticks, as much as time has passed: an engine finds the end of
    what the customer says in the silence after it.
    """

    __slots__ = ("_hear", "_next", "_patient_until", "_rest", "_said_until", "_ssrc")

    def __init__(self, hear: Callable[[bytes, float], None]) -> None:
        self._hear = hear
        #: The stream, and the sequence number of its next packet.
        self._ssrc = self._next = -1
        self._rest = b""
        #: When silence is said if nothing comes.
        self._patient_until = -math.inf
        #: All time before this has been given to the engine, as audio or silence.
        self._said_until = -math.inf

    def packet(self, datagram: bytes, kind: int, now: float) -> None:
        """An RTP packet of this payload type."""
        if kind != _PCMU and kind != _PCMA:
            return
        _, sequence, _, ssrc = unpack_header(datagram)
        if ssrc == self._ssrc and sequence != self._next and -_MAX_LATE <= sequence_gap(self._next, sequence) < 0:
            return
        self._ssrc, self._next = ssrc, (sequence + 1) & 0xFFFF
        audio = datagram[HEADER_SIZE:] if datagram[0] == _PLAIN else payload(datagram)
        if kind == _PCMA:
            audio = audio.translate(ALAW_TO_ULAW)
        if len(audio) == FRAME and not self._rest:
            self._patient_until, frames = now + GAP_S, 1
            self._hear(audio, now)
        else:
            self._patient_until = now + GAP_S + max(len(audio) / CLOCK_RATE - _FRAME_S, 0)
            frames = self._cut(audio, now)
        said_until = self._said_until + frames * _FRAME_S
        self._said_until = now if said_until < now else min(said_until, now + _AHEAD_S)

    def _cut(self, audio: bytes, now: float) -> int:
        audio = self._rest + audio
        frames = len(audio) // FRAME
        self._rest = audio[frames * FRAME :]
        for place in range(0, frames * FRAME, FRAME):
            self._hear(audio[place : place + FRAME], now)
        return frames

    def tick(self, now: float) -> None:
        """20 ms have passed: say silence where nothing came."""
        if now <= self._patient_until:
            return
        if self._rest:
            frame, self._rest = self._rest + ULAW_SILENCE[len(self._rest) :], b""
            self._hear(frame, now)
            self._said_until += _FRAME_S
        # Half a frame, because ticks come a little early or late.
        due = (now - self._said_until) / _FRAME_S + 0.5
        if due > _MAX_AT_ONCE:
            due, self._said_until = 1, now - _FRAME_S
        for _ in range(int(due)):
            self._said_until += _FRAME_S
            self._hear(ULAW_SILENCE, now)
