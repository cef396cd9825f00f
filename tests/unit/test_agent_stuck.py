"""Agents that LiveVox keeps busy or throws out: told to the controller, joined again ever later."""

import pytest

from bridge.agents.messages import (
    AgentStuck,
    CallClosed,
    CallStarted,
    JoinService,
    ReadStatus,
    StatusRead,
    StepDone,
)
from tests.agent_life import POLICY, Life, P, on_call, ready


def test_an_agent_that_was_logged_off_joins_again() -> None:
    life = ready()
    life.wait()
    assert life.tell(StatusRead("LOGOFF")) == [JoinService()]
    assert life.is_in(P.JOINING)


def test_an_agent_that_is_logged_off_again_and_again_joins_ever_later() -> None:
    life = ready()
    life.wait()
    life.tell(StatusRead("LOGOFF"))
    waits = []
    for _ in range(3):
        life.tell(StepDone())
        life.tell(StatusRead("READY"))
        life.wait()
        assert life.tell(StatusRead("LOGOFF")) == []
        waits.append(life.waits_s)
        assert life.wait() == [JoinService()]
    assert POLICY.join_backoff_s[0] <= waits[0] < waits[1] < waits[2]


def test_wrap_up_that_lasts_without_a_call_of_ours_is_told_again_and_again() -> None:
    life = on_call()
    life.tell(CallClosed("c1", "WRAPUP"))
    started = life.now
    while life.now < started + 2.5 * POLICY.stuck_wrap_up_s:
        assert life.wait() == [ReadStatus()]
        assert life.tell(StatusRead("WRAPUP", "108821676850")) == []
    assert [stuck.lasted_s for stuck in life.stuck] == [POLICY.stuck_wrap_up_s, 2 * POLICY.stuck_wrap_up_s]
    assert life.stuck[0] == AgentStuck("8990000001", "WRAPUP", "108821676850", POLICY.stuck_wrap_up_s)
    assert len(life.alarms) == 2
    life.wait()
    assert life.tell(StatusRead("READY")) == []
    assert life.is_in(P.READY)


def test_a_call_that_only_livevox_shows_is_told_later_and_its_wrap_up_counts_anew() -> None:
    life = ready()
    life.wait()
    life.tell(StatusRead("INCALL", "1"))
    while not life.stuck:
        life.wait()
        life.tell(StatusRead("INCALL", "1"))
    assert life.stuck[0].lasted_s == pytest.approx(POLICY.stuck_call_s)
    life.wait()
    life.tell(StatusRead("WRAPUP", "1"))
    until = life.now + POLICY.stuck_wrap_up_s - 1
    while life.now < until:
        assert len(life.stuck) == 1
        life.wait()
        life.tell(StatusRead("WRAPUP", "1"))
    assert life.stuck[1].lasted_s == pytest.approx(POLICY.stuck_wrap_up_s)


def test_an_invite_ends_the_watch_over_an_old_wrap_up() -> None:
    life = ready()
    life.wait()
    life.tell(StatusRead("WRAPUP"))
    life.tell(CallStarted("c1"))
    life.tell(CallClosed("c1", "WRAPUP"))
    closed = life.now
    while not life.stuck:
        life.wait()
        life.tell(StatusRead("WRAPUP"))
    assert life.now == closed + POLICY.stuck_wrap_up_s
    assert [stuck.lasted_s for stuck in life.stuck] == [pytest.approx(POLICY.stuck_wrap_up_s)]


def kicked_out_twice() -> Life:
    """A Ready agent that has been logged off twice; the next join would be put off."""
    life = ready()
    for _ in range(2):
        life.wait()
        if not life.tell(StatusRead("LOGOFF")):
            life.wait()
        life.tell(StepDone())
        life.tell(StatusRead("READY"))
    return life


def test_an_agent_that_was_ready_for_long_joins_again_at_once() -> None:
    life = kicked_out_twice()
    until = life.now + POLICY.steady_s
    while life.now <= until:
        life.wait()
        life.tell(StatusRead("READY"))
    life.wait()
    assert life.tell(StatusRead("LOGOFF")) == [JoinService()]


def test_an_agent_that_had_a_call_joins_again_at_once() -> None:
    life = kicked_out_twice()
    life.tell(CallStarted("c1"))
    assert life.tell(CallClosed("c1", "LOGOFF")) == [JoinService()]


def test_an_agent_that_had_a_call_is_ready_again_soon() -> None:
    life = ready()
    for _ in range(5):
        life.wait()
        life.tell(StatusRead("NOTREADY"))
        life.wait()
        life.tell(StepDone())
    life.tell(CallStarted("c1"))
    life.tell(CallClosed("c1", "READY"))
    life.wait()
    life.tell(StatusRead("NOTREADY"))
    assert life.waits_s <= 1.5 * POLICY.ready_backoff_s[0]
