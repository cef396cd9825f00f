"""[sans-IO] A circuit breaker: an engine that fails its calls gets no more of them for a while.

CLOSED ─▶ OPEN ─▶ HALF_OPEN ─▶ CLOSED
            ▲─────────┘
"""

import enum
from collections import deque
from contextlib import suppress
from dataclasses import dataclass

#: Tries and failures that are remembered at the most; a window with more in it is judged by the latest.
MAX_REMEMBERED = 10_000


class CircuitState(enum.Enum):
    """Whether an engine gets calls."""

    CLOSED = enum.auto()
    #: It does.
    OPEN = enum.auto()
    #: It does not.
    HALF_OPEN = enum.auto()
    #: One call tries it.


@dataclass(frozen=True)
class CircuitPolicy:
    """When an engine's circuit opens, and for how long; times in seconds."""

    failures: int = 5
    """So many failures within the window, and at least half as many as there were tries: it opens."""
    window_s: float = 30.0
    open_s: float = 15.0
    """After so long one call tries the engine again."""
    slow_connect_s: float = 0.0
    """An engine that took longer to be ready counts as failed, though its call goes on; 0: never."""


@dataclass(frozen=True)
class Try:
    """One call tries the engine."""

    began: float
    probe: bool
    """Its result decides whether others may."""


class Circuit:
    """One engine, over all calls. `now` is in seconds, monotonic.

    Each Try ends with one of `ready`, `failed` and `abandoned`; one that is never heard of again does no harm.
    """

    def __init__(self, policy: CircuitPolicy) -> None:
        self.state = CircuitState.CLOSED
        self._policy = policy
        self._tries: deque[float] = deque(maxlen=MAX_REMEMBERED)
        self._failures: deque[float] = deque(maxlen=MAX_REMEMBERED)
        self._until = 0.0
        """When the next call may try an engine that is not CLOSED."""

    def allows(self, now: float) -> bool:
        """A call may try the engine now."""
        return self.state is CircuitState.CLOSED or now >= self._until

    def wait_s(self, now: float) -> float:
        """In how many seconds a call may try the engine."""
        return 0.0 if self.allows(now) else self._until - now

    def begin(self, now: float) -> Try:
        """A call tries the engine, which `allows` has allowed."""
        probe = self.state is not CircuitState.CLOSED
        if probe:
            # Until then no other: a probe that is never heard of again must not keep them away for ever.
            self._enter(CircuitState.HALF_OPEN, now + self._policy.open_s)
        self._tries.append(now)
        return Try(now, probe)

    def ready(self, tried: Try, now: float) -> None:
        """The engine is ready to talk."""
        if 0 < self._policy.slow_connect_s < now - tried.began:
            self.failed(tried, now)
        elif tried.probe and self.state is CircuitState.HALF_OPEN:
            self._tries.clear()
            self._failures.clear()
            self._enter(CircuitState.CLOSED, 0.0)

    def failed(self, tried: Try, now: float) -> None:
        """The engine could not be had."""
        if tried.probe and self.state is CircuitState.HALF_OPEN:
            self._enter(CircuitState.OPEN, now + self._policy.open_s)
        else:
            self.lost(now)

    def lost(self, now: float) -> None:
        """An engine that talked is gone without a goodbye: a failure of no try within the window, perhaps."""
        self._failures.append(now)
        if self.state is CircuitState.CLOSED and self._fails_too_often(now):
            self._enter(CircuitState.OPEN, now + self._policy.open_s)

    def abandoned(self, tried: Try, now: float) -> None:
        """The try ended for a reason that was not the engine's: the customer hung up, for example."""
        with suppress(ValueError):
            self._tries.remove(tried.began)
        if tried.probe and self.state is CircuitState.HALF_OPEN:
            self._enter(CircuitState.OPEN, now)  # the next call tries it

    def _fails_too_often(self, now: float) -> bool:
        for times in (self._tries, self._failures):
            while times and times[0] <= now - self._policy.window_s:
                times.popleft()
        return len(self._failures) >= max(self._policy.failures, len(self._tries) / 2)

    def _enter(self, state: CircuitState, until: float) -> None:
        self.state = state
        self._until = until
