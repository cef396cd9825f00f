"""[sans-IO] DTMF as RFC 4733 telephone-events: reads each key once, writes digits as one event a 20 ms slot."""

import struct
from collections import deque
from dataclasses import dataclass

from bridge.media.rtp import CLOCK_RATE, SAMPLES_PER_PACKET, timestamp_gap

#: Event codes 0 to 15 (RFC 4733 section 3.2). Flash (16) and what is above are not keys.
KEYS = "0123456789*#ABCD"

_EVENT = struct.Struct("!BBH")
_END = 0x80
#: 10: -10 dBm0, as telephones send (RFC 4733 section 2.3.3).
_VOLUME = 10


@dataclass(frozen=True)
class Key:
    """A key that was pressed and let go."""

    digit: str
    duration_ms: int


@dataclass
class _Pressed:
    ssrc: int
    timestamp: int
    event: int
    #: In samples, over all segments.
    duration: int
    #: Samples of the segments before this one.
    earlier: int
    heard_at: float


class KeyReader:
    """The keys one side presses, from the many packets that say so.

    A key ends with its first end packet, with the start of another key if all three end packets were lost, or when
    nothing was heard of it for `END_LOST_S`.
    """

    #: Senders repeat an event at most every 50 ms; four of those in a row do not get lost by chance.
    END_LOST_S = 0.2

    def __init__(self) -> None:
        self._pressed: _Pressed | None = None
        self._last: tuple[int, int] | None = None  # SSRC and timestamp of the key that ended last

    @property
    def deadline(self) -> float | None:
        """When `expire` should be called: a key is down; None while none is."""
        return self._pressed.heard_at + self.END_LOST_S if self._pressed else None

    def read(self, ssrc: int, timestamp: int, payload: bytes, now: float) -> list[Key]:
        """A telephone-event packet: the keys that are known to be over by it (two if an end was lost)."""
        if len(payload) < _EVENT.size:
            return []
        event, flags, duration = _EVENT.unpack_from(payload)
        if event >= len(KEYS):
            return []
        over: list[Key] = []
        pressed = self._pressed
        if pressed is None or (pressed.ssrc, pressed.timestamp) != (ssrc, timestamp):
            if self._is_old(ssrc, timestamp):
                return []
            if pressed is not None and self._continues(pressed, ssrc, timestamp, event):
                pressed.earlier, pressed.timestamp = pressed.duration, timestamp
            else:
                over += self._end()
                pressed = self._pressed = _Pressed(ssrc, timestamp, event, 0, 0, now)
        pressed.duration = max(pressed.duration, pressed.earlier + duration)
        pressed.heard_at = now
        if flags & _END:
            over += self._end()
        return over

    def expire(self, now: float) -> list[Key]:
        """The key whose end packets were all lost, once its time is over."""
        if self._pressed is None or now < self._pressed.heard_at + self.END_LOST_S:
            return []
        return self._end()

    def _is_old(self, ssrc: int, timestamp: int) -> bool:
        """A repeated end packet, or one of an earlier key that comes late."""
        newest = (self._pressed.ssrc, self._pressed.timestamp) if self._pressed else self._last
        return newest is not None and newest[0] == ssrc and timestamp_gap(newest[1], timestamp) <= 0

    @staticmethod
    def _continues(pressed: _Pressed, ssrc: int, timestamp: int, event: int) -> bool:
        """A key held for more than 65535 samples goes on in a new segment (RFC 4733 section 2.5.1.3)."""
        segment = pressed.duration - pressed.earlier
        same_key = (ssrc, event) == (pressed.ssrc, pressed.event)
        return same_key and timestamp_gap(pressed.timestamp, timestamp) == segment

    def _end(self) -> list[Key]:
        pressed, self._pressed = self._pressed, None
        if pressed is None:
            return []
        self._last = (pressed.ssrc, pressed.timestamp)
        return [Key(KEYS[pressed.event], pressed.duration * 1000 // CLOCK_RATE)]


@dataclass(frozen=True)
class EventSlot:
    """What one 20 ms slot of a stream carries while a key is played."""

    payload: bytes
    first: bool
    """The key begins here: marker bit, and this slot's timestamp is the key's in all its packets."""


class KeyWriter:
    """Digits as slots of 20 ms: 100 ms of event, its end said three times, and a pause of 100 ms from end to start."""

    EVENT_SLOTS = 5
    #: The end packet is sent three times (RFC 4733 section 2.5.1.4).
    END_SLOTS = 3
    #: From the first end packet to the next key; the two repetitions lie in it.
    PAUSE_SLOTS = 5
    #: More digits than anyone plays at once; the rest is refused.
    MAX_DIGITS = 64

    def __init__(self) -> None:
        self._digits: deque[int] = deque()
        self._slot = 0

    def play(self, digits: str) -> str:
        """Queue digits; returns those that will be played: what is no key or too much is left out."""
        room = self.MAX_DIGITS - len(self._digits)
        taken = [digit for digit in digits.upper() if digit in KEYS][:room]
        self._digits.extend(KEYS.index(digit) for digit in taken)
        return "".join(taken)

    def clear(self) -> None:
        """Forget what has not been played."""
        self._digits.clear()
        self._slot = 0

    @property
    def active(self) -> bool:
        """A digit is being played or waits."""
        return bool(self._digits)

    @property
    def in_key(self) -> bool:
        """A key has begun and its last packet has not been sent: it must go on in the same stream."""
        return 0 < self._slot < self.EVENT_SLOTS + self.END_SLOTS - 1

    def next_slot(self) -> EventSlot | None:
        """What the next slot carries; None in a pause, where the audio goes on. Only while active."""
        slot, self._slot = self._slot, self._slot + 1
        event = self._digits[0]
        if self._slot == self.EVENT_SLOTS + self.PAUSE_SLOTS:
            self._digits.popleft()
            self._slot = 0
        if slot >= self.EVENT_SLOTS + self.END_SLOTS - 1:
            return None
        ended = slot >= self.EVENT_SLOTS - 1
        duration = min(slot + 1, self.EVENT_SLOTS) * SAMPLES_PER_PACKET
        return EventSlot(_EVENT.pack(event, _VOLUME | (_END if ended else 0), duration), first=slot == 0)
