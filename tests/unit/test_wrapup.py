"""A whole wrap-up against the simulated platform: from the outcome to the disposition and the agent Ready."""

import random

import pytest

from bridge.errors import InvalidTransition
from bridge.simulator.faults import EndCall as Insists
from bridge.simulator.faults import Faults, TermCodeInCall
from bridge.simulator.states import AgentState, BridgeLeg
from bridge.wrapup import (
    CallIds,
    Confirmation,
    CustomerLeg,
    EndCallBy,
    Finished,
    HangUpCustomer,
    ReadStatus,
    WrapUp,
    WrapUpState,
)
from tests.fed_wrapup import LOST, plan, status
from tests.simulated_platform import busy_desk
from tests.wrapup_stage import DONE, HUNG_UP, Stage

CONFIRMED = Confirmation.CONFIRMED


def saved(stage: Stage) -> dict[str, object]:
    (entry,) = stage.desk.platform.ledger.dispositions(stage.call.id)
    return {"name": entry.name, **entry.facts}


# a call that just ends


def test_a_finished_call_is_hung_up_and_disposed_of() -> None:
    stage = Stage()
    result = stage.play()
    assert stage.names == ["HangUpCustomer", "ListTermCodes", "SetTermCode", "Finished"]
    assert result == Finished(CONFIRMED, DONE, "Completed", "", "READY", "")
    assert (saved(stage)["name"], saved(stage)["notes"]) == ("Completed", "all said")
    assert stage.desk.agent.state is AgentState.READY
    assert stage.wrap_up.is_over and stage.wrap_up.state is WrapUpState.FINISHED


@pytest.mark.parametrize(
    ("end_call", "names"),
    [
        (EndCallBy.CALL_END, ["EndCall", "ListTermCodes", "SetTermCode", "Finished"]),
        (EndCallBy.TERM_CODE, ["ListTermCodes", "SetTermCode", "Finished"]),
    ],
)
def test_livevox_may_want_to_end_the_call_itself(end_call: EndCallBy, names: list[str]) -> None:
    stage = Stage(end_call=end_call)
    result = stage.play()
    assert result is not None and result.confirmation is CONFIRMED
    assert (stage.names, stage.dispositions, stage.call.leg) == (names, ["Completed"], BridgeLeg.GONE)


@pytest.mark.parametrize("in_call", TermCodeInCall)
@pytest.mark.parametrize("insists", [Insists.ANY, Insists.BYE, Insists.CALL_END])
@pytest.mark.parametrize("end_call", EndCallBy)
def test_whatever_the_setting_the_call_ends_as_livevox_wants_it(
    end_call: EndCallBy, insists: Insists, in_call: TermCodeInCall
) -> None:
    stage = Stage(Faults(require_end_call=insists, term_code_in_call=in_call), end_call=end_call)
    result = stage.play()
    assert result is not None and result.confirmation is CONFIRMED
    assert (stage.dispositions, stage.desk.agent.state) == (["Completed"], AgentState.READY)
    assert stage.desk.now - stage.began < 30


def test_a_call_that_only_a_term_code_may_end_is_lost_to_a_bye_and_that_is_said() -> None:
    stage = Stage(Faults(require_end_call=Insists.TERM_CODE), seen_in_status=True)
    result = stage.play()
    assert result is not None and result.confirmation is Confirmation.NOTHING_TO_SET
    assert (stage.dispositions, result.agent_state) == (["Operator Transfer"], "NOTREADY")
    assert "asks for no term code" in result.reason


def test_a_customer_who_has_hung_up_is_not_hung_up_on() -> None:
    desk, call = busy_desk()
    desk.platform.calls.ended(call, False, desk.now)
    desk.platform.commands()
    stage = Stage(desk=desk, customer=CustomerLeg.GONE, disposition=HUNG_UP)
    result = stage.play()
    assert result is not None and result.confirmation is CONFIRMED
    assert stage.names == ["ListTermCodes", "SetTermCode", "Finished"]
    assert stage.dispositions == ["Customer Hung Up"]


def test_the_status_may_show_the_call_late() -> None:
    stage = Stage(Faults(status_lag_s=3.0), end_call=EndCallBy.CALL_END, ids=CallIds())
    result = stage.play()
    assert result is not None and result.confirmation is CONFIRMED
    assert 3.0 <= stage.desk.now - stage.began < 8.0


def test_ids_come_from_the_status_where_the_invite_had_none() -> None:
    stage = Stage(ids=CallIds())
    result = stage.play()
    assert result is not None and result.confirmation is CONFIRMED
    assert saved(stage)["name"] == "Completed"


