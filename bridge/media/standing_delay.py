"""[sans-IO] Whether a queue has become a delay: audio that comes in real time and never gets played in time."""

import sys
from collections import deque

from bridge.media.g711 import BYTES_PER_MS

_SLOT_BYTES = 20 * BYTES_PER_MS


class StandingDelay:
    """Watches one queue, 20 ms slot by slot.

    An engine that speaks in real time and once got ahead (a stall of the network, keys played in between, its faster
    clock) stays ahead for the rest of the call: all it says comes late. The least that was queued over a while is that
    delay. Speech that comes faster than real time fills the queue on purpose and is never taken for one: audio must
    have come evenly, in every part of the while.
    """

    #: Slots of a part, and parts of the while: 5 s.
    PART_SLOTS = 25
    PARTS = 10
    #: What must have come in the whole while, and in every part of it, against real time.
    WHOLE_SHARE = (0.9, 1.1)
    PART_SHARE = (0.5, 1.5)
    #: From this on it is a delay; less is what jitter needs.
    LIMIT_BYTES = 100 * BYTES_PER_MS
    #: What is left in the queue.
    KEPT_BYTES = 60 * BYTES_PER_MS

    __slots__ = ("_arrived", "_least", "_parts", "_slot", "excess")

    def __init__(self) -> None:
        #: Bytes that should be left out.
        self.excess = 0
        self._parts: deque[tuple[int, int]] = deque(maxlen=self.PARTS)  # arrived, least
        self._slot = self._arrived = 0
        self._least = sys.maxsize

    def reset(self) -> None:
        """Forget what was seen."""
        self.excess = 0
        self._parts.clear()
        self._begin_part()

    def arrived(self, size: int) -> None:
        """So many bytes were queued."""
        self._arrived += size

    def slot(self, waiting: int) -> None:
        """20 ms have passed and so many bytes wait."""
        self._slot += 1
        if waiting < self._least:
            self._least = waiting
        if self._slot == self.PART_SLOTS:
            self._parts.append((self._arrived, self._least))
            self._begin_part()
            if not self.excess:
                self._judge()

    def left_out(self, size: int) -> None:
        """So many bytes were left out; when the delay is gone, only a new while can show another."""
        self.excess = max(self.excess - size, 0)
        if not self.excess:
            self.reset()

    def _begin_part(self) -> None:
        self._slot = self._arrived = 0
        self._least = sys.maxsize

    def _judge(self) -> None:
        if len(self._parts) < self.PARTS:
            return
        least = min(least for _, least in self._parts)
        part = self.PART_SLOTS * _SLOT_BYTES
        low, high = self.PART_SHARE
        even = all(low * part <= arrived <= high * part for arrived, _ in self._parts)
        low, high = self.WHOLE_SHARE
        in_real_time = low <= sum(arrived for arrived, _ in self._parts) / (part * self.PARTS) <= high
        if even and in_real_time and least >= self.LIMIT_BYTES:
            self.excess = least - self.KEPT_BYTES
