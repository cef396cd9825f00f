"""Transfers that fail, orders whose fate is not known, and people who leave meanwhile; fed by hand."""

import pytest

from bridge.errors import InvalidTransition
from bridge.livevox.agent_status import AgentStatus
from bridge.livevox.phonebook import Phonebook, PhonebookContact
from bridge.wrapup import (
    CustomerLeg,
    Failure,
    LeaveConference,
    ListPhonebook,
    Reconnect,
    StartTransfer,
    TransferFailed,
    TransferSucceeded,
    TransferUnderWay,
)
from tests.fed_transfer import (
    BEGIN,
    HANDED_OVER,
    INCALL,
    ON_HOLD,
    QUEUE_FAILED,
    QUEUED,
    READY,
    RINGING,
    TOGETHER,
    WRAPUP,
    fed_until,
    names,
    played,
    reason,
)
from tests.fed_wrapup import BOOK, LOST, NO, NOT_SENT, Fed, plan, status

# when a contact fails


@pytest.mark.parametrize(
    ("statuses", "why"),
    [
        ([RINGING, INCALL], "has not taken the call"),
        ([RINGING, QUEUE_FAILED], "its queue has not taken the call"),
        ([INCALL] * 9, "LiveVox has not called it"),
        ([RINGING] * 62, "has not taken the call in 60 s"),
    ],
)
def test_after_a_failed_contact_the_customer_is_brought_back(statuses: list[AgentStatus], why: str) -> None:
    fed = Fed(plan(transfer=("Desk",), bot_present=True), [INCALL, *statuses, INCALL])
    fed.play()
    assert fed.names == [*BEGIN, "Reconnect", "TransferFailed", "ReturnToBot"]
    assert reason(fed) == f"Desk: {why}"


def test_what_the_line_says_of_the_first_contact_does_not_count_for_the_second() -> None:
    fed = played(INCALL, QUEUED, *[QUEUE_FAILED] * 4, RINGING, TOGETHER, contacts=("Queue", "Desk"))
    assert names(fed) == [*BEGIN, "Reconnect", *BEGIN[1:], "LeaveConference", "TransferSucceeded"]


def test_a_customer_on_hold_is_not_yet_back() -> None:
    fed = played(INCALL, RINGING, QUEUE_FAILED, ON_HOLD, ON_HOLD, ON_HOLD, INCALL)
    assert "TransferFailed" in fed.names
    assert fed.time_of(TransferFailed) - fed.time_of(Reconnect) >= 0.5


def test_bringing_back_is_repeated_and_then_given_up() -> None:
    fed = Fed(plan(transfer=("Desk",), bot_present=True), [INCALL, RINGING, QUEUE_FAILED, ON_HOLD])
    fed.play()
    assert fed.names.count("Reconnect") > 2 and fed.names[-1] == "ReturnToBot"
    assert fed.time_of(TransferFailed) - fed.time_of(Reconnect) == pytest.approx(10.0)
    assert "could not be brought back" in reason(fed)


@pytest.mark.parametrize("answer", [NO, LOST])
def test_bringing_back_may_be_refused_where_it_is_not_needed(answer: Failure) -> None:
    fed = Fed(plan(transfer=("Desk",), bot_present=True), [INCALL, RINGING, INCALL], {Reconnect: [answer]})
    fed.play()
    assert fed.names[-3:] == ["Reconnect", "TransferFailed", "ReturnToBot"]


def test_bringing_back_that_is_refused_is_not_asked_for_in_a_hurry() -> None:
    fed = Fed(plan(transfer=("Desk",), bot_present=True), [INCALL, RINGING, QUEUE_FAILED, ON_HOLD], {Reconnect: [NO]})
    fed.play()
    assert 4 <= fed.names.count("Reconnect") <= 12


def test_a_human_who_answers_while_the_customer_is_called_back_keeps_the_customer() -> None:
    fed = played(INCALL, *[RINGING] * 62, TOGETHER, Reconnect=[LOST])
    assert names(fed) == [*BEGIN, "Reconnect", "LeaveConference", "TransferSucceeded"]


# the order