def test_the_phone_number_is_said_as_the_status_says_it() -> None:
    stage = Stage(Faults(strict_phone_dialed=True))
    stage.play()
    assert stage.dispositions == ["Completed"]


def test_an_agent_that_is_wanted_not_ready_stays_so() -> None:
    stage = Stage(move_to_not_ready=True)
    result = stage.play()
    assert result is not None and (result.confirmation, result.agent_state) == (CONFIRMED, "NOTREADY")
    assert "ReadyAgent" not in stage.names


def test_nothing_is_set_when_the_customer_left_before_the_bridge() -> None:
    desk, call = busy_desk()
    desk.platform.floor.release(desk.agent, AgentState.READY, desk.now)
    desk.agent.call = None
    stage_plan = plan(ids=CallIds(call.transaction_id, call.session_id), customer=CustomerLeg.GONE)
    wrap_up = WrapUp(stage_plan, 0.0, random.Random(1))
    step = wrap_up.next(0.0)
    assert step == ReadStatus()
    wrap_up.done(step, status("READY", None, customer_disconnected_before_bridge=True), 0.1)
    last = wrap_up.next(0.1)
    assert isinstance(last, Finished) and last.confirmation is Confirmation.NOTHING_TO_SET


# term codes that are missing or refused


def test_a_term_code_the_service_lacks_is_replaced_by_the_default() -> None:
    disposition = type(DONE)("odd", "No Such Code")
    stage = Stage(disposition=disposition)
    result = stage.play()
    assert result is not None and (result.confirmation, result.term_code) == (CONFIRMED, "System Failure")
    assert result.reason == "the service has no term code 'No Such Code'"
    assert stage.names == ["HangUpCustomer", "ListTermCodes", "ListTermCodes", "SetTermCode", "Finished"]


def test_a_term_code_that_is_refused_again_and_again_is_replaced_by_the_default() -> None:
    stage = Stage(disposition=type(DONE)("promise", "Payment Promised"))  # it wants a payment amount
    result = stage.play()
    assert result is not None and (result.confirmation, result.term_code) == (CONFIRMED, "System Failure")
    assert "paymentAmt is required" in result.reason
    assert stage.names.count("SetTermCode") == 4


def test_without_any_code_none_is_set_and_somebody_is_told() -> None:
    stage = Stage(disposition=type(DONE)("odd", "Nope"), default_term_code="Neither")
    result = stage.play()
    assert result is not None and result.confirmation is Confirmation.UNCONFIRMED
    assert "Nope" in result.reason and "Neither" in result.reason
    assert (stage.dispositions, result.term_code, result.agent_state) == ([], "", "WRAPUP")
    assert stage.names.count("ReadyAgent") == 3


# how it is driven


def test_one_step_is_in_flight_at_a_time() -> None:
    wrap_up = WrapUp(plan(), 0.0, random.Random(1))
    assert wrap_up.deadline == 0.0
    step = wrap_up.next(0.0)
    assert step == HangUpCustomer() == wrap_up.in_flight
    assert wrap_up.next(0.0) is None
    assert wrap_up.deadline is None
    wrap_up.done(step, None, 0.0)
    assert wrap_up.next(0.0) is None
    assert wrap_up.deadline == 1.0
    wrap_up.customer_gone(0.4)
    assert (wrap_up.deadline, wrap_up.next(0.4)) == (0.4, ReadStatus())


def test_a_step_that_is_not_in_flight_cannot_be_done() -> None:
    wrap_up = WrapUp(plan(), 0.0, random.Random(1))
    with pytest.raises(InvalidTransition):
        wrap_up.done(ReadStatus(), None, 0.0)
    wrap_up.next(0.0)
    with pytest.raises(InvalidTransition):
        wrap_up.failed(ReadStatus(), LOST, 0.0)


def test_an_answer_of_another_kind_is_refused() -> None:
    stage = Stage()
    step = stage.wrap_up.next(stage.desk.now)
    assert step is not None
    with pytest.raises(InvalidTransition):
        stage.wrap_up.done(step, status("READY"), stage.desk.now)


def test_events_after_the_end_change_nothing() -> None:
    stage = Stage()
    stage.play()
    stage.wrap_up.customer_gone(stage.desk.now)
    stage.wrap_up.customer_lost(stage.desk.now)
    stage.wrap_up.bot_gone(stage.desk.now)
    assert stage.wrap_up.next(stage.desk.now + 99) is None
    assert stage.wrap_up.deadline is None
