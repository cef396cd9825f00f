"""[sans-IO] What one measure of the benchmark is, and how much of it is wanted."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from tests.benchmarks.figures import Goal, Reading


@dataclass(frozen=True)
class Effort:
    """How much of a measure is wanted."""

    quick: bool = False
    """Only to see that it works: few calls, short."""
    say: Callable[[str], None] = lambda line: None
    """What is going on, and what was left out."""


@dataclass(frozen=True)
class Measure:
    """One of the benchmark's measures."""

    title: str
    run: Callable[[Effort], Awaitable[list[Reading]]]
    """Once."""
    goals: Mapping[str, Sequence[Goal]]
    """By figure, or by "FIGURE at LOAD"."""
    notes: Sequence[str] = ()
    """How it is measured."""
