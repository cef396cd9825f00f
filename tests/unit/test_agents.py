"""One virtual agent: serving, calls and sessions."""

import pytest

from bridge.agents.messages import (
    AgentCommand,
    AgentPhase,
    CallClosed,
    CallStarted,
    CallWrapping,
    Close,
    GoNotReady,
    GoReady,
    JoinService,
    LeaveService,
    LoggedIn,
    LogIn,
    LogOut,
    ReadStatus,
    SessionEnded,
    StatusRead,
    StepDone,
    StepDropped,
)
from tests.agent_life import BROKEN, LOST, POLICY, REFUSED, Life, P, logged_in, on_call, ready


def test_an_agent_does_nothing_before_it_is_told_to_serve() -> None:
    life = Life()
    assert life.agent.deadline is None
    assert life.agent.resting
    assert not life.agent.takes_calls


def test_during_a_call_of_ours_nothing_is_asked() -> None:
    life = on_call()
    assert life.waits_s == POLICY.session_s / 2
    assert life.agent.call == "c1"


def test_an_invite_is_believed_whatever_the_status_was() -> None:
    for state in ("NOTREADY", "WRAPUP", "LOGOFF", "INCALL", "READY"):
        life = logged_in()
        command = life.tell(StatusRead(state))
        assert life.agent.takes_calls
        assert life.tell(CallStarted("c1")) == []
        assert life.is_in(P.ON_CALL)
        if command:
            assert life.tell(StepDone()) == []
            assert life.is_in(P.ON_CALL)


def test_a_call_that_wraps_up_shows_it() -> None:
    life = on_call()
    assert life.tell(CallWrapping("other")) == []
    assert life.is_in(P.ON_CALL)
    assert life.tell(CallWrapping("c1")) == []
    assert life.is_in(P.WRAP_UP)
    assert life.agent.takes_calls  # LiveVox's next call may overtake the end of this one
    assert life.waits_s == POLICY.session_s / 2


def test_the_end_of_another_call_changes_nothing() -> None:
    life = on_call()
    assert life.tell(CallClosed("c0", "READY")) == []
    assert life.is_in(P.ON_CALL)
    assert life.agent.call == "c1"


def test_a_look_that_began_before_the_call_does_not_end_it() -> None:
    life = ready()
    assert life.wait() == [ReadStatus()]
    life.tell(CallStarted("c1"))
    assert life.tell(StatusRead("READY")) == []
    assert life.is_in(P.ON_CALL)


def test_ready_under_way_when_the_invite_comes_is_no_reason_to_leave_the_call() -> None:
    life = logged_in()
    assert life.tell(StatusRead("NOTREADY")) == [GoReady()]
    life.tell(CallStarted("c1"))
    assert not life.agent.still_wants(GoReady())
    assert life.tell(StepDone()) == []
    assert life.is_in(P.ON_CALL)


def test_a_lost_session_of_an_idle_agent_is_remade_at_once() -> None:
    life = ready()
    life.wait()
    assert life.tell(LOST) == [LogIn()]
    assert life.tell(LoggedIn("s2")) == [ReadStatus()]
    assert life.tell(StatusRead("READY")) == []
    assert life.agent.session == "s2"


def test_the_end_of_an_older_session_is_no_news() -> None:
    life = ready()
    assert life.tell(SessionEnded("s0")) == []
    assert life.agent.session == "s1"


def test_a_step_of_a_session_that_is_gone_says_nothing() -> None:
    life = ready()
    assert life.wait() == [ReadStatus()]
    assert life.tell(SessionEnded("s1")) == []
    assert life.tell(StatusRead("READY")) == [LogIn()]
    assert life.is_in(P.LOGGING_IN)


def test_a_call_of_the_journal_gets_a_session_even_outside_the_hours() -> None:
    life = Life()
    life.tell(Close())
    assert life.tell(CallStarted("c1")) == [LogIn()]
    assert life.tell(LoggedIn("s1")) == [ReadStatus()]
    assert life.tell(StatusRead("WRAPUP")) == []
    assert life.tell(CallClosed("c1", "READY")) == [GoNotReady()]
    assert life.tell(StepDone()) == [ReadStatus()]
    assert life.tell(StatusRead("NOTREADY")) == [LeaveService()]
    assert life.tell(StepDone()) == [LogOut()]
    assert life.tell(StepDone()) == []
    assert life.is_in(P.CLOSED)


def test_a_call_that_closes_while_its_session_is_made_is_not_waited_for() -> None:
    life = Life()
    life.tell(Close())
    life.tell(CallStarted("c1"))
    life.tell(CallClosed("c1", None))
    assert not life.agent.still_wants(LogIn())
    assert life.tell(StepDropped()) == []
    assert life.is_in(P.CLOSED)
    assert life.tell(CallStarted("c2")) == [LogIn()]
    life.tell(LoggedIn("s1"))
    assert life.tell(CallClosed("c2", None)) == []
    assert life.tell(StatusRead("LOGOFF")) == [LogOut()]


