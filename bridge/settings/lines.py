"""[sans-IO] On which line of a TOML text each key stands: tomllib does not tell."""

import re
import tomllib
from collections.abc import Iterator, Mapping

#: A key's place in a document: ("agents", 2, "number").
KeyPath = tuple[str | int, ...]

_TOKEN = re.compile(
    r'"""(?:\\.|[^\\])*?"""+'  # multi-line basic string
    r"|'''.*?'''+"  # multi-line literal string
    r'|"(?:\\.|[^"\\\n])*"'
    r"|'[^'\n]*'"
    r"|#[^\n]*"
    r"|[\[\]{}\n]",
    re.DOTALL,
)
_KEY_PART = re.compile(r"""\s*(?P<part>"(?:\\.|[^"\\])*"|'[^']*'|[A-Za-z0-9_-]+)\s*(?P<dot>\.?)""")


def line_numbers(text: str) -> Mapping[KeyPath, int]:
    """Where each table and each key of a valid TOML text begins, counted from 1.

    Keys inside an inline table or an array are not listed: they have the line of what holds them (`line_of`).
    """
    lines: dict[KeyPath, int] = {}
    counts: dict[KeyPath, int] = {}
    table: KeyPath = ()
    for number, statement in _statements(text):
        if statement.startswith("[["):
            name = _resolve(_key(statement[2:]), counts)
            counts[name] = counts.get(name, 0) + 1
            table = (*name, counts[name] - 1)
            lines[table] = number
        elif statement.startswith("["):
            table = name = _resolve(_key(statement[1:]), counts)
        else:
            name = (*table, *_key(statement))
        lines.setdefault(name, number)
    return lines


def line_of(lines: Mapping[KeyPath, int], path: KeyPath) -> int | None:
    """The line of a key, or of the nearest thing around it that has one."""
    for length in range(len(path), 0, -1):
        if path[:length] in lines:
            return lines[path[:length]]
    return None


def _statements(text: str) -> Iterator[tuple[int, str]]:
    """Each header or key-value pair with the number of its first line; brackets hold a statement open over lines."""
    begin, depth = 0, 0
    for token in _TOKEN.finditer(text + "\n"):
        match token[0]:
            case "[" | "{":
                depth += 1
            case "]" | "}":
                depth -= 1
            case "\n" if depth == 0:
                statement = text[begin : token.start()].strip()
                if statement and not statement.startswith("#"):
                    yield text.count("\n", 0, begin) + 1, statement
                begin = token.end()


def _key(text: str) -> KeyPath:
    """The dotted key at the beginning of a text."""
    parts: list[str] = []
    position = 0
    while matched := _KEY_PART.match(text, position):
        part = matched["part"]
        parts.append(str(tomllib.loads(f"key = {part}")["key"]) if part[0] in "\"'" else part)
        position = matched.end()
        if not matched["dot"]:
            break
    return tuple(parts)


def _resolve(name: KeyPath, counts: Mapping[KeyPath, int]) -> KeyPath:
    """A header below an array of tables speaks of its last entry: [agents.x] is ("agents", 2, "x")."""
    resolved: KeyPath = ()
    for position, part in enumerate(name):
        resolved = (*resolved, part)
        if position < len(name) - 1 and resolved in counts:
            resolved = (*resolved, counts[resolved] - 1)
    return resolved
