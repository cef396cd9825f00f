"""The simulated platform as a whole: its clock, and what must hold whatever happens."""

from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.errors import InvalidTransition
from bridge.simulator.customer_call import CustomerCall
from bridge.simulator.endpoints import Endpoint
from bridge.simulator.errors import CallNotPlaced, SimulationError
from bridge.simulator.faults import EndCall, Faults, LeaveEarly, MidCall, TermCodeInCall
from bridge.simulator.floor import ShowCall
from bridge.simulator.states import ENGAGED, AgentState
from tests.simulated_platform import Desk, busy_desk, ready_desk


def test_nothing_is_due_at_first_and_the_next_thing_names_its_time() -> None:
    desk = ready_desk(Faults(status_lag_s=2.0))
    assert desk.platform.deadline is None
    desk.receive_call()
    assert desk.platform.deadline == desk.now + 2.0
    desk.wait(2.0)
    assert desk.platform.deadline is None


def test_things_happen_in_the_order_in_which_they_are_due() -> None:
    desk = ready_desk()
    desk.platform.floor.schedule(desk.now + 2, ShowCall("b"))
    desk.platform.floor.schedule(desk.now + 1, ShowCall("a"))
    taken = [desk.platform.floor.next_due(desk.now + 3) for _ in range(3)]
    assert taken == [ShowCall("a"), ShowCall("b"), None]


def test_an_agent_does_not_jump_between_states_that_have_no_arrow() -> None:
    desk = ready_desk()
    with pytest.raises(InvalidTransition):
        desk.platform.floor.move(desk.agent, AgentState.WRAPUP, desk.now)
    assert desk.agent.state is AgentState.READY


def test_commands_are_given_once() -> None:
    desk = ready_desk()
    desk.platform.place(CustomerCall(), desk.now)
    assert len(desk.platform.commands()) == 1
    assert desk.platform.commands() == []


def test_agents_and_calls_are_found_by_their_names_or_refused() -> None:
    desk, call = busy_desk()
    assert desk.platform.agent("8990000001") is desk.platform.agent("va0001")
    assert desk.platform.call(call.id) is call
    with pytest.raises(SimulationError):
        desk.platform.agent("VA9")
    with pytest.raises(SimulationError):
        desk.platform.call("call-9")


def test_an_agent_without_a_living_session_gets_no_call() -> None:
    desk = ready_desk()
    desk.now += 7200
    with pytest.raises(CallNotPlaced):
        desk.platform.place(CustomerCall(), desk.now)
    assert desk.agent.state is AgentState.LOGOFF


def test_the_ledger_says_which_switches_were_changed() -> None:
    desk = Desk()
    desk.platform.set_faults(Faults(lock_after=3), desk.now)
    assert desk.platform.ledger.entries[-1].facts == {"changed": {"lock_after": 3}}


_BODIES: st.SearchStrategy[Any] = st.one_of(
    st.none(),
    st.just({}),
    st.just({"phoneBookId": "2237", "phoneBookContactId": "24591"}),
    st.just({"phoneBookId": "2237", "phoneBookContactId": "24594"}),
    st.just("the term code of the call"),
    st.dictionaries(
        st.sampled_from(["agent", "stateChangedAfter", "search", "entry", "userName", "supervisorNumber"]),
        st.one_of(st.none(), st.booleans(), st.floats(), st.text(max_size=5), st.lists(st.integers(), max_size=2)),
    ),
)
_EVENTS = ["place", "answered", "refused", "bridge_bye", "leg_ended", "customer", "wait", "supervisor", "expire"]
_STEPS = st.lists(
    st.one_of(
        st.sampled_from(_EVENTS),
        st.tuples(st.sampled_from(list(Endpoint)), _BODIES),
        st.sampled_from([(Endpoint.READY, None), (Endpoint.SET_TERM_CODE, "the term code of the call")]),
        st.sampled_from([(Endpoint.CONFERENCE_LEAVE, None), (Endpoint.STATUS, {})]),
    ),
    max_size=40,
)
_FAULTS = st.builds(
    Faults,
    status_lag_s=st.sampled_from([0.0, 1.0]),
    require_end_call=st.sampled_from(EndCall),
    term_code_in_call=st.sampled_from(TermCodeInCall),
    leave_early=st.sampled_from(LeaveEarly),
    ready_in_call=st.sampled_from(MidCall),
    not_ready_in_call=st.sampled_from(MidCall),
    conference_delay_s=st.sampled_from([0.0, 1.0]),
    leave_needs_customer=st.booleans(),
)


def happen(desk: Desk, event: str) -> None:
    platform, now = desk.platform, desk.now
    call = list(platform.floor.calls.values())[-1] if platform.floor.calls else None
    if event == "place" and desk.agent.state is AgentState.READY:
        platform.place(CustomerCall(agent="VA0001"), now)
    elif event == "wait":
        desk.wait(0.7)
    elif event == "supervisor":
        platform.agents.supervisor_not_ready(desk.agent, now)
    elif event == "expire":
        platform.expire_sessions("", now)
        desk.go_ready()
    elif call is not None:
        {
            "answered": lambda: platform.calls.answered(call, now),
            "refused": lambda: platform.calls.refused(call, 486, now),
            "bridge_bye": lambda: platform.calls.ended(call, True, now),
            "leg_ended": lambda: platform.calls.ended(call, False, now),
            "customer": lambda: platform.calls.customer_hangs_up(call, now),
        }.get(event, lambda: None)()


def body_of(desk: Desk, body: Any) -> Any:
    if body != "the term code of the call" or desk.agent.call is None:
        return body
    call = desk.agent.call
    ids = {"callTransactionId": call.transaction_id, "callSessionId": call.session_id}
    return ids | {"termCodeId": "101416228", "moveAgentToNotReady": "false"}


@settings(max_examples=150, deadline=None)
@given(faults=_FAULTS, steps=_STEPS)
def test_whatever_happens_no_call_has_two_results_and_no_agent_a_state_that_does_not_fit(
    faults: Faults, steps: list[Any]
) -> None:
    desk = ready_desk(faults)
    path = {"account": "1", "session": "s", "transaction": "t", "key": "k"}
    for step in steps:
        if isinstance(step, str):
            happen(desk, step)
        else:
            status, _ = desk.ask(step[0], body_of(desk, step[1]), **path)
            assert status is not None and 200 <= status < 500
        agent = desk.agent
        assert (agent.call is not None) == (agent.state in ENGAGED)
    results = Counter(entry.call for entry in desk.platform.ledger.dispositions())
    assert all(count == 1 for count in results.values())
    disposed = {call.id for call in desk.platform.floor.calls.values() if call.result is not None}
    assert disposed == set(results)
