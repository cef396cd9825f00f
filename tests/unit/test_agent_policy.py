"""Waiting: back-offs, the pace of log-ins, and slots that spread the agents over a period."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.agents.policy import Backoff, LoginPace, next_slot


def test_waits_double_up_to_the_longest_and_are_lengthened_by_at_most_a_half() -> None:
    backoff = Backoff((10, 300), Random(7))
    for number in range(100):
        wait = backoff.fail()
        plain = min(10 * 2**number, 300)
        assert plain <= wait <= 1.5 * plain
    assert backoff.failures == 100


def test_two_agents_do_not_wait_equally_long() -> None:
    chance = Random(7)
    assert Backoff((10, 300), chance).fail() != Backoff((10, 300), chance).fail()


def test_a_wait_is_no_shorter_than_what_livevox_asks() -> None:
    assert Backoff((10, 300), Random(7)).fail(at_least=1000) == 1000


def test_after_a_success_waits_begin_anew() -> None:
    backoff = Backoff((10, 300), Random(7))
    for _ in range(5):
        backoff.fail()
    backoff.reset()
    assert backoff.failures == 0
    assert backoff.fail() <= 15


def test_log_ins_begin_one_after_the_other() -> None:
    pace = LoginPace(2)
    assert [pace.slot(100.0) for _ in range(4)] == [100.0, 100.5, 101.0, 101.5]
    assert pace.slot(200.0) == 200.0


def test_a_log_in_that_a_call_waits_for_goes_first_and_counts() -> None:
    pace = LoginPace(2)
    assert [pace.slot(100.0) for _ in range(4)][-1] == 101.5
    assert pace.slot(100.1, urgent=True) == 100.1
    assert pace.slot(100.1) == 102.5


@given(
    after=st.floats(0, 1e9),
    period_s=st.floats(0.01, 1e5),
    spread=st.floats(0, 1, exclude_max=True),
)
def test_the_next_slot_is_later_by_at_most_a_period(after: float, period_s: float, spread: float) -> None:
    slot = next_slot(after, period_s, spread)
    assert after < slot <= after + period_s * 1.0001 + 1e-6


def test_slots_of_one_agent_are_a_period_apart() -> None:
    first = next_slot(12_345.0, 3600, 0.25)
    assert next_slot(first, 3600, 0.25) == first + 3600
    assert first % 3600 == pytest.approx(900)
