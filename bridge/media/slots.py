"""[sans-IO] The times at which audio is sent: every 20 ms, counted from one start, so that delays never add up."""

import math

from bridge.media.rtp import PACKET_MS

SLOT_S = PACKET_MS / 1000
#: The loop's timers count whole milliseconds and may fire that much early.
_EARLY_S = 0.002


class Slots:
    """Numbers the slots since `start` (seconds, monotonic); each is given out once."""

    def __init__(self, start: float) -> None:
        self._start = start
        self._last = 0
        self._next = 1

    def next_at(self, ahead: int = 1) -> float:
        """When the next slot comes, or one further ahead: those before it are left out then, not missed."""
        self._next = self._last + ahead
        return self.due(self._next)

    def due(self, number: int) -> float:
        """When this slot comes."""
        return self._start + number * SLOT_S

    def take(self, now: float) -> tuple[int, int] | None:
        """The slot that has come, and how many before it were missed; None if none has come since the last one."""
        number = self._number(now)
        if number <= self._last:
            return None
        missed = max(number - self._next, 0)
        self._last, self._next = number, number + 1
        return number, missed

    def skip(self, now: float) -> None:
        """Nothing was to be sent until now: no slot before this was missed."""
        self._last = max(self._number(now), self._last)
        self._next = self._last + 1

    def _number(self, now: float) -> int:
        return math.floor((now - self._start + _EARLY_S) / SLOT_S)
