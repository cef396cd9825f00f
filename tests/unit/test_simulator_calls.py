"""The life of a call on the simulated platform."""

import pytest

from bridge.simulator.customer_call import CustomerCall
from bridge.simulator.endpoints import Endpoint
from bridge.simulator.errors import CallNotPlaced
from bridge.simulator.faults import Faults
from bridge.simulator.floor import HangUpLeg, PlaceCall
from bridge.simulator.states import AgentState
from bridge.simulator.telephony import HeaderStyle
from tests.simulated_platform import busy_desk, ready_desk, wrap_up_desk


def test_a_placed_call_reserves_the_agent_and_tells_the_telephony_all_it_needs() -> None:
    desk = ready_desk()
    order = CustomerCall(account="100200300", caller="2134634007", header_style=HeaderStyle.X, digits="12#")
    call = desk.platform.place(order, desk.now)
    [command] = desk.platform.commands()
    assert isinstance(command, PlaceCall)
    placed = command.call
    assert (placed.agent_number, placed.agent_login, placed.caller_name) == ("8990000001", "VA0001", "Maria Sanchez")
    assert (placed.service_id, placed.account, placed.header_style, placed.digits) == ("46014", "100200300", "X", "12#")
    assert (placed.transaction_id, placed.session_id) == (call.transaction_id, call.session_id)
    assert len(placed.transaction_id) == 12 and placed.transaction_id.isdigit()
    assert desk.agent.state is AgentState.RESERVED
    assert "call" not in desk.line()


def test_status_can_name_the_call_before_it_is_answered() -> None:
    desk = ready_desk(Faults(call_while_reserved=True))
    call = desk.platform.place(CustomerCall(), desk.now)
    assert desk.line()["call"]["callTransactionId"] == call.transaction_id


def test_the_agent_ready_for_longest_gets_the_call() -> None:
    desk = ready_desk()
    desk.now += 1
    desk.go_ready("VA0002")
    first = desk.platform.place(CustomerCall(), desk.now)
    second = desk.platform.place(CustomerCall(), desk.now)
    assert (first.agent, second.agent) == ("VA0001", "VA0002")
    with pytest.raises(CallNotPlaced):
        desk.platform.place(CustomerCall(), desk.now)


@pytest.mark.parametrize("agent", ["8990000099", "VA0002"])
def test_a_call_for_an_agent_unknown_or_not_ready_is_not_placed(agent: str) -> None:
    with pytest.raises(CallNotPlaced):
        ready_desk().platform.place(CustomerCall(agent=agent), 0.0)


def test_status_may_lag_behind_the_answer() -> None:
    desk = ready_desk(Faults(status_lag_s=2.0))
    desk.receive_call()
    assert desk.line()["state"] == "RESERVED"
    desk.wait(1.9)
    assert desk.line()["state"] == "RESERVED"
    desk.wait(0.2)
    assert (desk.line()["state"], "call" in desk.line()) == ("INCALL", True)


def test_a_customer_who_hangs_up_during_the_lag_leaves_the_agent_in_wrap_up() -> None:
    desk = ready_desk(Faults(status_lag_s=2.0))
    call = desk.receive_call()
    desk.platform.calls.customer_hangs_up(call, desk.now)
    assert desk.agent.state is AgentState.WRAPUP
    desk.wait(3.0)
    assert desk.agent.state is AgentState.WRAPUP


def test_a_refused_invite_puts_the_agent_into_not_ready_with_the_status() -> None:
    desk = ready_desk()
    call = desk.platform.place(CustomerCall(), desk.now)
    desk.platform.calls.refused(call, 503, desk.now)
    status = desk.status()
    assert (status["agentCallFailed"], status["agentCallFailedErrorCode"]) == (True, 503)
    assert status["lines"][0]["state"] == "NOTREADY"
    assert (call.over, call.result) == (True, None)
    desk.ask(Endpoint.READY)
    assert desk.status()["agentCallFailed"] is False


def test_a_refused_invite_can_leave_the_agent_ready() -> None:
    desk = ready_desk(Faults(ready_after_failed_invite=True))
    desk.platform.calls.refused(desk.platform.place(CustomerCall(), desk.now), 408, desk.now)
    assert desk.agent.state is AgentState.READY