def test_an_order_that_is_refused_is_given_with_a_fresh_phonebook() -> None:
    fresh = Phonebook((PhonebookContact("2237", "777", "Desk"),))
    fed = played(INCALL, INCALL, TOGETHER, StartTransfer=[NO, None], ListPhonebook=[BOOK, fresh])
    assert [step.contact_id for step in fed.steps if isinstance(step, StartTransfer)] == ["24590", "777"]
    assert "TransferSucceeded" in fed.names


def test_an_order_that_is_refused_again_fails_without_bringing_back() -> None:
    fed = Fed(plan(transfer=("Desk",), bot_present=True), [INCALL], {StartTransfer: [NO]})
    fed.play()
    assert fed.names == [
        "ListPhonebook",
        "StartTransfer",
        "ListPhonebook",
        "StartTransfer",
        "TransferFailed",
        "ReturnToBot",
    ]


def test_an_order_that_never_left_is_given_again() -> None:
    fed = played(INCALL, INCALL, TOGETHER, StartTransfer=[NOT_SENT, None])
    assert names(fed) == ["ListPhonebook", "StartTransfer", *BEGIN[1:], "LeaveConference", "TransferSucceeded"]


def test_an_order_whose_answer_is_lost_is_not_repeated_when_it_had_an_effect() -> None:
    fed = played(INCALL, RINGING, RINGING, TOGETHER, StartTransfer=[LOST])
    assert names(fed) == HANDED_OVER


def test_an_order_whose_answer_is_lost_is_repeated_once_when_it_had_none() -> None:
    fed = Fed(plan(transfer=("Desk",), bot_present=True), [INCALL], {StartTransfer: [LOST]})
    fed.play()
    assert fed.names == [
        "ListPhonebook",
        "StartTransfer",
        "StartTransfer",
        "Reconnect",
        "TransferFailed",
        "ReturnToBot",
    ]
    orders = [at for at, step in zip(fed.times, fed.steps, strict=True) if isinstance(step, StartTransfer)]
    assert orders[1] - orders[0] >= 5.0, "LiveVox must be given time to show the first"


def test_a_line_that_says_it_has_not_changed_shows_soon_that_a_lost_order_had_no_effect() -> None:
    line = status("INCALL", state_changed_time=1000)
    fed = Fed(plan(transfer=("Desk",), bot_present=True), [line], {StartTransfer: [LOST, None]})
    fed.play()
    assert fed.names[:4] == ["ListPhonebook", "StartTransfer", "StartTransfer", "TransferUnderWay"]
    orders = [at for at, step in zip(fed.times, fed.steps, strict=True) if isinstance(step, StartTransfer)]
    assert 2.0 <= orders[1] - orders[0] < 3.0
    (failed,) = [at for at, step in zip(fed.times, fed.steps, strict=True) if isinstance(step, TransferFailed)]
    assert failed - orders[1] >= 5.0, "an acknowledged one is given more time"


def test_a_line_that_has_changed_shows_that_a_lost_order_had_an_effect() -> None:
    before, after = status("INCALL", state_changed_time=1000), status("INCALL", state_changed_time=2000)
    fed = Fed(plan(transfer=("Desk",), bot_present=True), [before, after], {StartTransfer: [LOST]})
    fed.play()
    assert fed.names == ["ListPhonebook", "StartTransfer", "Reconnect", "TransferFailed", "ReturnToBot"]


def test_the_phonebook_is_asked_for_anew_before_a_contact_is_missed() -> None:
    fed = Fed(plan(transfer=("Nobody", "Nobody Else"), bot_present=True), [INCALL])
    fed.play()
    assert [step.fresh for step in fed.steps if isinstance(step, ListPhonebook)] == [False, True]
    assert reason(fed) == (
        "Nobody: is not in the phonebook of service 46014; Nobody Else: is not in the phonebook of service 46014"
    )


def test_a_transfer_under_way_is_followed_and_not_ordered() -> None:
    assert names(played(RINGING, TOGETHER)) == ["TransferUnderWay", "LeaveConference", "TransferSucceeded"]


def test_that_it_is_under_way_is_said_once_a_contact() -> None:
    fed = played(INCALL, *[RINGING] * 9, TOGETHER)
    assert [step.contact for step in fed.steps if isinstance(step, TransferUnderWay)] == ["Desk"]


