"""How late packets left."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.media.lateness import Lateness


def counted(*late_ms: float) -> Lateness:
    lateness = Lateness()
    for late in late_ms:
        lateness.add(late / 1000)
    return lateness


def test_nothing_is_late_without_packets() -> None:
    assert (counted().percentile_ms(50), counted().percentile_ms(99), counted().max_ms) == (0, 0, 0)


def test_the_middle_the_tail_and_the_greatest() -> None:
    lateness = counted(*[0.3] * 980, *[30] * 15, *[77] * 5)
    assert lateness.percentile_ms(50) == 0.5
    assert lateness.percentile_ms(99) == 30
    assert lateness.max_ms == pytest.approx(77)


def test_early_is_in_time() -> None:
    assert counted(-1.5, -0.1).max_ms == 0


def test_what_is_beyond_all_steps_is_known_by_the_greatest() -> None:
    assert counted(2000, 3000).percentile_ms(50) == pytest.approx(3000)


@given(st.lists(st.floats(0, 600), min_size=1), st.sampled_from([1, 50, 99, 100]))
def test_a_percentile_is_never_too_small_and_never_above_the_greatest(late_ms: list[float], percent: int) -> None:
    lateness = counted(*late_ms)
    exact = sorted(late_ms)[max(-(-len(late_ms) * percent // 100) - 1, 0)]
    assert exact - 1e-6 <= lateness.percentile_ms(percent) <= max(late_ms) + 1e-6
