"""Transfers, and what becomes of a wrap-up when something breaks, against the simulated platform."""

import pytest

from bridge.simulator.faults import Faults
from bridge.simulator.ledger import Kind
from bridge.simulator.states import AgentState, Customer
from bridge.wrapup import (
    CallIds,
    Confirmation,
    CustomerLeg,
    EndCallBy,
    HangUpCustomer,
    TransferFailed,
    TransferSucceeded,
    WrapUpState,
)
from tests.simulated_platform import busy_desk
from tests.wrapup_stage import HUNG_UP, LOST_BEFORE, NOT_TRANSFERRED, Stage

CONFIRMED = Confirmation.CONFIRMED


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