# who is still there


def test_a_customer_who_leaves_while_the_phonebook_is_read_is_not_transferred() -> None:
    fed = fed_until(ListPhonebook, INCALL, WRAPUP, READY, bot_present=True)
    fed.wrap_up.customer_gone(fed.now)
    fed.wrap_up.done(fed.steps[-1], BOOK, fed.now)
    fed.play()
    assert "StartTransfer" not in fed.names and fed.names[-1] == "Finished"


def test_a_customer_who_leaves_while_the_phonebook_cannot_be_read_is_not_transferred() -> None:
    fed = fed_until(ListPhonebook, INCALL, WRAPUP, READY, bot_present=True)
    fed.wrap_up.customer_gone(fed.now)
    fed.wrap_up.failed(fed.steps[-1], LOST, fed.now)
    fed.play()
    assert fed.names == ["ListPhonebook", "ListTermCodes", "SetTermCode", "Finished"]


def test_a_leg_that_ends_while_it_rings_is_given_time_to_be_explained() -> None:
    fed = fed_until(TransferUnderWay, INCALL, RINGING, RINGING, TOGETHER, WRAPUP, READY)
    fed.wrap_up.done(fed.steps[-1], None, fed.now)
    fed.wrap_up.customer_gone(fed.now)
    fed.play()
    assert "TransferSucceeded" in fed.names and "HangUpCustomer" not in fed.names


def test_a_leg_that_ends_while_livevox_goes_on_ringing_means_that_the_customer_hung_up() -> None:
    fed = fed_until(TransferUnderWay, INCALL, *[RINGING] * 12, WRAPUP, READY)
    fed.wrap_up.done(fed.steps[-1], None, fed.now)
    fed.wrap_up.customer_gone(fed.now)
    fed.play()
    assert "TransferFailed" not in fed.names and fed.names[-1] == "Finished"


def test_a_leg_that_ends_just_before_the_failure_is_told_keeps_it_from_the_bot() -> None:
    fed = fed_until(Reconnect, INCALL, RINGING, INCALL, INCALL, WRAPUP, READY, bot_present=True)
    fed.wrap_up.done(fed.steps[-1], None, fed.now)
    look = fed.wrap_up.next(fed.now)
    assert look is not None
    fed.wrap_up.done(look, INCALL, fed.now)
    fed.wrap_up.customer_gone(fed.now)
    fed.steps.clear()
    fed.play()
    assert fed.names == ["ListTermCodes", "SetTermCode", "Finished"]


def test_a_bot_that_leaves_just_before_the_failure_is_told_gets_no_customer_back() -> None:
    fed = fed_until(Reconnect, INCALL, RINGING, INCALL, INCALL, WRAPUP, READY, bot_present=True)
    fed.wrap_up.done(fed.steps[-1], None, fed.now)
    look = fed.wrap_up.next(fed.now)
    assert look is not None
    fed.wrap_up.done(look, INCALL, fed.now)
    fed.wrap_up.bot_gone(fed.now)
    told = fed.wrap_up.next(fed.now)
    assert told == TransferFailed("Desk: has not taken the call", back_to_bot=False)


def test_a_lost_leg_is_not_given_back_to_the_bot() -> None:
    fed = Fed(plan(transfer=("Nobody",), customer=CustomerLeg.LOST, bot_present=True), [INCALL])
    fed.play(rounds=12)
    assert [step for step in fed.steps if isinstance(step, TransferFailed)][0].back_to_bot is False
    assert "EndCall" in fed.names and "HangUpCustomer" not in fed.names


def test_an_answer_of_another_kind_is_refused() -> None:
    fed = fed_until(ListPhonebook, INCALL)
    with pytest.raises(InvalidTransition):
        fed.wrap_up.done(fed.steps[-1], INCALL, fed.now)


def test_the_end_of_a_transfer_is_told_at_once() -> None:
    fed = fed_until(LeaveConference, INCALL, TOGETHER)
    fed.wrap_up.done(fed.steps[-1], None, fed.now)
    assert fed.wrap_up.deadline == fed.now
    assert fed.wrap_up.next(fed.now) == TransferSucceeded("Desk")
