"""The one step that comes next."""

import random

import pytest

from bridge.errors import InvalidTransition
from bridge.wrapup.agenda import Agenda
from bridge.wrapup.plan import Limits
from bridge.wrapup.steps import EndCall, Failure, ReadStatus

NO = Failure("no", retryable=False, status=400)
LOST = Failure("lost", maybe_done=True)


class Always(random.Random):
    """A chance that always falls the same way."""

    def uniform(self, a: float, b: float) -> float:
        return b


def agenda() -> Agenda:
    return Agenda(Limits(), Always(), 0.0)


def test_a_step_is_taken_when_its_time_has_come_and_none_is_in_flight() -> None:
    plans = agenda()
    plans.put(EndCall(), 5.0)
    assert (plans.take(4.9), plans.due, plans.next_step) == (None, 5.0, EndCall())
    assert plans.take(5.0) == EndCall() == plans.in_flight
    plans.look(5.0)
    assert plans.take(6.0) is None
    plans.close(EndCall(), "HERE")
    assert plans.take(6.0) == ReadStatus()


def test_only_the_step_in_flight_can_be_closed() -> None:
    with pytest.raises(InvalidTransition):
        agenda().close(ReadStatus(), "HERE")


def test_looks_become_rarer_up_to_the_poll_interval() -> None:
    plans, waits = agenda(), []
    for _ in range(5):
        plans.poll(100.0)
        waits.append(plans.due - 100.0)
    plans.look(100.0)
    plans.poll(100.0)
    assert [*waits, plans.due - 100.0] == [0.25, 0.5, 1.0, 1.0, 1.0, 0.25]


def test_each_failure_of_a_kind_doubles_its_wait_until_one_succeeds() -> None:
    plans = agenda()
    assert [plans.failed(EndCall(), LOST, 0.0, 5.0) for _ in range(4)] == [1.0, 2.0, 4.0, 5.0]
    assert plans.failed(ReadStatus(), LOST, 0.0, 5.0) == 1.0
    plans.succeeded(EndCall())
    assert plans.failed(EndCall(), LOST, 0.0, 5.0) == 1.0
    assert plans.last_failure == "lost"


def test_chance_halves_a_wait_at_most() -> None:
    plans = Agenda(Limits(), random.Random(7), 0.0)
    waits = [plans.failed(EndCall(), LOST, 0.0, 1.0) for _ in range(200)]
    assert 0.5 <= min(waits) < 0.55 and 0.95 < max(waits) <= 1.0


def test_livevox_may_ask_for_a_longer_wait_within_reason() -> None:
    plans = agenda()
    assert plans.failed(EndCall(), Failure("slowly", retry_after_s=20.0), 0.0, 30.0) == 20.0
    assert plans.failed(EndCall(), Failure("slowly", retry_after_s=900.0), 0.0, 30.0) == 30.0


def test_a_step_can_be_hastened_but_not_before_what_it_is_held_for() -> None:
    plans = agenda()
    plans.put(EndCall(), 50.0)
    plans.hasten(10.0)
    assert plans.due == 10.0
    plans.hold(14.0)
    plans.put(EndCall(), 50.0)
    plans.hasten(11.0)
    assert plans.due == 14.0
    plans.put(EndCall(), 3.0)
    plans.hasten(20.0)
    assert plans.due == 3.0, "never later"


def test_what_fails_is_told_until_it_succeeds() -> None:
    plans = agenda()
    assert (plans.failing, plans.has_failed(EndCall)) == ("", False)
    plans.failed(EndCall(), NO, 0.0, 5.0)
    plans.succeeded(ReadStatus())
    assert (plans.failing, plans.has_failed(EndCall), plans.has_failed(ReadStatus)) == ("no", True, False)
    plans.succeeded(EndCall())
    assert plans.failing == ""


def test_refusals_are_timed_while_there_is_nothing_else() -> None:
    plans = agenda()
    assert plans.refused_for(EndCall(), 5.0) == 0.0
    plans.failed(EndCall(), NO, 10.0, 1.0)
    plans.failed(EndCall(), NO, 20.0, 1.0)
    assert plans.refused_for(EndCall(), 25.0) == 15.0
    plans.failed(EndCall(), LOST, 26.0, 1.0)
    assert plans.refused_for(EndCall(), 27.0) == 0.0
    plans.failed(EndCall(), NO, 30.0, 1.0)
    plans.succeeded(EndCall())
    assert plans.refused_for(EndCall(), 40.0) == 0.0
