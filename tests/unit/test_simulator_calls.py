"""The life of a call on the simulated platform."""

import pytest

from bridge.errors import CallNotPlaced
from bridge.simulator.customer_call import CustomerCall
from bridge.simulator.endpoints import Endpoint
from bridge.simulator.faults import EndCall, Faults, TermCodeInCall
from bridge.simulator.floor import HangUpLeg, PlaceCall
from bridge.simulator.states import AgentState
from bridge.simulator.telephony import HeaderStyle
from tests.simulated_platform import Desk, busy_desk, ready_desk


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


# Term codes.


def wrap_up_desk(faults: Faults | None = None) -> tuple[Desk, str]:
    desk, call = busy_desk(faults)
    desk.platform.calls.ended(call, True, desk.now)
    return desk, call.id


def test_a_term_code_disposes_of_the_call_once_and_frees_the_agent() -> None:
    desk, call_id = wrap_up_desk()
    call = desk.platform.call(call_id)
    assert desk.set_term_code(call, notes="wants a letter") == (204, None)
    assert desk.line()["state"] == "READY"
    assert "call" not in desk.line()
    assert desk.set_term_code(call)[0] == 400
    [entry] = desk.platform.ledger.dispositions(call_id)
    assert (entry.name, entry.facts["notes"], entry.facts["term_code"]) == ("Completed", "wants a letter", "101416228")


def test_a_term_code_moves_the_agent_to_not_ready_if_asked() -> None:
    desk, call_id = wrap_up_desk()
    assert desk.set_term_code(desk.platform.call(call_id), moveAgentToNotReady=True)[0] == 204
    assert desk.agent.state is AgentState.NOTREADY


@pytest.mark.parametrize(
    "changes",
    [
        {"callTransactionId": "999999999999"},
        {"callSessionId": "U0T0@10.0.0.1"},
        {"termCodeId": "101420001"},
        {"termCodeId": ""},
        {"termCodeId": ["101416228"]},
        {"moveAgentToNotReady": None},
        {"moveAgentToNotReady": "perhaps"},
        {"paymentAmt": "much"},
        {"paymentAmt": "nan"},
    ],
)
def test_a_term_code_with_a_wrong_or_missing_field_is_refused(changes: dict[str, object]) -> None:
    desk, call_id = wrap_up_desk()
    status, answer = desk.set_term_code(desk.platform.call(call_id), **changes)
    assert (status, answer["code"]) == (400, 400)
    assert desk.agent.state is AgentState.WRAPUP


def test_a_payment_code_needs_the_amount() -> None:
    desk, call_id = wrap_up_desk()
    call = desk.platform.call(call_id)
    assert desk.set_term_code(call, "101416231")[0] == 400
    assert desk.set_term_code(call, "101416231", paymentAmt="120.50")[0] == 204
    assert desk.platform.ledger.dispositions(call_id)[0].facts["payment"] == 120.5


def test_phone_dialed_is_mandatory_only_where_the_switch_says_so() -> None:
    desk, call_id = wrap_up_desk(Faults(strict_phone_dialed=True))
    call = desk.platform.call(call_id)
    assert desk.set_term_code(call, phoneDialed=None)[0] == 400
    desk.platform.set_faults(Faults(), desk.now)
    assert desk.set_term_code(call, phoneDialed=None)[0] == 204


def test_a_term_code_during_the_call_hangs_up_the_customer() -> None:
    desk, call = busy_desk()
    assert desk.set_term_code(call)[0] == 204
    assert desk.platform.commands() == [HangUpLeg(call.id)]
    assert (desk.agent.state, call.customer.value) == (AgentState.READY, "gone")
    desk.platform.calls.ended(call, False, desk.now)
    assert (desk.agent.state, call.over) == (AgentState.READY, True)


def test_a_term_code_during_the_call_can_be_refused() -> None:
    desk, call = busy_desk(Faults(term_code_in_call=TermCodeInCall.REFUSED))
    assert desk.set_term_code(call)[0] == 400
    assert desk.agent.state is AgentState.INCALL


def test_a_term_code_during_the_call_can_wait_for_the_end() -> None:
    desk, call = busy_desk(Faults(term_code_in_call=TermCodeInCall.WAITS))
    assert desk.set_term_code(call)[0] == 204
    assert (desk.agent.state, call.result) == (AgentState.INCALL, None)
    assert desk.set_term_code(call)[0] == 409
    desk.platform.calls.ended(call, False, desk.now)
    assert (desk.agent.state, call.result) == (AgentState.READY, "Completed")


def test_a_term_code_before_the_answer_is_refused() -> None:
    desk = ready_desk()
    assert desk.set_term_code(desk.platform.place(CustomerCall(), desk.now))[0] == 400


# How the platform wants a call ended.


def test_one_that_wants_bye_refuses_the_other_ways() -> None:
    desk, call = busy_desk(Faults(require_end_call=EndCall.BYE))
    assert desk.ask(Endpoint.CALL_END)[0] == 400
    assert desk.set_term_code(call)[0] == 400
    desk.platform.calls.ended(call, True, desk.now)
    assert desk.set_term_code(call)[0] == 204


def test_one_that_wants_call_end_keeps_the_customer_after_a_bye() -> None:
    desk, call = busy_desk(Faults(require_end_call=EndCall.CALL_END))
    desk.platform.calls.ended(call, True, desk.now)
    assert (desk.agent.state, desk.status()["agentCallConnected"]) == (AgentState.INCALL, False)
    assert desk.set_term_code(call)[0] == 400
    assert desk.ask(Endpoint.CALL_END)[0] == 204
    assert desk.set_term_code(call)[0] == 204


def test_one_that_wants_the_term_code_first_gives_a_bye_the_default_result() -> None:
    desk, call = busy_desk(Faults(require_end_call=EndCall.TERM_CODE))
    assert desk.ask(Endpoint.CALL_END)[0] == 400
    desk.platform.calls.ended(call, True, desk.now)
    assert (desk.agent.state, call.result) == (AgentState.NOTREADY, "Operator Transfer")
    assert desk.set_term_code(call)[0] == 400


def test_one_that_wants_the_term_code_first_ends_the_call_by_it() -> None:
    desk, call = busy_desk(Faults(require_end_call=EndCall.TERM_CODE, term_code_in_call=TermCodeInCall.REFUSED))
    assert desk.set_term_code(call)[0] == 204
    assert (desk.agent.state, desk.platform.commands()) == (AgentState.READY, [HangUpLeg(call.id)])


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
