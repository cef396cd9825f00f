"""[sans-IO] What the HTTP API tells, as text for people: aligned tables, and one thing with all its facts."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from bridge.errors import BridgeRefused

Row = Mapping[str, Any]
#: A customer's number or name as it may be shown.
Mask = Callable[[Any], str]

CALL_COLUMNS = ("call", "agent", "caller", "state", "for", "in all", "engine")
WRAP_UP_COLUMNS = ("call", "agent", "caller", "kind", "for", "next try", "what fails")
AGENT_COLUMNS = ("number", "user", "state", "for", "call", "waits for")


class Sheets:
    """Writes for people. `number` and `name` mask customers' own."""

    def __init__(self, url: str, number: Mask, name: Mask, *, masks: bool) -> None:
        """`url` is for errors; `masks`: what customers said or wrote is left out."""
        self._url = url
        self._number = number
        self._name = name
        self._masks = masks

    def calls(self, body: Row) -> str:
        """GET /v1/calls."""
        rows = self._rows(body, "calls")
        if not rows:
            return "No calls.\n"
        return table(CALL_COLUMNS, [self._call(row, body.get("at")) for row in rows])

    def call(self, body: Row) -> str:
        """GET /v1/calls/ID."""
        return "".join(f"{printable(name):16}{printable(value)}".rstrip() + "\n" for name, value in self._facts(body))

    def wrap_ups(self, body: Row) -> str:
        """GET /v1/wrap_ups."""
        rows, at = self._rows(body, "wrap_ups"), body.get("at")
        return table(WRAP_UP_COLUMNS, [self._wrap_up(row, at) for row in rows]) if rows else "No wrap-ups.\n"

    def agents(self, body: Row) -> str:
        """GET /v1/agents."""
        rows = self._rows(body, "agents")
        return table(AGENT_COLUMNS, [agent_cells(row, body.get("at")) for row in rows]) if rows else "No agents.\n"

    def agent(self, body: Row) -> str:
        """GET /v1/agents/NUMBER."""
        return "".join(f"{name.replace('_', ' '):26}{printable(said(value))}\n" for name, value in body.items())

    def _rows(self, body: Row, key: str) -> list[Row]:
        """Raises BridgeRefused: whoever answered is no bridge."""
        rows = body.get(key)
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise BridgeRefused(self._url, 200, "no_bridge", f'the answer has no list "{key}"')
        return rows

    def _call(self, row: Row, at: Any) -> list[str]:
        return [
            said(row.get("call")),
            said(row.get("agent_number")),
            masked(row.get("caller"), self._number),
            said(row.get("state")),
            lasted(row.get("since"), at),
            lasted(row.get("started_at"), at),
            said(row.get("engine")),
        ]

    def _wrap_up(self, row: Row, at: Any) -> list[str]:
        wait = row.get("next_try_s")
        return [
            said(row.get("call")),
            said(row.get("agent_number")),
            masked(row.get("caller"), self._number),
            said(row.get("kind")),
            lasted(row.get("since"), at),
            "now" if wait is None else f"in {wait:g} s" if isinstance(wait, int | float) else said(wait),
            said(row.get("failing")),
        ]

    def _facts(self, body: Row) -> Iterator[tuple[str, str]]:
        for key, value in body.items():
            name = key.replace("_", " ")
            match key:
                case "caller":
                    yield name, masked(value, self._number)
                case "caller_name":
                    yield name, masked(value, self._name)
                case "screen_pop" if isinstance(value, dict) and not self._masks:
                    yield from ((f"  {label}", text) for label, text in _pairs(value.get("rows")))
                case "screen_pop":
                    yield name, _hidden("row", value.get("rows")) if isinstance(value, dict) else "none"
                case "transcript" if isinstance(value, list) and not self._masks:
                    yield from ((f"  {line.get('role')}", said(line.get("text"))) for line in value)
                case "transcript":
                    yield name, _hidden("line", value)
                case _ if isinstance(value, dict):
                    yield name, "" if value else said(None)
                    yield from ((f"  {inner.replace('_', ' ')}", said(each)) for inner, each in value.items())
                case _:
                    yield name, said(value)


def retry_words(came_to: Any) -> str:
    """What a retry has come to, for people."""
    match came_to:
        case "repeated":
            return "LiveVox still waits for its term code, and is told again; see wrapups, and the call's story"
        case "under_way":
            return "LiveVox is being asked at this moment"
        case _:
            return "tried now"


def agent_cells(row: Row, at: Any) -> list[str]:
    """One agent's line."""
    return [
        said(row.get("number")),
        said(row.get("user_name")),
        said(row.get("state")).replace("_", " "),
        lasted(row.get("since"), at),
        said(row.get("call")),
        said(row.get("waits_for")),
    ]


def table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """The rows under a header, columns aligned."""
    lines = [[column.upper() for column in columns], *([printable(cell) for cell in row] for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(columns))]
    return "".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() + "\n" for line in lines
    )


def said(value: Any) -> str:
    """A value of the API as people read it; what is not there is a dash."""
    match value:
        case None | "":
            return "-"
        case bool():
            return "yes" if value else "no"
        case _:
            return str(value)


def masked(value: Any, mask: Mask) -> str:
    """The same for what is a customer's."""
    return mask(value) if value else said(None)


def printable(text: str) -> str:
    """Without what would move the cursor: a customer's name comes from whoever calls."""
    return "".join(character if character.isprintable() else "?" for character in text)


def lasted(since: Any, at: Any) -> str:
    """How long, from two instants of the API: "42 s", "3:07", "1:02:03"; a dash when it cannot be told."""
    try:
        seconds = int((datetime.fromisoformat(at) - datetime.fromisoformat(since)).total_seconds())
    except (TypeError, ValueError):
        return "-"
    minutes, rest = divmod(max(seconds, 0), 60)
    if not minutes:
        return f"{rest} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _pairs(rows: Any) -> Iterator[tuple[str, str]]:
    for row in rows if isinstance(rows, list) else ():
        if isinstance(row, list) and len(row) == 2:
            yield said(row[0]), said(row[1])


def _hidden(what: str, values: Any) -> str:
    count = len(values) if isinstance(values, list) else 0
    return "none" if not count else f"{count} {what}{'' if count == 1 else 's'}, hidden; --json shows them"
