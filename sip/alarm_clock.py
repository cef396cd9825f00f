"""A timer that knows when it is due: uvloop's handle of what is due at once does not say it."""

import asyncio
from collections.abc import Callable


class AlarmClock:
    """Rings once, at the earliest of the times it was set to; then it may be set again."""

    def __init__(self, loop: asyncio.AbstractEventLoop, ring: Callable[[], None]) -> None:
        self._loop = loop
        self._ring = ring
        self._timer: asyncio.Handle | None = None
        self._at = 0.0

    def set(self, at: float) -> None:
        """Ring then, on the loop's clock, unless it will ring before."""
        if self._timer is not None:
            if self._at <= at:
                return
            self._timer.cancel()
        self._at = at
        self._timer = self._loop.call_at(at, self._due)

    def stop(self) -> None:
        """Do not ring."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _due(self) -> None:
        self._timer = None
        self._ring()
