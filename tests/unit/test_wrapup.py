"""A whole wrap-up against the simulated platform: from the outcome to the disposition and the agent Ready."""

import random

import pytest

from bridge.errors import InvalidTransition
from bridge.simulator.faults import EndCall as Insists
from bridge.simulator.faults import Faults, TermCodeInCall
from bridge.simulator.ledger import Kind
from bridge.simulator.states import AgentState, BridgeLeg, Customer
from bridge.wrapup import (
    CallIds,
    Confirmation,
    CustomerLeg,
    EndCallBy,
    Finished,
    HangUpCustomer,
    ReadStatus,
    TransferFailed,
    TransferSucceeded,
    WrapUp,
    WrapUpState,
)
from tests.fed_wrapup import LOST, plan, status
from tests.simulated_platform import busy_desk
from tests.wrapup_stage import DONE, HUNG_UP, LOST_BEFORE, NOT_TRANSFERRED, Stage

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


# transfers


def test_a_customer_is_handed_to_a_queue() -> None:
    stage = Stage(transfer=("collections queue",), bot_present=True)
    result = stage.play()
    assert result is not None and result.confirmation is CONFIRMED
    assert result.transferred_to == "collections queue"
    assert stage.names == [
        "ListPhonebook",
        "StartTransfer",
        "TransferUnderWay",
        "LeaveConference",
        "TransferSucceeded",
        "HangUpCustomer",
        "ListTermCodes",
        "SetTermCode",
        "Finished",
    ]
    assert (stage.dispositions, stage.call.customer) == (["Completed"], Customer.HANDED_OVER)


@pytest.mark.parametrize("faults", [Faults(), Faults(leave_needs_customer=True), Faults(conference_delay_s=2.0)])
def test_a_human_who_has_answered_gets_the_customer_before_we_leave(faults: Faults) -> None:
    stage = Stage(faults, transfer=("Supervisor Desk",))
    stage.play()
    assert stage.names[3:5] == ["JoinCustomer", "LeaveConference"]
    assert stage.call.customer is Customer.HANDED_OVER


@pytest.mark.parametrize("contact", ["After Hours Voicemail", "Overflow Queue", "Not In The Book"])
def test_after_a_contact_that_fails_the_next_one_is_tried(contact: str) -> None:
    stage = Stage(transfer=(contact, "Billing"))
    result = stage.play()
    assert result is not None and (result.transferred_to, result.confirmation) == ("Billing", CONFIRMED)
    assert [step.contact for step in stage.steps if isinstance(step, TransferSucceeded)] == ["Billing"]


def test_a_contact_that_never_answers_is_given_up_after_a_minute() -> None:
    stage = Stage(transfer=("Night Line", "Billing"))
    result = stage.play()
    assert result is not None and result.transferred_to == "Billing"
    assert 60 <= stage.desk.now - stage.began < 65


def test_if_nobody_takes_the_customer_the_bot_goes_on() -> None:
    stage = Stage(transfer=("After Hours Voicemail", "Overflow Queue"), bot_present=True)
    assert stage.play() is None
    assert stage.names[-2:] == ["TransferFailed", "ReturnToBot"]
    (failed,) = [step for step in stage.steps if isinstance(step, TransferFailed)]
    assert failed.back_to_bot
    assert "After Hours Voicemail: has not taken the call" in failed.reason
    assert "Overflow Queue: its queue has not taken the call" in failed.reason
    assert (stage.desk.agent.state, stage.call.customer) == (AgentState.INCALL, Customer.TALKING)
    assert stage.wrap_up.state is WrapUpState.RETURNED and stage.wrap_up.next(stage.desk.now) is None


@pytest.mark.parametrize("leaves_at", [None, 0.3])
def test_without_a_bot_a_failed_transfer_ends_the_call(leaves_at: float | None) -> None:
    stage = Stage(transfer=("Overflow Queue",), bot_present=leaves_at is not None)
    if leaves_at is not None:
        stage.at(leaves_at, stage.bot_leaves)
    result = stage.play()
    assert result is not None and result.disposition == NOT_TRANSFERRED
    assert stage.dispositions == ["Transfer Failed"]
    (failed,) = [step for step in stage.steps if isinstance(step, TransferFailed)]
    assert not failed.back_to_bot


def test_a_customer_who_hangs_up_while_it_rings_is_disposed_of_as_such() -> None:
    stage = Stage(transfer=("Night Line",), bot_present=True)
    stage.at(5.0, stage.customer_hangs_up)
    result = stage.play()
    assert result is not None and result.disposition == HUNG_UP
    assert stage.dispositions == ["Customer Hung Up"]
    assert "TransferFailed" not in stage.names and "HangUpCustomer" not in stage.names
    assert stage.desk.now - stage.began < 6.0


def test_no_transfer_is_begun_for_a_customer_who_is_gone() -> None:
    desk, call = busy_desk()
    desk.platform.calls.customer_hangs_up(call, desk.now)
    desk.platform.calls.ended(call, False, desk.now)
    desk.platform.commands()
    stage = Stage(desk=desk, transfer=("Billing",), customer=CustomerLeg.GONE)
    stage.play()
    assert stage.names == ["ListTermCodes", "SetTermCode", "Finished"]
    assert stage.dispositions == ["Customer Hung Up"]


