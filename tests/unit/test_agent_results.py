"""What the results of an agent's steps lead to."""

import pytest

from bridge.agent_messages import (
    AgentEvent,
    CallClosed,
    CallStarted,
    Close,
    GoNotReady,
    GoReady,
    JoinService,
    LeaveService,
    LoggedIn,
    LogIn,
    LoginRefused,
    LogOut,
    Open,
    Pause,
    ReadStatus,
    Resume,
    SessionEnded,
    StatusRead,
    StepDone,
    StepDropped,
    StepFailed,
    StepResult,
    Stop,
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


def test_refused_credentials_lock_the_agent_for_good() -> None:
    life = Life()
    life.tell(Open())
    assert life.tell(LoginRefused(permanent=True, detail="refused with 401")) == []
    assert life.is_in(P.LOCKED)
    assert life.agent.locked
    assert life.agent.resting
    assert len(life.alarms) == 1
    for event in (Close(), Open(), Pause(), CallStarted("c1"), CallClosed("c1", None), SessionEnded("s0")):
        assert life.tell(event) == []
        assert life.is_in(P.LOCKED)
        assert life.agent.deadline is None


def test_an_operator_lets_a_locked_agent_log_in_again() -> None:
    life = Life()
    life.tell(Open())
    life.tell(LoginRefused(permanent=True, detail="refused with 401"))
    assert life.tell(Resume()) == [LogIn()]
    assert life.is_in(P.LOGGING_IN)


def test_a_locked_agent_resumed_outside_the_hours_waits_for_them() -> None:
    life = Life()
    life.tell(Open())
    life.tell(LoginRefused(permanent=True, detail="refused with 401"))
    life.tell(Close())
    assert life.tell(Resume()) == []
    assert life.is_in(P.CLOSED)
    assert life.tell(Open()) == [LogIn()]


@pytest.mark.parametrize(
    ("failure", "limits"),
    [
        (BROKEN, POLICY.login_backoff_s),
        (UNKNOWN, POLICY.login_backoff_s),
        (LoginRefused(permanent=False, detail="refused with 599"), POLICY.refused_login_backoff_s),
    ],
)
def test_log_ins_that_fail_are_tried_again_ever_later(failure: AgentEvent, limits: tuple[float, float]) -> None:
    life = Life()
    life.tell(Open())
    waits = []
    for _ in range(12):
        assert life.tell(failure) == []
        assert life.is_in(P.LOGGED_OUT)
        waits.append(life.waits_s)
        assert life.wait() == [LogIn()]
    assert waits[0] >= limits[0]
    assert all(later > earlier for earlier, later in zip(waits[:4], waits[1:5], strict=True))
    assert limits[1] <= waits[-1] <= 1.5 * limits[1]
    assert len(life.alarms) == 4


def test_a_log_in_waits_as_long_as_livevox_asks() -> None:
    life = Life()
    life.tell(Open())
    life.tell(LoginRefused(permanent=False, detail="refused with 503", retry_after_s=500))
    assert life.waits_s == 500


def test_a_log_in_that_was_not_sent_and_is_wanted_again_is_made_at_once() -> None:
    life = Life()
    life.tell(Open())
    life.tell(Close())
    life.tell(Open())
    assert life.tell(StepDropped()) == [LogIn()]


def test_a_password_that_expires_soon_is_an_alarm() -> None:
    life = Life()
    life.tell(Open())
    life.tell(LoggedIn("s1", 6))
    assert len(life.alarms) == 1
    assert "6 days" in life.alarms[0]


def test_sessions_that_are_lost_at_once_are_remade_ever_later() -> None:
    life = Life()
    life.tell(Open())
    waits = []
    for number in range(8):
        assert life.tell(LoggedIn(f"s{number}")) == [ReadStatus()]
        assert life.tell(LOST) == []
        waits.append(life.waits_s)
        assert life.wait() == [LogIn()]
    assert waits[0] >= POLICY.login_backoff_s[0]
    assert waits[-1] >= POLICY.login_backoff_s[1]


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


@pytest.mark.parametrize("event", [Close(), Stop()])
def test_a_log_in_that_ends_after_the_hours_leads_out_again(event: AgentEvent) -> None:
    life = Life()
    life.tell(Open())
    assert life.tell(event) == []
    assert life.tell(LoggedIn("s1")) == [ReadStatus()]
    assert life.is_in(P.LEAVING)
    assert life.tell(REFUSED) == []
    while life.is_in(P.LEAVING):
        assert life.wait() == [ReadStatus()]
        commands = life.tell(REFUSED)
    assert commands == [LeaveService()]


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


@pytest.mark.parametrize(
    ("failure", "limits"),
    [
        (BROKEN, POLICY.login_backoff_s),
        (LoginRefused(permanent=False, detail="refused with 599"), POLICY.refused_login_backoff_s),
    ],
)
def test_a_session_that_proves_good_ends_the_growing_of_waits(failure: AgentEvent, limits: tuple[float, float]) -> None:
    life = Life()
    life.tell(Open())
    for _ in range(5):
        life.tell(failure)
        life.wait()
    life.tell(LoggedIn("s1"))
    life.tell(StatusRead("READY"))
    life.wait()
    assert life.tell(LOST) == [LogIn()]
    life.tell(failure)
    assert life.waits_s <= 1.5 * limits[0]


def test_a_session_lost_soon_after_an_outage_is_remade_soon() -> None:
    life = Life()
    life.tell(Open())
    for _ in range(8):
        life.tell(BROKEN)
        life.wait()
    life.tell(LoggedIn("s1"))
    life.tell(StatusRead("READY"))
    life.tell(CallStarted("c1"))
    life.tell(SessionEnded("s1"))
    assert life.waits_s <= POLICY.login_backoff_s[0]


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
