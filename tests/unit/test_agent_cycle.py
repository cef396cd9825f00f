"""The hourly cycle: Not Ready and Ready again, when idle, each agent at its own time."""

import pytest

from bridge.agents.messages import (
    CallClosed,
    CallStarted,
    GoNotReady,
    GoReady,
    ReadStatus,
    StatusRead,
    StepDone,
)
from bridge.agents.policy import AgentPolicy
from tests.agent_life import BROKEN, POLICY, REFUSED, P, cycling, ready


def test_the_cycle_goes_not_ready_and_ready_and_looks_each_time() -> None:
    life = cycling()
    assert life.tell(StepDone()) == [ReadStatus()]
    assert life.tell(StatusRead("NOTREADY")) == [GoReady()]
    assert life.tell(StepDone()) == []
    assert life.is_in(P.READY)
    assert life.wait() == [ReadStatus()]
    assert life.tell(StatusRead("READY")) == []
    assert life.wait() == [ReadStatus()]
    assert life.now == POLICY.cycle_s * 1.5
    assert life.tell(StatusRead("READY")) == [GoNotReady()]


def test_agents_cycle_at_different_times() -> None:
    due = []
    for spread in (0.0, 0.25, 0.5, 0.75):
        life = ready(spread, AgentPolicy(reconcile_s=10_000))
        life.wait()
        due.append(life.now)
    assert due == [3600.0, 900.0, 1800.0, 2700.0]


@pytest.mark.parametrize("state", ["INCALL", "RESERVED"])
def test_a_call_seen_after_not_ready_is_a_call(state: str) -> None:
    life = cycling()
    life.tell(StepDone())
    assert life.tell(StatusRead(state)) == []
    assert life.is_in(P.ON_CALL)
    assert life.agent.takes_calls


def test_no_cycle_for_an_agent_that_is_not_ready_when_it_is_due() -> None:
    life = ready(policy=AgentPolicy(reconcile_s=10_000))
    life.wait()
    assert life.tell(StatusRead("RESERVED")) == []
    assert life.is_in(P.ON_CALL)


def test_an_invite_during_the_cycle_is_a_call_and_ready_is_not_said() -> None:
    life = cycling()
    assert life.tell(CallStarted("c1")) == []
    assert life.is_in(P.ON_CALL)
    assert life.tell(StepDone()) == []
    assert life.tell(CallClosed("c1", "NOTREADY")) == [GoReady()]


def test_a_look_that_fails_in_the_cycle_is_repeated_and_ready_is_not_said_blindly() -> None:
    life = cycling()
    life.tell(StepDone())
    assert life.tell(BROKEN) == []
    assert life.wait() == [ReadStatus()]
    assert life.tell(REFUSED) == []
    assert life.is_in(P.JOINING)
    assert life.wait() == [ReadStatus()]
    assert life.tell(StatusRead("NOTREADY")) == [GoReady()]


def test_a_not_ready_that_ends_after_a_whole_call_is_looked_into() -> None:
    life = cycling()
    life.tell(CallStarted("c1"))
    assert life.tell(CallClosed("c1", "READY")) == []
    assert life.is_in(P.READY)
    assert life.tell(StepDone()) == [ReadStatus()]
    assert life.tell(StatusRead("NOTREADY")) == []
    assert life.wait() == [GoReady()]
