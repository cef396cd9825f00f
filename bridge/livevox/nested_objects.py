"""[sans-IO] Every JSON object inside an answer, for those answers whose outer shape is not documented."""

from collections.abc import Iterator
from typing import Any


def objects_in(value: Any) -> Iterator[dict[str, Any]]:
    """The objects inside a JSON value, itself included, parents before children, in the order they are written.

    Without recursion: an answer nested a thousand deep costs no stack.
    """
    pending = [value]
    while pending:
        current = pending.pop()
        if isinstance(current, dict):
            yield current
            pending.extend(reversed(current.values()))
        elif isinstance(current, list):
            pending.extend(reversed(current))
