"""[sans-IO] What the journal knows of a call that was not brought to its end."""

from collections.abc import Mapping
from dataclasses import dataclass

from bridge.journal.records import Effect, Fact
from bridge.verdicts import Verdict
from bridge.wrapup.plan import CallIds
from bridge.wrapup.steps import Finished


@dataclass(frozen=True)
class JournalledStep:
    """Something LiveVox was asked for that must not be done twice."""

    step: str
    """The endpoint, as the API's documents name it."""
    about: str
    """The term code, or the contact."""
    at: float
    """When it was begun."""
    effect: Effect


@dataclass(frozen=True)
class OpenCall:
    """A call whose last record is not that it was closed; times in seconds since the epoch."""

    call: str
    agent: str
    caller: str
    admitted_at: float
    ids: CallIds
    answered_at: float
    """When our 200 went out; 0: it did not."""
    decided_at: float
    """When it was decided what is to become of the call; 0: it was not."""
    fate: str
    """Empty: it was going on."""
    verdict: Verdict | None
    steps: tuple[JournalledStep, ...]
    """In the order in which they were begun."""
    result: Finished | None
    """What its wrap-up came to; None: it was not over."""

    @property
    def answered(self) -> bool:
        """LiveVox wants a disposition."""
        return self.answered_at > 0


@dataclass(frozen=True)
class ClosedCall:
    """A call that an operator wants another try for its disposition of."""

    known: OpenCall
    closed: bool
    """Its last record is that nothing is left to be done."""
    succeeded: bool
    """Its agent has had a later call."""
    line: Mapping[str, Fact]
    """Its canonical log line."""
    trouble: tuple[str, ...]
