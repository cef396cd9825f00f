"""[sans-IO] The tables of sipp_scenarios/README.md: what each scenario wants, and the command that runs it."""

import re
import shlex
from dataclasses import dataclass

#: What the commands and the demo's settings say, for the tests to put their own in its place.
BRIDGE = "127.0.0.1:5070"
AGENT = "8990000001"
OTHER_AGENT = "8990000002"
ABSENT_AGENT = "8990000003"
ENGINE_PORT = "5092"
TRANSACTION = "147516594361"
SESSION = "U5EF8FT5DFC07F9@10.101.21.216"

_ROW = re.compile(r"\| \[(?P<name>\w+)\]\((?P<file>\w+\.xml)\) \|(?P<proves>[^|]+)\|(?P<engine>[^|]+)\|(?P<rest>.*)\|")


@dataclass(frozen=True)
class Row:
    """One scenario."""

    name: str
    proves: str
    engine: str
    """The engine's script; empty when the scenario is the engine itself, or no engine is reached."""
    command: tuple[str, ...]
    result: str

    @classmethod
    def parse(cls, line: str) -> "Row | None":
        """Read a line of a table; None for any other line. Raises ValueError for a row that breaks the form."""
        if not line.startswith("| ["):
            return None
        found = _ROW.fullmatch(line.strip())
        if found is None or found["file"] != f"{found['name']}.xml":
            raise ValueError(f"not a row of the scenarios: {line[:100]}")
        command, _, result = found["rest"].partition("|")
        engine = found["engine"].strip()
        return cls(
            name=found["name"],
            proves=found["proves"].strip(),
            engine="" if engine == "–" else engine.strip("`"),
            command=tuple(shlex.split(command.strip().strip("`"))),
            result=result.strip(),
        )

    @property
    def is_engine(self) -> bool:
        """SIPp is the speech engine, not LiveVox."""
        return ENGINE_PORT in self.command

    @property
    def needs_root(self) -> bool:
        """SIPp sends RTP through raw sockets."""
        return "(root)" in self.proves

    def options(self, changes: dict[str, str]) -> list[str]:
        """The command without `sipp` and the file, each key of `changes` replaced by its value."""
        at = self.command.index("-sf")
        words = [*self.command[1:at], *self.command[at + 2 :]]
        pattern = re.compile("|".join(map(re.escape, changes)))
        return [pattern.sub(lambda found: changes[found[0]], word) for word in words]


def read(text: str) -> dict[str, Row]:
    """All rows by name. Raises ValueError."""
    rows = [row for row in map(Row.parse, text.splitlines()) if row is not None]
    if len({row.name for row in rows}) != len(rows):
        raise ValueError("a scenario stands in the tables twice")
    return {row.name: row for row in rows}
