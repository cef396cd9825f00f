"""Term codes on the simulated platform: what is accepted, when, and how a call must be ended."""

from typing import Any

import pytest

from bridge.simulator.customer_call import CustomerCall
from bridge.simulator.endpoints import Endpoint
from bridge.simulator.faults import EndCall, Faults, TermCodeInCall
from bridge.simulator.floor import HangUpLeg
from bridge.simulator.states import AgentState
from tests.simulated_platform import busy_desk, ready_desk, wrap_up_desk


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
def test_a_term_code_with_a_wrong_or_missing_field_is_refused(changes: dict[str, Any]) -> None:
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
