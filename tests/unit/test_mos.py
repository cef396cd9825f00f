"""How good audio sounds, by the E-model."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.media.mos import CodecQuality, mean_opinion_score


def test_a_clean_line_is_as_good_as_g711_can_be() -> None:
    assert mean_opinion_score(0.0, 0.0, 0.0) == pytest.approx(4.38, abs=0.02)


@pytest.mark.parametrize(
    ("percent", "mos"),
    # R is 92.24 less 95 * percent / (percent + 25.1); annex B makes 4.34 of 90, 4.03 of 80, 3.60 of 70, 2.58 of 50.
    [(0.6, 4.34), (3.7, 4.03), (7.7, 3.60), (20.1, 2.58)],
)
def test_random_loss_costs_what_g107_says(percent: float, mos: float) -> None:
    assert mean_opinion_score(percent / 100, 0.0, 0.0) == pytest.approx(mos, abs=0.02)


def test_a_codec_without_concealment_bears_less() -> None:
    bare = CodecQuality(0.0, 4.3)
    assert mean_opinion_score(0.05, 0.0, 0.0, bare) < 2.5 < mean_opinion_score(0.05, 0.0, 0.0)


def test_jitter_within_a_receivers_room_costs_little_and_more_a_lot() -> None:
    assert mean_opinion_score(0.0, 10.0, 0.0) > 4.3
    assert mean_opinion_score(0.0, 60.0, 0.0) < 3.6


def test_delay_disturbs_from_where_people_talk_over_each_other() -> None:
    assert mean_opinion_score(0.0, 0.0, 100.0) > 4.2
    assert mean_opinion_score(0.0, 0.0, 500.0) < 3.0


numbers = st.floats(0, 1e6)


@given(st.floats(0, 1), numbers, numbers)
def test_it_is_always_a_score_and_more_trouble_is_never_better(lost: float, jitter_ms: float, late_ms: float) -> None:
    score = mean_opinion_score(lost, jitter_ms, late_ms)
    assert 1.0 <= score <= 4.5
    assert mean_opinion_score(min(lost + 0.05, 1.0), jitter_ms, late_ms) <= score
    assert mean_opinion_score(lost, jitter_ms + 5, late_ms) <= score
    assert mean_opinion_score(lost, jitter_ms, late_ms + 5) <= score