def test_a_transfer_that_is_already_under_way_is_not_begun_again() -> None:
    desk, _ = busy_desk()
    contact = desk.platform.floor.phonebook[24590]
    desk.platform.transfers.start(desk.agent, contact.book, contact.id, desk.now)
    stage = Stage(desk=desk, transfer=("Collections Queue",))
    result = stage.play()
    assert result is not None and result.transferred_to == "Collections Queue"
    assert "StartTransfer" not in stage.names
    started = [
        entry for entry in desk.platform.ledger.entries if entry.kind is Kind.TRANSFER and entry.name == "started"
    ]
    assert len(started) == 1


# when something of ours or of LiveVox's breaks


def test_a_dead_worker_leaves_the_customer_to_livevox_which_brings_it_to_a_human() -> None:
    stage = Stage(transfer=("Billing",), customer=CustomerLeg.LOST, disposition=NOT_TRANSFERRED)
    result = stage.play()
    assert result is not None and (result.transferred_to, result.confirmation) == ("Billing", CONFIRMED)
    assert "HangUpCustomer" not in stage.names
    assert stage.call.customer is Customer.HANDED_OVER


def test_a_worker_that_dies_during_a_transfer_changes_nothing_for_the_customer() -> None:
    stage = Stage(transfer=("Collections Queue",), bot_present=True)
    stage.at(0.5, stage.worker_dies)
    result = stage.play()
    assert result is not None and result.transferred_to == "Collections Queue"


def test_without_a_worker_the_call_is_ended_by_rest() -> None:
    stage = Stage(customer=CustomerLeg.LOST)
    result = stage.play()
    assert result is not None and result.confirmation is CONFIRMED
    assert stage.names == ["EndCall", "ListTermCodes", "SetTermCode", "Finished"]


def test_a_worker_that_dies_with_our_bye_leaves_the_end_to_rest() -> None:
    stage = Stage(bye_works=False)
    stage.at(0.5, stage.worker_dies)
    result = stage.play()
    assert result is not None and result.confirmation is CONFIRMED
    assert stage.names == ["HangUpCustomer", "EndCall", "ListTermCodes", "SetTermCode", "Finished"]
    assert stage.desk.now - stage.began < 1.0


def test_a_bye_without_effect_is_followed_by_other_ways() -> None:
    stage = Stage(bye_works=False)
    result = stage.play()
    assert result is not None and result.confirmation is CONFIRMED
    assert "EndCall" in stage.names and 8.0 <= stage.desk.now - stage.began < 12.0


@pytest.mark.parametrize("end_call", EndCallBy)
def test_the_customer_is_hung_up_in_good_time_when_livevox_does_not_answer(end_call: EndCallBy) -> None:
    stage = Stage(end_call=end_call, weather=lambda _: LOST_BEFORE)
    result = stage.play()
    at = next(at for at, step in zip(stage.times, stage.steps, strict=True) if isinstance(step, HangUpCustomer))
    assert at <= 8.0
    assert result is not None and result.confirmation is Confirmation.UNCONFIRMED
    assert stage.desk.now - stage.began == pytest.approx(600.0)
    assert "not settled in 600 s" in result.reason


def test_the_customer_is_back_with_the_bot_in_good_time_when_livevox_does_not_answer() -> None:
    stage = Stage(transfer=("Billing", "Collections Queue"), bot_present=True, weather=lambda _: LOST_BEFORE)
    assert stage.play() is None
    assert stage.desk.now - stage.began <= 15.0


def test_requests_are_repeated_less_and_less_often() -> None:
    stage = Stage(weather=lambda _: LOST_BEFORE)
    stage.play()
    gaps = [after - before for before, after in zip(stage.times[1:-2], stage.times[2:-1], strict=True)]
    assert max(gaps[:2]) < 2.5 and min(gaps[6:]) >= 15.0 and max(gaps) <= 30.0


def test_after_an_outage_the_disposition_is_set() -> None:
    stage = Stage()
    stage.weather = lambda _: LOST_BEFORE if stage.desk.now < stage.began + 300 else None
    result = stage.play()
    assert result is not None and result.confirmation is CONFIRMED
    assert stage.dispositions == ["Completed"]


def test_an_agent_logged_off_by_a_supervisor_is_given_up() -> None:
    stage = Stage(Faults(unregistered_status=400), end_call=EndCallBy.CALL_END)
    stage.at(0.0, lambda: stage.desk.platform.calls.abandon(stage.desk.agent, stage.desk.now, by="supervisor"))
    stage.weather = lambda _: None if stage.desk.now > stage.began else LOST_BEFORE
    result = stage.play()
    assert result is not None and result.confirmation is Confirmation.UNCONFIRMED
    assert "refused again and again" in result.reason
    assert stage.desk.now - stage.began < 200


def test_another_customers_call_is_never_touched() -> None:
    stage = Stage(ids=CallIds("999999999999", "U1@10.0.0.1", "46014"), customer=CustomerLeg.GONE)
    result = stage.play()
    assert result is not None and result.confirmation is Confirmation.NOTHING_TO_SET
    assert stage.names == ["Finished"] and stage.desk.agent.state is AgentState.INCALL


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
