"""The token bucket's driver: a coroutine passes when its turn comes."""

import asyncio
import math
from collections.abc import Callable

from bridge.livevox.token_bucket import TokenBucket

#: How long all wait at most for something that goes before them, and how often it is asked whether it is over.
_GIVES_WAY_S, _LOOK_S = 1.0, 0.02
#: So many pass each time it is asked, when that time is over, and when it is over what went before them.
_SQUEEZED, _AFTERWARDS = 4, 10


class Turnstile:
    """Lets `rate` coroutines a second through, urgent ones first; call it from one event loop.

    While `gives_way` says so at a time of the loop's clock nobody passes, for a second at most. Then a few at a time
    do, until nobody waits: what goes before them would be held up by all at once.
    """

    def __init__(self, rate: float, burst: int, gives_way: Callable[[float], bool] = lambda now: False) -> None:
        self._loop = asyncio.get_running_loop()
        self._bucket = TokenBucket(rate, burst, self._loop.time())
        self._waiting: dict[int, asyncio.Future[None]] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._gives_way = gives_way
        self._closed_since: float | None = None
        self._looked_at = 0.0

    async def pass_through(self, *, urgent: bool) -> None:
        """Return when it is this caller's turn."""
        ticket = self._bucket.ask(urgent=urgent)
        turn: asyncio.Future[None] = self._loop.create_future()
        self._waiting[ticket] = turn
        self._grant()
        try:
            await turn
        finally:
            self._waiting.pop(ticket, None)
            self._bucket.withdraw(ticket)

    @property
    def waiting(self) -> int:
        """How many wait for their turn."""
        return len(self._waiting)

    def change(self, rate: float, burst: int) -> None:
        """Another rate from now on, for those who wait too."""
        self._bucket.change(rate, burst, self._loop.time())
        self._grant()

    def open(self) -> None:
        """Let all who wait now through at once."""
        if self._timer:
            self._timer.cancel()
        for turn in self._waiting.values():
            if not turn.done():
                turn.set_result(None)

    def _grant(self) -> None:
        now = self._loop.time()
        room = self._room(now)
        for ticket in self._bucket.grant(now, room):
            turn = self._waiting.pop(ticket)
            if not turn.done():
                turn.set_result(None)
        if self._timer:
            self._timer.cancel()
        deadline = self._bucket.deadline
        if deadline is not None and room < math.inf:
            deadline = max(deadline, self._looked_at + _LOOK_S)
        self._timer = None if deadline is None else self._loop.call_at(deadline, self._grant)

    def _room(self, now: float) -> float:
        """How many may pass now, tokens permitting."""
        gives_way = self._gives_way(now)
        if not gives_way and (self._closed_since is None or self._bucket.waiting <= _AFTERWARDS):
            self._closed_since = None
            return math.inf
        if self._closed_since is None:
            self._closed_since = self._looked_at = now
        if now - self._looked_at < _LOOK_S:
            return 0
        self._looked_at = now
        if not gives_way:
            return _AFTERWARDS
        return 0 if now - self._closed_since < _GIVES_WAY_S else _SQUEEZED
