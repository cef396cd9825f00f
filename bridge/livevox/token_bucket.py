"""[sans-IO] A token bucket that lets requests through in the order they came, those of a call at hand first."""

import math
from collections import deque

#: A token short by no more than floating point's error is a token.
ROUNDING = 1e-9


class TokenBucket:
    """Tickets wait for a token each; the driver asks, and grants when `deadline` comes.

    Urgent tickets go before routine ones; within each kind the first come is the first served. The bucket holds at
    most `burst` tokens and is full at the start.
    """

    def __init__(self, rate: float, burst: int, now: float) -> None:
        """`rate` in tokens a second, above 0; `burst` at least 1."""
        if rate <= 0 or burst < 1:
            raise ValueError(f"a rate of {rate} a second and a burst of {burst} let nothing through")
        self._rate = rate
        self._burst = burst
        self._tokens = float(burst)
        self._filled_at = now
        self._next_ticket = 0
        self._urgent: deque[int] = deque()
        self._routine: deque[int] = deque()

    def change(self, rate: float, burst: int, now: float) -> None:
        """Another rate from now on; who waits keeps the place in the queue."""
        self._fill(now)
        self._rate, self._burst, self._tokens = rate, burst, min(self._tokens, burst)

    def ask(self, *, urgent: bool = False) -> int:
        """A new ticket; it is granted by `grant`, at once if there is a token and nobody before it."""
        self._next_ticket += 1
        (self._urgent if urgent else self._routine).append(self._next_ticket)
        return self._next_ticket

    def withdraw(self, ticket: int) -> None:
        """Whoever waited with this ticket waits no longer; nothing happens if it was granted."""
        for queue in (self._urgent, self._routine):
            if ticket in queue:
                queue.remove(ticket)

    def grant(self, now: float, at_most: float = math.inf) -> list[int]:
        """The tickets whose turn it is, in order, and no more than that many; each takes a token."""
        self._fill(now)
        granted: list[int] = []
        while self._tokens >= 1 - ROUNDING and self.waiting and len(granted) < at_most:
            self._tokens -= 1
            granted.append((self._urgent or self._routine).popleft())
        return granted

    @property
    def waiting(self) -> int:
        """Tickets that are not granted."""
        return len(self._urgent) + len(self._routine)

    @property
    def deadline(self) -> float | None:
        """When the next ticket can be granted; None when none waits."""
        if not self.waiting:
            return None
        return self._filled_at + max(0.0, 1 - self._tokens) / self._rate

    def _fill(self, now: float) -> None:
        if now > self._filled_at:
            self._tokens = min(self._burst, self._tokens + (now - self._filled_at) * self._rate)
            self._filled_at = now
