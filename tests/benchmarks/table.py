"""[sans-IO] The figures as they are shown: a table for the terminal, one for the README, and JSON."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from tests.benchmarks.figures import Goal, Row, Subject

#: Between these lines of the README the table stands.
BEGIN, END = "<!-- make bench README=yes: begin -->", "<!-- make bench README=yes: end -->"
_HEAD = ("figure", "load", *map(str, Subject), "goal", "")


class NoMarkers(Exception):
    """The text has no place for the table."""

    def __init__(self) -> None:
        super().__init__(f"there is no place for the table: put the lines {BEGIN} and {END} where it shall stand")


@dataclass(frozen=True)
class Report:
    """All that one sitting has found."""

    machine: str
    """What it was measured on, in one line."""
    when: str
    """The day."""
    runs: int
    titles: Mapping[str, str]
    """Of each measure, by its name."""
    rows: Sequence[Row]
    notes: Sequence[str] = field(default=())
    """How it was measured, and what was left out."""

    @property
    def missed(self) -> list[tuple[Row, Goal]]:
        """The goals that are not met."""
        return [(row, goal) for row in self.rows for goal, met in row.verdicts.items() if not met]


def as_text(report: Report) -> str:
    """For the terminal: medians, and the span of all runs where there are several."""
    blocks = [f"{report.machine}, {report.when}; {_medians(report.runs)}"]
    cells = {name: [_HEAD, *map(_text_cells, found)] for name, found in _by_measure(report)}
    widths = [max(len(line[place]) for lines in cells.values() for line in lines) for place in range(len(_HEAD))]
    for name, lines in cells.items():
        table = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in lines]
        blocks.append("\n".join([report.titles[name], *(f"  {line}".rstrip() for line in table)]))
    if report.notes:
        blocks.append("\n".join(report.notes))
    return "\n\n".join(blocks) + "\n"


def as_markdown(report: Report) -> str:
    """For the README: the figures that have a goal."""
    lines = [f"Measured on {report.machine}, {report.when}; {_medians(report.runs)}.", ""]
    lines += ["| | " + " | ".join((*_HEAD[1:-1], "met")) + " |", "|" + "---|" * len(_HEAD)]
    for name, found in _by_measure(report):
        judged = [row for row in found if row.goals]
        if judged:
            lines.append(f"| **{report.titles[name]}** |" + " |" * (len(_HEAD) - 1))
            lines += ["| " + " | ".join(_markdown_cells(row)) + " |" for row in judged]
    lines += ["", *report.notes] if report.notes else []
    return "\n".join(lines) + "\n"


def put_between_markers(text: str, table: str) -> str:
    """The text with its old table replaced. Raises NoMarkers."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise NoMarkers
    return f"{before}{begin}\n{table}{end}{after}"


def as_json(report: Report) -> str:
    """Every run's values, the medians and the goals."""
    whole: dict[str, Any] = {
        "machine": report.machine,
        "when": report.when,
        "runs": report.runs,
        "notes": list(report.notes),
        "figures": [_as_object(row) for row in report.rows],
    }
    return json.dumps(whole, ensure_ascii=False, indent=1) + "\n"


def _as_object(row: Row) -> dict[str, Any]:
    return {
        "measure": row.measure,
        "figure": row.figure,
        "unit": row.unit,
        "at": row.at,
        "values": {str(subject): list(values) for subject, values in row.values.items()},
        "medians": {str(subject): value for subject, value in row.medians.items()},
        "goals": [{"goal": str(goal), "met": row.met(goal)} for goal in row.goals],
    }


def _by_measure(report: Report) -> list[tuple[str, list[Row]]]:
    return [(name, list(found)) for name, found in groupby(report.rows, key=lambda row: row.measure)]


def _medians(runs: int) -> str:
    return f"medians of {runs} runs" if runs > 1 else "one run"


def _text_cells(row: Row) -> tuple[str, ...]:
    """With the lowest and the highest of all runs."""
    shown = []
    for subject in Subject:
        values = row.values.get(subject, ())
        span = f" ({number(min(values))}–{number(max(values))})" if len(values) > 1 else ""
        shown.append(f"{number(row.medians[subject])}{span}" if values else "")
    return (f"{row.figure}, {row.unit}" if row.unit else row.figure, row.at, *shown, _goals(row), _verdict(row))


def _markdown_cells(row: Row) -> tuple[str, ...]:
    medians = row.medians
    shown = [number(medians[subject]) if subject in medians else "" for subject in Subject]
    return (f"{row.figure}, {row.unit}" if row.unit else row.figure, row.at, *shown, _goals(row), _verdict(row))


def _goals(row: Row) -> str:
    return ", ".join(str(goal) for goal in row.goals)


def _verdict(row: Row) -> str:
    """Empty without a goal, or when none can be judged."""
    verdicts = row.verdicts.values()
    return ("yes" if all(verdicts) else "no") if verdicts else ""


def number(value: float) -> str:
    """With as many digits as mean something."""
    size = abs(value)
    if size == 0 or size >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if size >= 10 else f"{value:.2f}" if size >= 0.1 else f"{value:.3f}"
