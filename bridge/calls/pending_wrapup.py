"""[sans-IO] A wrap-up that is under way, as operators see it: since when, when it is tried next, and what fails."""

import enum
from dataclasses import dataclass, replace
from typing import Self


class Kind(enum.StrEnum):
    """Why there is a wrap-up."""

    CALL = "call"
    """A call has ended."""
    RECOVERED = "recovered"
    """A call of before the start."""
    STRAY = "stray"
    """A call that LiveVox shows on an agent and that is none of ours."""
    REPEATED = "repeated"
    """It was given up, and is tried again: by an operator's order, or as LiveVox keeps the agent for it."""


class Retry(enum.StrEnum):
    """What an operator's order to retry has come to."""

    NOW = "now"
    """The next try is made at once."""
    UNDER_WAY = "under_way"
    """LiveVox is being asked at this moment."""
    REPEATED = "repeated"
    """LiveVox still waits for the term code: the wrap-up that was given up has begun again."""


@dataclass(frozen=True)
class Progress:
    """How far one has come."""

    next_try_s: float | None
    """In how many seconds something is tried; None: at this moment."""
    failing: str
    """Why the last try failed, if nothing has succeeded since; empty: nothing fails."""


@dataclass(frozen=True)
class PendingWrapUp:
    """One of them."""

    call: str
    agent: str
    caller: str
    kind: Kind
    since: float
    """When it began, in seconds since the epoch."""
    progress: Progress

    def at(self, progress: Progress) -> Self:
        """The same, having come so far."""
        return replace(self, progress=progress)
