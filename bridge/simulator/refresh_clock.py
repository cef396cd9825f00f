"""The timer of one session's refresh: arms what session_timer says."""

import asyncio
from collections.abc import Callable

from bridge.simulator.session_timer import SessionInterval


class RefreshClock:
    """Calls back when the session must be refreshed, or has not been."""

    def __init__(self, refresh: Callable[[], None], expired: Callable[[], None]) -> None:
        self.interval: SessionInterval | None = None
        """What is agreed; None without a session timer."""
        self._refresh = refresh
        self._expired = expired
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None

    def agree(self, interval: SessionInterval | None) -> None:
        """Begin the interval anew, or drop the timer."""
        self.stop()
        self.interval = interval
        if interval is not None:
            act = self._refresh if interval.we_refresh else self._expired
            self._timer = self._loop.call_later(interval.acts_after, act)

    def stop(self) -> None:
        """The session is over."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