def test_a_customer_gone_before_the_answer_needs_no_wrap_up() -> None:
    desk = ready_desk()
    call = desk.platform.place(CustomerCall(), desk.now)
    desk.platform.commands()
    desk.platform.calls.customer_hangs_up(call, desk.now)
    assert desk.platform.commands() == [HangUpLeg(call.id)]
    assert (desk.line()["state"], desk.line()["customerDisconnectedBeforeBridge"]) == ("READY", True)
    desk.platform.calls.refused(call, 487, desk.now)
    assert desk.agent.state is AgentState.READY
    assert desk.platform.ledger.dispositions(call.id) == []


def test_an_answer_that_crosses_the_cancel_is_hung_up() -> None:
    desk = ready_desk()
    call = desk.platform.place(CustomerCall(), desk.now)
    desk.platform.calls.customer_hangs_up(call, desk.now)
    desk.platform.commands()
    desk.platform.calls.answered(call, desk.now)
    assert desk.platform.commands() == [HangUpLeg(call.id)]
    assert (desk.agent.state, call.over) == (AgentState.READY, False)
    desk.platform.calls.ended(call, False, desk.now)
    assert (desk.agent.state, call.over) == (AgentState.READY, True)


def test_what_is_said_twice_of_a_call_counts_once() -> None:
    desk, call = busy_desk()
    calls = desk.platform.calls
    calls.answered(call, desk.now)
    calls.refused(call, 503, desk.now)
    assert desk.agent.state is AgentState.INCALL
    calls.customer_hangs_up(call, desk.now)
    calls.customer_hangs_up(call, desk.now)
    calls.ended(call, False, desk.now)
    calls.ended(call, True, desk.now)
    steps = ["placed", "RESERVED", "answered", "INCALL", "customer_hung_up", "WRAPUP", "leg_ended"]
    assert desk.platform.ledger.lifecycle(call.id) == steps


@pytest.mark.parametrize("by_bridge", [True, False])
def test_the_end_of_the_leg_from_either_side_leads_to_wrap_up_with_the_call_still_named(by_bridge: bool) -> None:
    desk, call = busy_desk()
    desk.platform.calls.ended(call, by_bridge, desk.now)
    line = desk.line()
    assert (line["state"], line["call"]["callTransactionId"]) == ("WRAPUP", call.transaction_id)
    assert desk.status()["agentCallConnected"] is False


def test_call_end_ends_the_customers_call() -> None:
    desk, call = busy_desk()
    assert desk.ask(Endpoint.CALL_END) == (204, None)
    assert desk.platform.commands() == [HangUpLeg(call.id)]
    assert desk.agent.state is AgentState.WRAPUP
    assert desk.ask(Endpoint.CALL_END)[0] == 400


def test_the_old_call_end_is_unknown_unless_the_switch_says_so() -> None:
    desk, _ = busy_desk()
    assert desk.ask(Endpoint.OLD_CALL_END)[0] == 404
    desk.platform.set_faults(Faults(old_call_end=True), desk.now)
    assert desk.ask(Endpoint.OLD_CALL_END)[0] == 204


def test_hold_and_unhold_show_in_the_state() -> None:
    desk, _ = busy_desk()
    assert desk.ask(Endpoint.UNHOLD)[0] == 400
    assert desk.ask(Endpoint.HOLD)[0] == 204
    assert desk.line()["state"] == "HOLD"
    assert desk.ask(Endpoint.UNHOLD)[0] == 204
    assert desk.line()["state"] == "INCALL"


# Wrap-up.


def test_wrap_up_lasts_for_ever_by_default() -> None:
    desk, _ = wrap_up_desk()
    desk.wait(100_000.0)
    assert desk.agent.state is AgentState.WRAPUP


def test_a_limited_wrap_up_ends_in_not_ready_with_the_default_result() -> None:
    desk, call = busy_desk()
    desk.agent.wrap_up_s = 30.0
    desk.platform.calls.ended(call, True, desk.now)
    desk.wait(29.9)
    assert desk.agent.state is AgentState.WRAPUP
    desk.wait(0.2)
    assert (desk.agent.state, call.result) == (AgentState.NOTREADY, "Operator Transfer")
    assert desk.set_term_code(call)[0] == 400


def test_a_wrap_up_timer_of_an_earlier_call_does_not_touch_the_next_one() -> None:
    desk, call = busy_desk()
    desk.agent.wrap_up_s = 30.0
    desk.platform.calls.ended(call, True, desk.now)
    desk.set_term_code(call)
    second = desk.receive_call()
    desk.wait(10.0)
    desk.platform.calls.ended(second, True, desk.now)
    desk.wait(25.0)
    assert desk.agent.state is AgentState.WRAPUP
