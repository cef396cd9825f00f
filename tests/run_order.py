"""In which order tests go, and which stay together, when several processes share them."""

from collections.abc import Sequence
from typing import TypeVar

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

T = TypeVar("T")

#: Folders each of whose files goes to one process: its tests are quick, or share a stage that takes long to build.
_WHOLE_FILES = ("tests/unit/", "tests/sipp/")


def spread(items: Sequence[pytest.Item]) -> list[pytest.Item]:
    """Long tests first; then those that compute and those that wait in turn, so that no core is idle or overrun."""
    long: list[list[pytest.Item]] = []
    others: dict[str, list[list[pytest.Item]]] = {}
    for piece in _pieces(items):
        if any(item.get_closest_marker("long") for item in piece):
            long.append(piece)
        else:
            others.setdefault(piece[0].nodeid.rpartition("/")[0], []).append(piece)
    return [item for piece in [*long, *evenly(list(others.values()))] for item in piece]


def evenly(lists: Sequence[Sequence[T]]) -> list[T]:
    """All in one line: each list keeps its order and is spread over the whole length."""
    placed = [(index / len(each), item) for each in lists for index, item in enumerate(each)]
    return [item for _, item in sorted(placed, key=lambda pair: pair[0])]


def piece_of(nodeid: str) -> str:
    """Tests of the same piece go to the same process, one after the other."""
    return nodeid.partition("::")[0] if nodeid.startswith(_WHOLE_FILES) else nodeid


def _pieces(items: Sequence[pytest.Item]) -> list[list[pytest.Item]]:
    pieces: dict[str, list[pytest.Item]] = {}
    for item in items:
        pieces.setdefault(piece_of(item.nodeid), []).append(item)
    return list(pieces.values())


class Pieces(LoadScopeScheduling):  # type: ignore[misc]  # xdist has no types
    """Gives a process its next piece when it is done with the one before, in the order of `spread`."""

    def __init__(self, config: pytest.Config, log: Producer | None = None) -> None:
        super().__init__(config, log)
        config.option.loadscopereorder = False

    def _split_scope(self, nodeid: str) -> str:
        return piece_of(nodeid)
