"""How late the event loop is: a timer that looks at how long after its time it was called."""

import asyncio
from collections.abc import Callable
from time import monotonic

#: Seconds between two looks.
PERIOD_S = 0.25


class LoopLag:
    """Between `start` and `stop` each look's lateness in seconds is reported."""

    def __init__(self, report: Callable[[float], None]) -> None:
        self._report = report
        self._timer: asyncio.TimerHandle | None = None
        self._due = 0.0

    def start(self) -> None:
        """Look from now on; call it inside the loop."""
        self._due = monotonic() + PERIOD_S
        self._timer = asyncio.get_running_loop().call_later(PERIOD_S, self._look)

    def stop(self) -> None:
        """Look no more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _look(self) -> None:
        self._report(max(monotonic() - self._due, 0.0))
        self.start()
