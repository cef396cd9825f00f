"""[sans-IO] Virtual agents as lines of a CSV file."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass

from pydantic import ValidationError

from bridge.errors import SettingProblem
from bridge.settings.document import errors_of, explain, nearest, written
from bridge.settings.sections import AgentEntry

COLUMNS = tuple(AgentEntry.model_fields)
REQUIRED = tuple(name for name, field in AgentEntry.model_fields.items() if field.is_required())
#: Between the names of a column that holds several.
SEPARATOR = "|"


@dataclass(frozen=True)
class AgentLine:
    """One agent and where it stands."""

    line: int
    entry: AgentEntry


def read_agents(file: str, text: str) -> tuple[list[AgentLine], list[SettingProblem]]:
    """The agents of a CSV text with a header line, and all that is wrong with it."""
    rows = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    agents: list[AgentLine] = []
    problems: list[SettingProblem] = []
    try:
        header = [name.strip() for name in next(rows, [])]
        problems += _header_problems(file, header)
        if problems:
            return [], problems
        for row in rows:
            if any(cell.strip() for cell in row):
                _read_row(file, rows.line_num, header, row, agents, problems)
    except csv.Error as exc:
        problems.append(SettingProblem(file, rows.line_num, "", f"is not CSV: {exc}", "check its quotes"))
    return agents, problems


def _header_problems(file: str, header: list[str]) -> Iterator[SettingProblem]:
    for name in dict.fromkeys(header):
        if name not in COLUMNS:
            yield SettingProblem(file, 1, name, "is not a column", nearest(name, COLUMNS))
        elif header.count(name) > 1:
            yield SettingProblem(file, 1, name, "is a column twice", "remove one of them")
    for name in REQUIRED:
        if name not in header:
            yield SettingProblem(file, 1, name, "is required", f"begin the file with a line {','.join(COLUMNS)}")


def _read_row(
    file: str, line: int, header: list[str], row: list[str], agents: list[AgentLine], problems: list[SettingProblem]
) -> None:
    if len(row) != len(header):
        what = f"has {len(row)} columns, the header has {len(header)}"
        problems.append(SettingProblem(file, line, "", what, "give each agent a value or nothing in each column"))
        return
    cells: dict[str, object] = {name: cell.strip() for name, cell in zip(header, row, strict=True)}
    if "engines" in cells:
        cells["engines"] = [name.strip() for name in str(cells["engines"]).split(SEPARATOR) if name.strip()]
    try:
        agents.append(AgentLine(line, AgentEntry.model_validate(cells)))
    except ValidationError as exc:
        for error in errors_of(exc):
            problems.append(SettingProblem(file, line, written(error["loc"]), *explain(error, AgentEntry)))
