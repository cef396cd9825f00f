"""What agent/status means for an agent, phase by phase."""

import pytest

from bridge.agents.messages import (
    AgentCommand,
    AgentEvent,
    AgentPhase,
    GoReady,
    JoinService,
    ReadStatus,
    StatusRead,
    StepDone,
)
from tests.agent_life import BROKEN, POLICY, REFUSED, P, logged_in, ready


@pytest.mark.parametrize(
    ("state", "phase", "commands"),
    [
        ("READY", P.READY, []),
        ("NOTREADY", P.NOT_READY, [GoReady()]),
        ("MANUALDIAL", P.NOT_READY, [GoReady()]),
        ("PREVIEWDIAL", P.NOT_READY, [GoReady()]),
        ("INCALL", P.ON_CALL, []),
        ("HOLD", P.ON_CALL, []),
        ("TRANSFERRING", P.ON_CALL, []),
        ("RESERVED", P.ON_CALL, []),
        ("DIALING", P.ON_CALL, []),
        ("WRAPUP", P.WRAP_UP, []),
        ("LOGOFF", P.JOINING, [JoinService()]),
        ("", P.JOINING, [JoinService()]),
        ("SOMETHING", P.JOINING, [JoinService()]),
        ("REGISTERING", P.JOINING, []),
        ("LOGON", P.JOINING, []),
    ],
)
def test_after_a_log_in_the_agent_goes_on_from_where_it_stands(
    state: str, phase: AgentPhase, commands: list[AgentCommand]
) -> None:
    life = logged_in()
    assert life.tell(StatusRead(state)) == commands
    assert life.is_in(phase)


def test_a_look_that_is_refused_after_a_log_in_means_not_joined() -> None:
    assert logged_in().tell(REFUSED) == [JoinService()]


def test_a_look_that_fails_after_a_log_in_is_repeated_before_joining() -> None:
    life = logged_in()
    assert life.tell(BROKEN) == []
    assert life.wait() == [ReadStatus()]
    assert life.tell(BROKEN) == []
    assert life.wait() == [ReadStatus()]
    assert life.tell(BROKEN) == [JoinService()]


@pytest.mark.parametrize("failure", [REFUSED, BROKEN, StatusRead(""), StatusRead("REGISTERING")])
def test_after_joining_status_may_fail_until_the_agent_is_registered(failure: AgentEvent) -> None:
    life = logged_in()
    life.tell(REFUSED)
    assert life.tell(StepDone()) == [ReadStatus()]
    for _ in range(250):
        assert life.tell(failure) == []
        assert life.waits_s == pytest.approx(POLICY.register_poll_s)
        assert life.wait() == [ReadStatus()]
    assert life.tell(StatusRead("NOTREADY")) == [GoReady()]
    assert life.alarms == []


def test_an_agent_that_is_never_registered_joins_again_ever_later() -> None:
    life = logged_in()
    life.tell(REFUSED)
    life.tell(StepDone())
    waits = []
    for _ in range(3):
        life.now += POLICY.register_limit_s
        assert life.tell(REFUSED) == []
        waits.append(life.waits_s)
        assert life.wait() == [ReadStatus()]
        assert life.tell(StatusRead("LOGOFF")) == [JoinService()]
        assert life.tell(StepDone()) == [ReadStatus()]
    assert POLICY.join_backoff_s[0] <= waits[0] < waits[1] < waits[2]
    assert life.alarms == ["LiveVox does not register the agent in its service: refused with 400 (3 times)"]


def test_an_answered_logoff_after_joining_is_believed_after_a_while() -> None:
    life = logged_in()
    life.tell(StatusRead("LOGOFF"))
    life.tell(StepDone())
    assert life.tell(StatusRead("LOGOFF")) == []
    life.wait()
    life.now += POLICY.join_grace_s
    assert life.tell(StatusRead("LOGOFF")) == []
    assert life.waits_s >= POLICY.join_backoff_s[0]
    assert life.wait() == [ReadStatus()]
    assert life.tell(StatusRead("LOGOFF")) == [JoinService()]


