"""[sans-IO] How late packets leave, against the times they should: a histogram of one call."""

from bisect import bisect_left
from itertools import accumulate

#: Upper bounds in milliseconds; what is above the last one has a place of its own.
_BOUNDS = (
    *(step / 4 for step in range(1, 21)),  # to 5 ms
    *range(6, 21),
    *range(25, 101, 5),
    *range(120, 501, 20),
)


class Lateness:
    """Counts packets by how late they were; exact to its steps, the greatest exactly."""

    __slots__ = ("_counts", "_earlier_max_ms", "_max_ms")

    def __init__(self) -> None:
        self._counts = [0] * (len(_BOUNDS) + 1)
        self._max_ms = self._earlier_max_ms = 0.0

    @property
    def max_ms(self) -> float:
        """The latest of all."""
        return max(self._max_ms, self._earlier_max_ms)

    def take_max_ms(self) -> float:
        """The latest since this was asked before."""
        latest, self._max_ms = self._max_ms, 0.0
        self._earlier_max_ms = max(latest, self._earlier_max_ms)
        return latest

    def add(self, late_s: float) -> None:
        """A packet left so many seconds after its time; less than 0 is in time."""
        late_ms = late_s * 1000
        self._counts[bisect_left(_BOUNDS, late_ms)] += 1
        if late_ms > self._max_ms:
            self._max_ms = late_ms

    def percentile_ms(self, percent: float) -> float:
        """So many percent of the packets were not later than this, rounded up to the next step; 0 without packets."""
        wanted = sum(self._counts) * percent / 100
        for place, total in enumerate(accumulate(self._counts)):
            if total >= wanted:
                bound = _BOUNDS[place] if place < len(_BOUNDS) else self.max_ms
                return min(bound, self.max_ms)
        return self.max_ms