def test_a_call_that_closes_after_a_failed_log_in_needs_no_other() -> None:
    life = Life()
    life.tell(Close())
    life.tell(CallStarted("c1"))
    life.tell(BROKEN)
    assert life.is_in(P.LOGGED_OUT)
    life.tell(CallClosed("c1", None))
    assert life.is_in(P.CLOSED)
    assert life.agent.deadline is None


def test_a_long_call_keeps_the_session_alive() -> None:
    life = on_call()
    assert life.wait() == [ReadStatus()]
    assert life.tell(StatusRead("INCALL")) == []
    assert life.is_in(P.ON_CALL)
    assert life.wait() == [ReadStatus()]
    assert life.tell(BROKEN) == []
    assert life.waits_s == POLICY.session_s / 2
    life.wait()
    assert life.tell(StatusRead("WRAPUP")) == []
    assert life.is_in(P.WRAP_UP)
    assert life.stuck == []


@pytest.mark.parametrize(
    ("state", "phase", "commands"),
    [
        ("READY", P.READY, []),
        ("NOTREADY", P.NOT_READY, [GoReady()]),
        ("WRAPUP", P.WRAP_UP, []),
        ("INCALL", P.ON_CALL, []),
        ("LOGOFF", P.JOINING, [JoinService()]),
        (None, P.ON_CALL, [ReadStatus()]),
        ("COFFEE", P.ON_CALL, [ReadStatus()]),
    ],
)
def test_after_a_call_the_agent_goes_on_from_what_wrap_up_saw(
    state: str | None, phase: AgentPhase, commands: list[AgentCommand]
) -> None:
    life = on_call()
    assert life.tell(CallClosed("c1", state)) == commands
    assert life.is_in(phase)
    assert life.agent.call is None


def test_a_lost_session_during_a_call_is_remade_and_the_call_goes_on() -> None:
    life = on_call()
    life.now = 100
    assert life.tell(SessionEnded("s1")) == [LogIn()]
    assert life.agent.usable_session is None
    assert life.agent.call == "c1"
    assert life.tell(LoggedIn("s2")) == [ReadStatus()]
    assert life.agent.usable_session is None
    assert life.tell(StatusRead("INCALL")) == []
    assert life.is_in(P.ON_CALL)
    assert life.agent.usable_session == "s2"


def test_a_lost_session_during_wrap_up_is_remade_and_ready_is_not_touched() -> None:
    life = on_call()
    life.tell(CallWrapping("c1"))
    life.now = 100
    life.tell(SessionEnded("s1"))
    life.tell(LoggedIn("s2"))
    assert life.tell(StatusRead("WRAPUP")) == []
    assert life.is_in(P.WRAP_UP)


def test_an_agent_logged_off_with_its_session_joins_once_for_its_open_call() -> None:
    life = on_call()
    life.now = 100
    life.tell(SessionEnded("s1"))
    life.tell(LoggedIn("s2"))
    assert life.tell(StatusRead("LOGOFF")) == [JoinService()]
    assert life.tell(StepDone()) == [ReadStatus()]
    assert life.tell(StatusRead("LOGOFF")) == []
    assert life.wait() == [ReadStatus()]
    assert life.tell(StatusRead("NOTREADY")) == []
    assert life.is_in(P.ON_CALL)


def test_a_join_for_an_open_call_that_has_no_effect_does_not_hold_the_call_up() -> None:
    life = on_call()
    life.now = 100
    life.tell(SessionEnded("s1"))
    life.tell(LoggedIn("s2"))
    life.tell(StatusRead("LOGOFF"))
    life.tell(StepDone())
    life.now += POLICY.join_grace_s
    assert life.tell(StatusRead("LOGOFF")) == []
    assert life.is_in(P.ON_CALL)


def relogged_in_on_call() -> Life:
    life = on_call()
    life.now = 100
    life.tell(SessionEnded("s1"))
    assert life.tell(LoggedIn("s2")) == [ReadStatus()]
    return life


def test_a_look_that_fails_after_the_log_in_does_not_hold_the_call_up() -> None:
    life = relogged_in_on_call()
    assert life.tell(BROKEN) == []
    assert life.is_in(P.ON_CALL)
    assert life.agent.usable_session == "s2"


def test_a_look_that_is_refused_after_the_log_in_joins_for_the_open_call_and_awaits_it_shortly() -> None:
    life = relogged_in_on_call()
    assert life.tell(REFUSED) == [JoinService()]
    assert life.tell(StepDone()) == [ReadStatus()]
    assert life.tell(REFUSED) == []
    assert life.agent.usable_session is None
    assert life.wait() == [ReadStatus()]
    life.now += POLICY.join_grace_s
    assert life.tell(REFUSED) == []
    assert life.is_in(P.ON_CALL)
