"""An agent out of service: pauses, closing hours, stop."""

import pytest

from bridge.agents.messages import (
    Abandon,
    AgentCommand,
    AgentEvent,
    AgentPhase,
    CallClosed,
    CallStarted,
    Close,
    GoNotReady,
    GoReady,
    JoinService,
    LeaveService,
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
    Stop,
)
from tests.agent_life import BROKEN, POLICY, Life, P, logged_in, on_call, ready


@pytest.mark.parametrize(("event", "phase"), [(Close(), P.CLOSED), (Stop(), P.LOGGED_OUT)])
def test_an_idle_agent_leaves_in_order(event: AgentEvent, phase: AgentPhase) -> None:
    life = ready()
    assert life.tell(event) == [GoNotReady()]
    assert life.agent.takes_calls
    assert life.tell(StepDone()) == [ReadStatus()]
    assert life.tell(StatusRead("NOTREADY")) == [LeaveService()]
    assert not life.agent.takes_calls
    assert life.tell(StepDone()) == [LogOut()]
    assert life.tell(StepDone()) == []
    assert life.is_in(phase)
    assert life.agent.resting
    assert life.agent.session is None


def test_an_agent_on_a_call_finishes_it_before_it_leaves() -> None:
    life = on_call()
    assert life.tell(Close()) == []
    assert life.is_in(P.ON_CALL)
    assert life.tell(CallClosed("c1", "NOTREADY")) == [LeaveService()]
    assert life.is_in(P.LOGGING_OUT)


def test_a_call_that_comes_while_the_agent_goes_is_taken_first() -> None:
    life = ready()
    life.tell(Close())
    life.tell(StepDone())
    assert life.tell(StatusRead("RESERVED")) == []
    assert life.agent.takes_calls
    assert life.tell(CallStarted("c1")) == []
    assert life.tell(CallClosed("c1", "READY")) == [GoNotReady()]


def test_a_pause_keeps_the_session_and_the_service() -> None:
    life = ready()
    assert life.tell(Pause()) == [GoNotReady()]
    life.tell(StepDone())
    assert life.tell(StatusRead("NOTREADY")) == []
    assert life.is_in(P.PAUSED)
    assert not life.agent.takes_calls
    assert life.waits_s == POLICY.reconcile_s
    assert life.wait() == [ReadStatus()]
    assert life.tell(BROKEN) == []
    assert life.wait() == [ReadStatus()]
    assert life.tell(StatusRead("READY")) == [GoNotReady()]
    assert life.is_in(P.LEAVING)
    life.tell(StepDone())
    life.tell(StatusRead("NOTREADY"))
    assert life.tell(Resume()) == [ReadStatus()]
    assert life.tell(StatusRead("NOTREADY")) == [GoReady()]


@pytest.mark.parametrize("state", ["LOGOFF", "REGISTERING"])
def test_a_paused_agent_that_is_logged_off_stays_so(state: str) -> None:
    life = ready()
    life.tell(Pause())
    life.tell(StepDone())
    assert life.tell(StatusRead(state)) == []
    assert life.is_in(P.PAUSED)


def test_a_paused_agent_that_loses_its_session_makes_no_other() -> None:
    life = ready()
    life.tell(Pause())
    life.tell(StepDone())
    life.tell(StatusRead("NOTREADY"))
    assert life.tell(SessionEnded("s1")) == []
    assert life.is_in(P.PAUSED)
    assert life.agent.resting
    assert life.tell(Close()) == []
    assert life.is_in(P.PAUSED)
    assert life.tell(Resume()) == []
    assert life.is_in(P.CLOSED)
    life.tell(Open())
    assert life.wait() == [LogIn()]


def test_a_paused_agent_leaves_when_the_hours_end() -> None:
    life = ready()
    life.tell(Pause())
    life.tell(StepDone())
    life.tell(StatusRead("NOTREADY"))
    assert life.tell(Close()) == [ReadStatus()]
    assert life.tell(StatusRead("NOTREADY")) == [LeaveService()]
    life.tell(StepDone())
    life.tell(StepDone())
    assert life.is_in(P.PAUSED)
    assert life.agent.session is None
    assert life.tell(Open()) == []
    assert life.tell(Resume()) == []
    assert life.wait() == [LogIn()]


@pytest.mark.parametrize("event", [Pause(), Close(), Stop()])
def test_an_agent_that_is_not_ready_yet_does_not_go_ready_any_more(event: AgentEvent) -> None:
    life = logged_in()
    assert life.tell(StatusRead("NOTREADY")) == [GoReady()]
    assert life.tell(event) == []
    assert not life.agent.still_wants(GoReady())
    assert life.tell(StepDropped()) == [ReadStatus()]
    life.tell(StatusRead("NOTREADY"))
    assert life.is_in(P.PAUSED, P.LOGGING_OUT)


