"""The probe's arithmetic: how late packets come against the grid of their streams."""

import pytest

from tests.benchmarks.probe import lateness_ms

FRAME_NS = 20_000_000


def stream(*late_ms: float, begin: int = 0) -> list[int]:
    """Arrivals of packets that are so late, on a grid that begins somewhere."""
    return [begin + place * FRAME_NS + round(late * 1e6) for place, late in enumerate(late_ms)]


def test_packets_on_the_grid_are_not_late_wherever_it_begins() -> None:
    assert lateness_ms([stream(*[0.0] * 50), stream(*[0.0] * 50, begin=7_654_321)]) == 0


def test_a_packet_in_a_hundred_may_be_later_than_what_is_told() -> None:
    assert lateness_ms([stream(*[0.0] * 150, 9.0)]) == 0
    assert lateness_ms([stream(*[0.0] * 97, 4.0, 4.0, 9.0)]) == pytest.approx(4.0)


def test_each_stream_has_a_grid_of_its_own_that_its_most_punctual_packet_sets() -> None:
    assert lateness_ms([stream(3.0, 5.0), stream(1.0, 1.0)]) == pytest.approx(2.0)


def test_without_a_stream_nothing_is_late() -> None:
    assert lateness_ms([]) == 0
