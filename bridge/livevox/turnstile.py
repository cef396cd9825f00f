"""The token bucket's driver: a coroutine passes when its turn comes."""

import asyncio

from bridge.livevox.token_bucket import TokenBucket


class Turnstile:
    """Lets `rate` coroutines a second through, urgent ones first; call it from one event loop."""

    def __init__(self, rate: float, burst: int) -> None:
        self._loop = asyncio.get_running_loop()
        self._bucket = TokenBucket(rate, burst, self._loop.time())
        self._waiting: dict[int, asyncio.Future[None]] = {}
        self._timer: asyncio.TimerHandle | None = None

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
        for ticket in self._bucket.grant(self._loop.time()):
            turn = self._waiting.pop(ticket)
            if not turn.done():
                turn.set_result(None)
        if self._timer:
            self._timer.cancel()
        deadline = self._bucket.deadline
        self._timer = None if deadline is None else self._loop.call_at(deadline, self._grant)