def test_a_ready_agent_is_looked_at_every_few_minutes() -> None:
    life = ready(spread=0.9)
    looks = []
    while life.now < 2900:
        assert life.wait() == [ReadStatus()]
        looks.append(life.now)
        assert life.tell(StatusRead("READY")) == []
    assert 9 <= len(looks) <= 10
    assert all(look % POLICY.reconcile_s == pytest.approx(0.9 * POLICY.reconcile_s) for look in looks)


def test_an_agent_that_livevox_made_not_ready_goes_ready_again_with_growing_waits() -> None:
    life = ready()
    waits = []
    for _ in range(4):
        life.wait()
        assert life.tell(StatusRead("NOTREADY")) == []
        assert life.is_in(P.NOT_READY)
        waits.append(life.waits_s)
        assert life.wait() == [GoReady()]
        life.tell(StepDone())
    assert waits == sorted(waits)
    assert waits[0] >= POLICY.ready_backoff_s[0]
    assert life.alarms == ["LiveVox makes the agent Not Ready (3 times)"]


def test_old_troubles_are_forgotten_once_the_agent_was_ready_for_long() -> None:
    life = ready()
    life.wait()
    life.tell(StatusRead("NOTREADY"))
    first = life.waits_s
    life.wait()
    life.tell(StepDone())
    until = life.now + POLICY.steady_s
    while life.now <= until:
        life.wait()
        life.tell(StatusRead("READY"))
    life.wait()
    life.tell(StatusRead("NOTREADY"))
    assert life.waits_s < 1.5 * POLICY.ready_backoff_s[0]
    assert first < 1.5 * POLICY.ready_backoff_s[0]


def test_an_agent_that_somebody_else_joined_is_awaited() -> None:
    life = ready()
    life.wait()
    assert life.tell(StatusRead("REGISTERING")) == []
    assert life.wait() == [ReadStatus()]
    assert life.tell(StatusRead("READY")) == []
    assert life.is_in(P.READY)


def test_status_that_fails_leaves_a_ready_agent_ready_and_taking_calls() -> None:
    life = ready()
    life.wait()
    for _ in range(POLICY.look_limit - 1):
        assert life.tell(BROKEN) == []
        assert life.is_in(P.READY)
        assert life.agent.takes_calls
        assert life.wait() == [ReadStatus()]
    assert life.tell(StatusRead("READY")) == []
    assert life.is_in(P.READY)


def test_status_that_fails_for_long_may_mean_that_the_agent_is_not_joined() -> None:
    life = ready()
    life.wait()
    for _ in range(POLICY.look_limit):
        life.tell(BROKEN)
        assert life.wait() == [ReadStatus()]
    assert life.is_in(P.JOINING)
    assert life.agent.takes_calls
    assert life.tell(BROKEN) == [JoinService()]


@pytest.mark.parametrize("state", ["READY", "NOTREADY", "INCALL", "WRAPUP"])
def test_status_that_is_refused_twice_means_that_the_agent_is_not_joined(state: str) -> None:
    life = logged_in()
    if life.tell(StatusRead(state)):
        life.tell(BROKEN)
    life.wait()
    assert life.tell(REFUSED) == []
    assert life.wait() == [ReadStatus()]
    assert life.tell(REFUSED) == [JoinService()]


def test_a_state_nobody_knows_is_looked_at_again() -> None:
    life = ready()
    life.wait()
    assert life.tell(StatusRead("COFFEE")) == []
    assert life.is_in(P.READY)
    assert life.wait() == [ReadStatus()]


def test_a_look_that_succeeds_ends_the_growing_of_waits() -> None:
    life = ready()
    life.wait()
    for _ in range(4):
        life.tell(BROKEN)
        life.wait()
    life.tell(StatusRead("READY"))
    life.wait()
    life.tell(BROKEN)
    assert life.waits_s <= 1.5 * POLICY.look_backoff_s[0]
