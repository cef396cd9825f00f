"""Where several processes share the tests, no long one is left for the end, and no core waits."""

from itertools import groupby

import pytest

from tests.run_order import evenly, piece_of, spread


def test_lists_are_spread_over_the_whole_length_and_keep_their_order() -> None:
    assert evenly([["1", "2"], ["a", "b", "c", "d"], []]) == ["1", "a", "b", "2", "c", "d"]


def test_long_tests_come_first_and_pieces_stay_whole(request: pytest.FixtureRequest) -> None:
    """Of the tests that this run is about."""
    items = spread(request.session.items)
    assert sorted(item.nodeid for item in items) == sorted(item.nodeid for item in request.session.items)
    pieces = [piece for piece, _ in groupby(piece_of(item.nodeid) for item in items)]
    assert len(pieces) == len(set(pieces))
    long = {piece_of(item.nodeid) for item in items if item.get_closest_marker("long")}
    assert set(pieces[: len(long)]) == long


@pytest.mark.parametrize(
    ("nodeid", "piece"),
    [
        ("tests/unit/test_quick.py::test_one[a::b]", "tests/unit/test_quick.py"),
        ("tests/sipp/test_scenarios.py::test_it[answer]", "tests/sipp/test_scenarios.py"),
        ("tests/integration/test_waits.py::test_one[a]", "tests/integration/test_waits.py::test_one[a]"),
    ],
)
def test_files_of_quick_tests_and_of_one_stage_are_one_piece(nodeid: str, piece: str) -> None:
    assert piece_of(nodeid) == piece
