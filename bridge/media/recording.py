"""[sans-IO] The audio of one call in step with the clock: the customer's beside the bot's, and gaps as silence."""

from bridge.media.g711 import ALAW_TO_ULAW, ULAW_TO_ALAW
from bridge.media.rtp import HEADER_SIZE, payload, timestamp_gap, unpack_header
from bridge.media.wav import RATE, SILENCE
from sip.messages import Codec

#: The first byte of a packet without padding, extension and CSRC list.
_PLAIN = 0x80
#: What comes later than this after its time is left out: a block has been written by then. Half a second.
WINDOW = RATE // 2
#: A packet so far from the time it came at begins a stream anew, whatever its timestamp: a second.
_JUMP = RATE
#: One that is so much sooner than its place has shown that the place is wrong; senders of bursts are less so: 200 ms.
_TOO_SOON = RATE // 5
#: After so many packets, a second of them, a stream is moved that lies wrong by more than the tolerance, 20 ms.
_PACKETS, _TOLERANCE = 50, RATE // 50

_KINDS = frozenset(codec.payload_type for codec in Codec)
_TO = {Codec.PCMU: ALAW_TO_ULAW, Codec.PCMA: ULAW_TO_ALAW}


class Track:
    """One side. A packet's place is where its timestamp puts it; the clock says where a stream begins.

    Packets come later than they should now and then, and never sooner: so the one that is least late tells where the
    others belong, also when it was not the first one, when the sender's clock is slow or fast, or when it goes on after
    a pause with old timestamps.
    """

    __slots__ = (
        "_audio",
        "_codec",
        "_first",
        "_floor",
        "_kind",
        "_least_late",
        "_place",
        "_seen",
        "_ssrc",
        "_stamp",
        "_started",
    )

    def __init__(self, codec: Codec, started: float, first: int) -> None:
        """Place 0 is at `started`; nothing before `first` is taken."""
        self._codec, self._kind, self._started = codec, codec.payload_type, started
        self._audio = bytearray()
        #: The place of the first byte of `_audio`, and what nothing may come before.
        self._first = self._floor = first
        self._ssrc = -1
        #: The place of a timestamp.
        self._stamp = self._place = 0
        self._least_late, self._seen = _JUMP, 0

    def packet(self, datagram: bytes, kind: int, now: float) -> None:
        """An RTP packet of this payload type; what is no audio is left out, DTMF events (RFC 4733) among it."""
        audio = datagram[HEADER_SIZE:] if datagram[0] == _PLAIN else payload(datagram)
        if kind != self._kind:
            audio = self._converted(audio, kind)
        if not audio:
            return
        _, _, stamp, ssrc = unpack_header(datagram)
        place = self._place + timestamp_gap(self._stamp, stamp)
        late = int((now - self._started) * RATE + 0.5) - place
        if ssrc != self._ssrc or not -_TOO_SOON <= late <= _JUMP:
            place += late
            late, self._ssrc = 0, ssrc
            self._least_late, self._seen = _JUMP, 0
        if late < self._least_late:
            self._least_late = late
        self._seen += 1
        if self._seen >= _PACKETS:
            place += self._shift()
        self._stamp, self._place = stamp, place
        if place - self._first == len(self._audio) and place >= self._floor:
            self._audio += audio
        else:
            self._put(place, audio)

    def silence_before(self, now: float) -> None:
        """What belongs to an earlier time is not taken any more."""
        self._floor = max(self._floor, int((now - self._started) * RATE + 0.5))

    @property
    def end(self) -> int:
        """The place after all there is: what came just now goes on for a little while."""
        return self._first + len(self._audio)

    def take(self, end: int) -> bytes:
        """All up to this place; what comes for it later is left out."""
        length = max(end - self._first, 0)
        taken = bytes(self._audio[:length])
        del self._audio[:length]
        self._first += length
        self._floor = max(self._floor, self._first)
        return taken.ljust(length, SILENCE[self._codec])

    def _shift(self) -> int:
        """How far the stream lies wrong, by the packets of the past second; 0 within the tolerance."""
        least_late, self._least_late, self._seen = self._least_late, _JUMP, 0
        return least_late if abs(least_late) > _TOLERANCE else 0

    def _converted(self, audio: bytes, kind: int) -> bytes:
        """From the other law; nothing is left of what is no audio."""
        return audio.translate(_TO[self._codec]) if kind in _KINDS else b""

    def _put(self, place: int, audio: bytes) -> None:
        if place < self._floor:
            audio = audio[self._floor - place :]
            place = self._floor
        at = place - self._first
        if at > len(self._audio):
            self._audio += SILENCE[self._codec] * (at - len(self._audio))
        self._audio[at : at + len(audio)] = audio


class Recording:
    """One call. Times in seconds, monotonic; places in frames since the first one of the file."""

    def __init__(self, codec: Codec, started: float, now: float, *, paused: bool = False) -> None:
        """The file began at `started`; this begins now, which is later if another process began the file."""
        self.paused = paused
        self._codec = codec
        self._started = started
        self._first = self._place(now)
        self._customer = Track(codec, started, self._first)
        self._bot = Track(codec, started, self._first)

    def customer(self, datagram: bytes, kind: int, now: float) -> None:
        """A packet of the customer."""
        if not self.paused:
            self._customer.packet(datagram, kind, now)

    def bot(self, datagram: bytes, kind: int, now: float) -> None:
        """A packet that the customer hears."""
        if not self.paused:
            self._bot.packet(datagram, kind, now)

    def pause(self, paused: bool, now: float) -> None:
        """From the next packet on both sides are silence, or not any more."""
        if self.paused and not paused:
            self._customer.silence_before(now)
            self._bot.silence_before(now)
        self.paused = paused

    def take(self, now: float) -> tuple[int, bytes]:
        """What is not expected to change any more: the place of the first frame, and the frames."""
        return self._take(self._place(now) - WINDOW)

    def end(self, now: float) -> tuple[int, bytes]:
        """All that is left; the call is over."""
        return self._take(max(self._place(now), self._customer.end, self._bot.end))

    def _take(self, end: int) -> tuple[int, bytes]:
        first, self._first = self._first, max(end, self._first)
        frames = bytearray(2 * (self._first - first))
        frames[0::2] = self._customer.take(self._first)
        frames[1::2] = self._bot.take(self._first)
        return first, bytes(frames)

    def _place(self, now: float) -> int:
        return max(int((now - self._started) * RATE + 0.5), 0)
