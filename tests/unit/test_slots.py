"""The times at which audio is sent."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.media.slots import Slots


def test_slots_come_every_20_ms_from_the_start() -> None:
    slots = Slots(100.0)
    assert slots.next_at() == pytest.approx(100.02)
    assert slots.take(100.0201) == (1, 0)
    assert slots.next_at() == pytest.approx(100.04)
    assert slots.due(50) == pytest.approx(101.0)


def test_a_timer_that_fires_a_little_early_gets_its_slot_and_the_next_one_is_the_next() -> None:
    slots = Slots(0.0)
    assert slots.take(0.0185) == (1, 0)
    assert slots.next_at() == pytest.approx(0.04)


def test_a_timer_that_fires_too_early_gets_none() -> None:
    slots = Slots(0.0)
    assert slots.take(0.01) is None
    assert slots.next_at() == pytest.approx(0.02)


def test_delays_do_not_add_up() -> None:
    slots = Slots(0.0)
    now, taken = 0.0, []
    for _ in range(500):
        now = slots.next_at() + 0.015  # each timer is late
        taken.append(slots.take(now))
    assert taken == [(number, 0) for number in range(1, 501)]


def test_missed_slots_are_counted() -> None:
    slots = Slots(0.0)
    slots.take(0.02)
    assert slots.take(0.109) == (5, 3)


def test_a_slot_that_is_left_out_is_not_missed() -> None:
    slots = Slots(0.0)
    slots.take(0.02)
    assert slots.next_at(2) == pytest.approx(0.06)
    assert slots.take(0.06) == (3, 0)
    slots.next_at(2)
    assert slots.take(0.149) == (7, 2)


def test_a_slot_that_was_to_be_left_out_can_be_taken_after_all() -> None:
    slots = Slots(0.0)
    slots.next_at(2)
    assert slots.next_at() == pytest.approx(0.02)
    assert slots.take(0.021) == (1, 0)


def test_slots_without_calls_are_not_missed() -> None:
    slots = Slots(0.0)
    slots.take(0.02)
    slots.skip(5.0)
    assert slots.take(slots.next_at()) == (251, 0)


@given(st.lists(st.floats(0, 0.5), max_size=50))
def test_every_slot_is_given_out_or_missed_once(steps: list[float]) -> None:
    slots = Slots(0.0)
    now, given_out = 0.0, 0
    for step in steps:
        now += step
        took = slots.take(now)
        if took is not None:
            number, missed = took
            assert number == given_out + missed + 1
            given_out = number
