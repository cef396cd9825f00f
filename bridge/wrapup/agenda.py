"""[sans-IO] The one step that comes next and not before when: polling, and waiting longer after each failure."""

import random
from collections import Counter

from bridge.errors import InvalidTransition
from bridge.wrapup.plan import Limits
from bridge.wrapup.steps import Failure, ReadStatus, Step


class Agenda:
    """Holds the next step until its time, then the step in flight until it is done or has failed."""

    def __init__(self, limits: Limits, jitter: random.Random, now: float) -> None:
        self.in_flight: Step | None = None
        self.last_failure = ""
        self._limits = limits
        self._jitter = jitter
        self._next: Step = ReadStatus()
        self._not_before = now
        self._held_until = now
        self._polls = 0
        self._failures: Counter[type] = Counter()
        self._refused_since: dict[type, float] = {}

    # what comes next

    def put(self, step: Step, at: float) -> None:
        """This step comes next, instead of any other."""
        self._next = step
        self._not_before = at

    def look(self, at: float) -> None:
        """A look at the status, soon after something should have changed it."""
        self._polls = 0
        self.put(ReadStatus(), at)

    def hold(self, until: float) -> None:
        """Nothing may be hastened before: LiveVox may still be at work on what it was asked for."""
        self._held_until = until

    def hasten(self, now: float) -> None:
        """The next step need not wait for its time."""
        self._not_before = min(self._not_before, max(now, self._held_until))

    def poll(self, now: float) -> None:
        """Another look, as nothing has changed."""
        wait = min(self._limits.first_poll_s * 2.0**self._polls, self._limits.poll_s)
        self._polls = min(self._polls + 1, 16)
        self.put(ReadStatus(), now + wait)

    @property
    def next_step(self) -> Step:
        """The step that waits for its time."""
        return self._next

    @property
    def due(self) -> float:
        """When it may be taken."""
        return self._not_before

    def take(self, now: float) -> Step | None:
        """The next step if its time has come and none is in flight; it is in flight from here."""
        if self.in_flight is not None or now < self._not_before:
            return None
        self.in_flight = self._next
        return self._next

    # how it went

    def close(self, step: Step, state: str) -> None:
        """The step is no longer in flight; raises InvalidTransition if it never was."""
        if step != self.in_flight:
            raise InvalidTransition(state, type(step).__name__)
        self.in_flight = None

    def succeeded(self, step: Step) -> None:
        """Forget earlier failures of this kind of step."""
        del self._failures[type(step)]
        self._refused_since.pop(type(step), None)

    def failed(self, step: Step, failure: Failure, now: float, longest_s: float) -> float:
        """When to go on: later after each failure of this kind, or as LiveVox asked, but at most `longest_s`."""
        kind = type(step)
        self.last_failure = failure.reason
        wait = min(self._limits.retry_s * 2.0 ** min(self._failures[kind], 16), longest_s)
        self._failures[kind] += 1
        if failure.is_refusal:
            self._refused_since.setdefault(kind, now)
        else:
            self._refused_since.pop(kind, None)
        self._polls = 0
        return now + max(wait * self._jitter.uniform(0.5, 1.0), min(failure.retry_after_s or 0.0, longest_s))

    @property
    def failing(self) -> str:
        """Why a step failed that has not succeeded since; empty: none has."""
        return self.last_failure if self._failures else ""

    def has_failed(self, *kinds: type) -> bool:
        """A step of one of these kinds failed, and has not succeeded since."""
        return any(kind in self._failures for kind in kinds)

    def refused_for(self, step: Step, now: float) -> float:
        """For how many seconds LiveVox has done nothing but refuse this kind of step."""
        return now - self._refused_since.get(type(step), now)