def test_an_agent_resumed_while_it_leaves_stays() -> None:
    life = ready()
    life.tell(Pause())
    assert life.tell(Resume()) == []
    assert life.tell(StepDone()) == [ReadStatus()]
    assert life.tell(StatusRead("NOTREADY")) == [GoReady()]


def test_an_agent_whose_hours_open_while_it_logs_out_logs_in_again() -> None:
    life = ready()
    life.tell(Close())
    life.tell(StepDone())
    assert life.tell(StatusRead("NOTREADY")) == [LeaveService()]
    assert life.tell(Open()) == []
    assert life.tell(StepDone()) == [LogOut()]
    life.tell(StepDone())
    assert life.is_in(P.LOGGED_OUT)
    assert life.wait() == [LogIn()]


def test_a_pause_is_not_shown_before_livevox_shows_not_ready() -> None:
    life = ready()
    commands = life.tell(Pause())
    for _ in range(10):
        assert commands == [GoNotReady()]
        assert life.tell(StepDone()) == [ReadStatus()]
        assert life.tell(StatusRead("READY")) == []
        assert life.is_in(P.LEAVING)
        commands = life.wait()
    assert len(life.alarms) == 3


def test_an_agent_that_livevox_keeps_ready_logs_out_all_the_same() -> None:
    life = ready()
    life.tell(Stop())
    commands: list[AgentCommand] = []
    for _ in range(POLICY.leave_tries):
        assert life.tell(StepDone()) == [ReadStatus()]
        commands = life.tell(StatusRead("READY")) or life.wait()
    assert commands == [LeaveService()]


def test_an_abandoned_call_is_left_to_the_next_start() -> None:
    life = on_call()
    life.tell(Stop())
    assert life.tell(Abandon()) == []
    assert life.is_in(P.LOGGED_OUT)
    assert life.agent.resting
    assert life.tell(CallClosed("c1", "READY")) == []
    assert life.tell(Abandon()) == []


def test_an_abandoned_agent_without_a_call_leaves_and_logs_out() -> None:
    life = ready()
    assert life.tell(Stop()) == [GoNotReady()]
    life.tell(StepDone())
    life.tell(StatusRead("WRAPUP"))
    assert life.tell(Abandon()) == [LeaveService()]
    assert life.tell(Abandon()) == []
    assert life.tell(StepDone()) == [LogOut()]
    life.tell(StepDone())
    assert life.is_in(P.LOGGED_OUT)
    assert life.agent.resting


def test_an_abandoned_agent_without_a_session_rests() -> None:
    life = Life()
    life.tell(Open())
    life.tell(BROKEN)
    life.tell(Abandon())
    assert life.agent.resting
    life = Life()
    life.tell(Open())
    life.tell(Abandon())
    assert life.is_in(P.LOGGING_IN)
    assert life.tell(BROKEN) == []
    assert life.agent.resting


def test_a_look_under_way_when_the_agent_is_abandoned_changes_nothing() -> None:
    life = ready()
    life.wait()
    assert life.tell(Abandon()) == []
    assert life.tell(StatusRead("READY")) == [LeaveService()]


def test_a_call_that_starts_while_the_agent_logs_out_gets_a_new_session() -> None:
    life = ready()
    life.tell(Close())
    life.tell(StepDone())
    life.tell(StatusRead("NOTREADY"))
    assert life.tell(CallStarted("c1")) == []
    assert life.tell(StepDone()) == [LogOut()]
    life.tell(StepDone())
    assert life.wait() == [LogIn()]


def test_a_stopped_locked_agent_rests() -> None:
    life = Life()
    life.tell(Open())
    life.tell(LoginRefused(permanent=True, detail="refused with 401"))
    assert life.tell(Stop()) == []
    assert life.is_in(P.LOGGED_OUT)
    assert life.agent.resting


def test_an_agent_that_waits_for_its_log_in_closes_at_once() -> None:
    life = Life()
    life.tell(Open())
    life.tell(BROKEN)
    assert life.tell(Close()) == []
    assert life.is_in(P.CLOSED)
    assert life.agent.deadline is None


def test_joining_is_given_up_when_the_agent_shall_not_serve() -> None:
    life = logged_in()
    assert life.tell(StatusRead("LOGOFF")) == [JoinService()]
    assert life.tell(Close()) == []
    assert not life.agent.still_wants(JoinService())
    assert life.tell(StepDone()) == [ReadStatus()]
    assert life.tell(StatusRead("REGISTERING")) == [LeaveService()]
