"""[sans-IO] What came of a reload."""

import enum
from dataclasses import dataclass


class Result(enum.StrEnum):
    """One word for it."""

    CHANGED = "changed"
    UNCHANGED = "unchanged"
    """The file says what holds already."""
    REFUSED = "refused"
    """Nothing was changed."""
    FAILED = "failed"
    """By a fault of the bridge, and part of the settings may hold."""


@dataclass(frozen=True)
class Miss:
    """A reload after which the bridge does not go by what the file says."""

    at: float
    """In seconds since the epoch."""
    result: Result
    reason: str
    """In words, without any of the settings."""
    problems: int
    """How many of the file's the log names."""
