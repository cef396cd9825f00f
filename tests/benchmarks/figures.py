"""[sans-IO] What a benchmark has measured: numbers of single runs, their medians, and the goals they are held to."""

import enum
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median


class Subject(enum.StrEnum):
    """Whose figure it is; all of one row were taken in the same sitting."""

    BRIDGE = "bridge"
    BARE = "bare loop"
    """The least that can be written in Python for the same work, without any care for faults."""
    KAMAILIO = "Kamailio + rtpengine"


@dataclass(frozen=True)
class Reading:
    """One number of one run."""

    figure: str
    """What it is: "CPU a call"."""
    unit: str
    at: str
    """Under which load: "200 calls"."""
    value: float
    subject: Subject = Subject.BRIDGE


class Side(enum.Enum):
    """On which side of its limit a figure has to be."""

    AT_MOST = "≤"
    AT_LEAST = "≥"


@dataclass(frozen=True)
class Goal:
    """What a figure of the bridge is held to."""

    limit: float
    side: Side = Side.AT_MOST
    than: Subject | None = None
    """None: the limit is the number itself; else how many times this one's figure."""

    def bound(self, medians: Mapping[Subject, float]) -> float | None:
        """The number to be compared with; None when the other one was not measured."""
        if self.than is None:
            return self.limit
        other = medians.get(self.than)
        return None if other is None else self.limit * other

    def met(self, value: float, medians: Mapping[Subject, float]) -> bool | None:
        """Whether it is; None when it cannot be told."""
        bound = self.bound(medians)
        if bound is None:
            return None
        return value <= bound if self.side is Side.AT_MOST else value >= bound

    def __str__(self) -> str:
        if self.than is None:
            return f"{self.side.value} {self.limit:g}"
        return f"{self.side.value} {f'{self.limit:g} × ' if self.limit != 1 else ''}{self.than}"


@dataclass(frozen=True)
class Row:
    """One figure under one load, over all runs."""

    measure: str
    figure: str
    unit: str
    at: str
    values: Mapping[Subject, Sequence[float]]
    """Of each run, in their order."""
    goals: Sequence[Goal] = ()

    @property
    def medians(self) -> dict[Subject, float]:
        """Of each who was measured."""
        return {subject: median(values) for subject, values in self.values.items()}

    def met(self, goal: Goal) -> bool | None:
        """Whether the bridge's median meets a goal; None when it cannot be told."""
        medians = self.medians
        return goal.met(medians[Subject.BRIDGE], medians) if Subject.BRIDGE in medians else None

    @property
    def verdicts(self) -> dict[Goal, bool]:
        """Those goals of which it can be told whether they are met."""
        found = {goal: self.met(goal) for goal in self.goals}
        return {goal: met for goal, met in found.items() if met is not None}


def rows(measure: str, runs: Iterable[Iterable[Reading]], goals: Mapping[str, Sequence[Goal]]) -> list[Row]:
    """The readings of several runs put together, in the order in which they first came.

    Goals are found by "FIGURE at LOAD", else by the figure.
    """
    values: dict[tuple[str, str, str], dict[Subject, list[float]]] = {}
    for run in runs:
        for reading in run:
            of_row = values.setdefault((reading.figure, reading.unit, reading.at), {})
            of_row.setdefault(reading.subject, []).append(reading.value)
    return [
        Row(measure, figure, unit, at, by_subject, goals.get(f"{figure} at {at}", goals.get(figure, ())))
        for (figure, unit, at), by_subject in values.items()
    ]


def slope(points: Sequence[tuple[float, float]]) -> float:
    """By how much y grows with each x: least squares. Raises ValueError for fewer than two x."""
    if len({x for x, _ in points}) < 2:
        raise ValueError("a slope takes two different x")
    mean_x = sum(x for x, _ in points) / len(points)
    mean_y = sum(y for _, y in points) / len(points)
    return sum((x - mean_x) * (y - mean_y) for x, y in points) / sum((x - mean_x) ** 2 for x, _ in points)


def quantile(values: Sequence[float], share: float) -> float:
    """The value below which this share of all lies, by nearest rank. Raises ValueError when there is none."""
    if not values:
        raise ValueError("no values")
    ordered = sorted(values)
    return ordered[min(max(math.ceil(len(ordered) * share) - 1, 0), len(ordered) - 1)]
