"""What the results of an agent's steps lead to."""

import pytest

from bridge.agents.messages import (
    Close,
    GoNotReady,
    GoReady,
    JoinService,
    LeaveService,
    LoggedIn,
    LogIn,
    LogOut,
    Open,
    ReadStatus,
    SessionEnded,
    StatusRead,
    StepDone,
    StepFailed,
    StepResult,
)
from bridge.errors import InvalidTransition
from tests.agent_life import BROKEN, LOST, POLICY, REFUSED, UNKNOWN, Life, P, cycling, logged_in, on_call, ready


def test_an_agent_logs_in_looks_joins_and_goes_ready() -> None:
    life = Life()
    assert life.tell(Open()) == [LogIn()]
    assert life.tell(LoggedIn("s1", 40)) == [ReadStatus()]
    assert life.tell(StatusRead("LOGOFF")) == [JoinService()]
    assert life.tell(StepDone()) == [ReadStatus()]
    assert life.tell(StatusRead("NOTREADY")) == [GoReady()]
    assert life.tell(StepDone()) == []
    assert life.waits_s == POLICY.verify_s
    assert life.wait() == [ReadStatus()]
    assert life.tell(StatusRead("READY")) == []
    assert [change.new for change in life.changes] == [P.LOGGING_IN, P.JOINING, P.NOT_READY, P.READY]
    assert life.agent.session == "s1"
    assert life.agent.days_until_password_expires == 40
    assert life.alarms == []


def test_a_join_without_an_answer_is_not_repeated_before_a_look() -> None:
    life = logged_in()
    assert life.tell(StatusRead("LOGOFF")) == [JoinService()]
    assert life.tell(UNKNOWN) == []
    assert life.wait() == [ReadStatus()]
    assert life.tell(StatusRead("NOTREADY")) == [GoReady()]


def test_a_refused_join_is_tried_again_ever_later_and_is_an_alarm() -> None:
    life = logged_in()
    waits = []
    assert life.tell(StatusRead("LOGOFF")) == [JoinService()]
    for _ in range(6):
        assert life.tell(REFUSED) == []
        waits.append(life.waits_s)
        assert life.wait() == [ReadStatus()]
        assert life.tell(StatusRead("LOGOFF")) == [JoinService()]
    assert waits == sorted(waits)
    assert life.alarms == ["refused with 400 (3 times)", "refused with 400 (6 times)"]


def test_ready_that_is_refused_is_tried_again_after_a_look() -> None:
    life = logged_in()
    life.tell(StatusRead("NOTREADY"))
    waits = []
    for _ in range(4):
        assert life.tell(REFUSED) == []
        waits.append(life.waits_s)
        assert life.wait() == [ReadStatus()]
        assert life.tell(StatusRead("NOTREADY")) == [GoReady()]
    assert waits == sorted(waits)
    assert life.alarms == ["refused with 400 (3 times)"]


def test_a_ready_without_effect_is_noticed() -> None:
    life = logged_in()
    life.tell(StatusRead("NOTREADY"))
    life.tell(StepDone())
    life.wait()
    assert life.tell(StatusRead("NOTREADY")) == []
    assert life.wait() == [GoReady()]


@pytest.mark.parametrize("failure", [REFUSED, BROKEN, UNKNOWN])
def test_a_cycle_that_fails_is_tried_again_sooner_than_in_an_hour(failure: StepFailed) -> None:
    life = cycling()
    assert life.tell(failure) == []
    assert life.wait() == [ReadStatus()]
    assert life.tell(StatusRead("READY")) == []
    assert life.is_in(P.READY)
    started = life.now
    assert life.wait() == [ReadStatus()]
    assert life.tell(StatusRead("READY")) == []
    assert life.wait() == [ReadStatus()]
    assert life.now - started == pytest.approx(POLICY.cycle_retry_s)
    assert life.tell(StatusRead("READY")) == [GoNotReady()]


def test_a_cycle_without_an_answer_that_was_done_goes_on() -> None:
    life = cycling()
    life.tell(UNKNOWN)
    life.wait()
    assert life.tell(StatusRead("NOTREADY")) == [GoReady()]


def test_ready_that_fails_in_the_cycle_is_tried_again() -> None:
    life = cycling()
    life.tell(StepDone())
    life.tell(StatusRead("NOTREADY"))
    assert life.tell(BROKEN) == []
    assert life.is_in(P.NOT_READY)
    assert life.wait() == [ReadStatus()]
    assert life.tell(StatusRead("NOTREADY")) == [GoReady()]


@pytest.mark.parametrize("failure", [REFUSED, BROKEN, UNKNOWN])
def test_a_join_for_an_open_call_that_fails_does_not_hold_the_call_up(failure: StepFailed) -> None:
    life = on_call()
    life.now = 100
    life.tell(SessionEnded("s1"))
    life.tell(LoggedIn("s2"))
    assert life.tell(StatusRead("LOGOFF")) == [JoinService()]
    assert life.tell(failure) == []
    assert life.is_in(P.ON_CALL)


@pytest.mark.parametrize("failure", [REFUSED, BROKEN, UNKNOWN])
def test_leaving_goes_on_when_its_steps_fail(failure: StepFailed) -> None:
    life = ready()
    sent = life.tell(Close())
    while not life.agent.resting:
        sent += life.tell(failure) if life.agent.in_flight else life.wait()
    assert life.is_in(P.CLOSED)
    assert sent.count(LeaveService()) == POLICY.leave_tries
    assert sent.count(LogOut()) == POLICY.leave_tries
    assert life.now < 60


def test_a_session_lost_while_leaving_is_the_end_of_it() -> None:
    for steps in range(4):
        life = ready()
        life.tell(Close())
        results: list[StepResult] = [StepDone(), StatusRead("NOTREADY"), StepDone()]
        for result in results[:steps]:
            life.tell(result)
        assert life.tell(LOST) == []
        assert life.is_in(P.CLOSED)
        assert life.agent.resting


def test_a_result_nobody_asked_for_is_refused_by_name() -> None:
    life = ready()
    with pytest.raises(InvalidTransition, match="StepDone"):
        life.tell(StepDone())
    life = Life()
    life.tell(Open())
    with pytest.raises(InvalidTransition, match="StatusRead"):
        life.tell(StatusRead("READY"))


def test_a_join_without_an_answer_is_awaited_shortly_and_then_repeated() -> None:
    life = logged_in()
    assert life.tell(REFUSED) == [JoinService()]
    life.tell(UNKNOWN)
    started = life.now
    while life.now < started + POLICY.join_grace_s:
        assert life.wait() == [ReadStatus()]
        assert life.tell(REFUSED) == []
    assert life.wait() == [ReadStatus()]
    assert life.tell(REFUSED) == [JoinService()]
    assert life.now < started + POLICY.join_grace_s + 1.5 * POLICY.join_backoff_s[0] + 1
