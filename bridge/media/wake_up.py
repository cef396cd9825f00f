"""One timer for all that somebody waits for."""

import asyncio
import time
from collections.abc import Callable

#: A timer may fire so much early, so it is never set shorter: else one that never moves could keep the process busy.
EARLY_S = 0.002


class WakeUp:
    """Calls `wake(now)` at the earliest time it was told, or a little before: who is called looks what is due."""

    def __init__(self, wake: Callable[[float], None]) -> None:
        self._wake = wake
        self._timer: asyncio.TimerHandle | None = None
        self._at = 0.0

    def by(self, due: float) -> None:
        """Wake at this time at the latest; seconds, monotonic."""
        if self._timer is not None:
            if self._at <= due:
                return
            self._timer.cancel()
        self._at = due
        delay = max(due - time.monotonic(), EARLY_S)
        self._timer = asyncio.get_running_loop().call_later(delay, self._fire)

    def cancel(self) -> None:
        """Do not wake any more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _fire(self) -> None:
        self._timer = None
        self._wake(time.monotonic())
