"""An agent as others see it: what an operator wants of it, and when it goes on by itself."""

from bridge.agents.messages import CallClosed, CallStarted, Close, Pause, Resume, Stop
from bridge.agents.view import AgentView, Latest, seen
from tests.agent_life import Life, P, on_call, ready


def view(life: Life) -> AgentView:
    return seen(life.agent, "VA0001", Latest(1_700_000_000.0, "Ready"), 7, life.now)


def test_the_facts_of_an_agent() -> None:
    shown = view(on_call())
    assert (shown.number, shown.user_name, shown.service_id) == ("8990000001", "VA0001", "46014")
    assert (shown.state, shown.call, shown.since, shown.reason) == (P.ON_CALL, "c1", 1_700_000_000.0, "Ready")
    assert (shown.session_id, shown.takes_calls, shown.paused, shown.steps) == ("s1", True, False, 7)


def test_a_session_is_not_in_its_text() -> None:
    assert "s1" not in repr(view(ready()))


def test_a_pause_shows_while_a_call_still_keeps_the_agent() -> None:
    life = on_call()
    life.tell(Pause())
    assert (view(life).state, view(life).paused, life.agent.is_held) == (P.ON_CALL, True, True)
    life.tell(Resume())
    assert (view(life).paused, life.agent.is_held) == (False, False)


def test_who_leaves_for_the_hours_or_the_end_is_held_but_not_paused() -> None:
    for event in (Close(), Stop()):
        life = on_call()
        life.tell(event)
        assert (view(life).paused, life.agent.is_held) == (False, True)


def test_a_paused_agent_is_not_ready_after_its_call_and_stays_so() -> None:
    life = ready()
    life.tell(CallStarted("c1"))
    life.tell(Pause())
    life.tell(CallClosed("c1", "NOTREADY"))
    assert life.is_in(P.PAUSED)
    assert not view(life).takes_calls
    life.after(10_000)
    assert life.is_in(P.PAUSED)


def test_the_next_step_is_in_so_many_seconds() -> None:
    life = ready()
    assert view(life).next_step_s == life.waits_s
    life.now += 10_000
    assert view(life).next_step_s == 0.0
