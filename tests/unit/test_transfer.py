"""A transfer, fed with whatever a status may say of it."""

import pytest

from bridge.errors import InvalidTransition
from bridge.livevox.agent_status import AgentStatus
from bridge.livevox.phonebook import Phonebook, PhonebookContact
from bridge.wrapup import (
    Answer,
    CallIds,
    CustomerLeg,
    Failure,
    JoinCustomer,
    LeaveConference,
    ListPhonebook,
    Reconnect,
    StartTransfer,
    TransferFailed,
    TransferSucceeded,
    TransferUnderWay,
)
from tests.fed_wrapup import BOOK, LOST, NO, NOT_SENT, OURS, Fed, plan, status

INCALL, WRAPUP, READY = status("INCALL"), status("WRAPUP"), status("READY", None)
RINGING = status("TRANSFERRING", conference_initiated=True)
ANSWERED = status("TRANSFERRING", conference_initiated=True, supervisor_call_success_before_conferenced=True)
TOGETHER = status("TRANSFERRING", conference_initiated=True, call_conferenced=True)
QUEUED = status("INCALL", transfer_to_queue=True)
QUEUE_FAILED = status("INCALL", transfer_to_queue=True, transfer_to_queue_failed=True)
ON_HOLD = status("HOLD", transfer_call_on_hold=True)
#: After which the rest of a wrap-up is not looked at.
END = {"TransferSucceeded", "TransferFailed", "HangUpCustomer", "ListTermCodes"}


def names(fed: Fed) -> list[str]:
    """The steps up to the end of the transfer."""
    found = []
    for name in fed.names:
        found.append(name)
        if name in END:
            break
    return found


def reason(fed: Fed) -> str:
    (failed,) = [step for step in fed.steps if isinstance(step, TransferFailed)]
    return failed.reason


def played(
    *statuses: AgentStatus | None | Failure,
    contacts: tuple[str, ...] = ("Desk",),
    **answers: list[Answer | Failure],
) -> Fed:
    kinds = {kind.__name__: kind for kind in (ListPhonebook, StartTransfer, JoinCustomer, LeaveConference, Reconnect)}
    fed = Fed(
        plan(transfer=contacts),
        [*statuses, WRAPUP, READY],
        {kinds[name]: given for name, given in answers.items()},
    )
    fed.play()
    return fed


BEGIN = ["ListPhonebook", "StartTransfer", "TransferUnderWay"]
HANDED_OVER = [*BEGIN, "LeaveConference", "TransferSucceeded"]


@pytest.mark.parametrize(
    "statuses",
    [
        [INCALL, TOGETHER],
        [INCALL, RINGING, RINGING, TOGETHER],
        [INCALL, INCALL, INCALL, RINGING, TOGETHER],
        [INCALL, QUEUED, QUEUED, TOGETHER],
        [INCALL, ON_HOLD, TOGETHER],
        [status("HOLD"), None, RINGING, TOGETHER],
        [NOT_SENT, INCALL, RINGING, NOT_SENT, NO, TOGETHER],
    ],
)
def test_once_customer_and_human_are_together_we_leave(statuses: list[AgentStatus | None | Failure]) -> None:
    assert names(played(*statuses)) == HANDED_OVER


def test_a_human_who_answered_is_joined_with_the_customer() -> None:
    fed = played(INCALL, RINGING, ANSWERED, ANSWERED, TOGETHER)
    assert names(fed) == [*BEGIN, "JoinCustomer", "LeaveConference", "TransferSucceeded"]


def test_if_joining_shows_no_effect_we_leave_all_the_same() -> None:
    fed = played(INCALL, *[ANSWERED] * 9)
    assert names(fed) == [*BEGIN, "JoinCustomer", "LeaveConference", "TransferSucceeded"]
    assert 5.0 <= fed.time_of(LeaveConference) - fed.time_of(JoinCustomer) < 7.0


def test_if_joining_is_refused_we_leave_as_the_guide_does() -> None:
    fed = played(INCALL, ANSWERED, ANSWERED, JoinCustomer=[NO])
    assert names(fed) == [*BEGIN, "JoinCustomer", "LeaveConference", "TransferSucceeded"]


def test_joining_is_repeated_when_its_answer_is_lost() -> None:
    fed = played(INCALL, *[ANSWERED] * 4, JoinCustomer=[LOST])
    assert names(fed) == [*BEGIN, *["JoinCustomer"] * 3, "LeaveConference", "TransferSucceeded"]


@pytest.mark.parametrize("answer", [LOST, NO])
def test_leaving_is_repeated_while_we_are_still_in_the_conference(answer: Failure) -> None:
    fed = played(INCALL, *[TOGETHER] * 3, LeaveConference=[answer, answer, None])
    assert names(fed) == [*BEGIN, *["LeaveConference"] * 3, "TransferSucceeded"]


def test_leaving_whose_answer_is_lost_is_settled_by_looking() -> None:
    fed = played(INCALL, TOGETHER, WRAPUP, LeaveConference=[LOST])
    assert names(fed) == HANDED_OVER


def test_a_conference_we_cannot_leave_is_left_by_bye() -> None:
    fed = played(INCALL, *[TOGETHER] * 12, LeaveConference=[NO])
    assert "TransferSucceeded" in fed.names
    assert fed.time_of(TransferSucceeded) - fed.time_of(LeaveConference) <= 8.0


def test_a_human_who_hangs_up_before_we_left_has_not_taken_the_customer() -> None:
    fed = played(INCALL, TOGETHER, INCALL, INCALL, LeaveConference=[NO])
    assert names(fed) == [*BEGIN, "LeaveConference", "Reconnect", "TransferFailed"]
    assert "has gone before the customer was handed over" in reason(fed)


def test_a_human_who_answered_but_cannot_be_joined_has_not_taken_the_customer() -> None:
    fed = played(INCALL, *[ANSWERED] * 20, INCALL, JoinCustomer=[NO], LeaveConference=[NO])
    assert "Reconnect" in fed.names and "the customer could not be joined" in reason(fed)


# who has the customer when the call leaves the line


@pytest.mark.parametrize(
    "last",
    [status("WRAPUP", call_transferred_to_agent="jane"), status("WRAPUP", transfer_to_queue=True)],
)
def test_livevox_may_take_the_call_from_us_by_itself(last: AgentStatus) -> None:
    fed = Fed(plan(transfer=("Desk",)), [INCALL, RINGING, last, READY])
    fed.play()
    assert names(fed) == [*BEGIN, "TransferSucceeded"]


@pytest.mark.parametrize("last", [WRAPUP, status("WRAPUP", transfer_to_queue=True, transfer_to_queue_failed=True)])
def test_wrap_up_while_it_rings_means_that_the_customer_hung_up(last: AgentStatus) -> None:
    fed = Fed(plan(transfer=("Desk",)), [INCALL, RINGING, last, READY])
    fed.play()
    assert names(fed) == [*BEGIN, "HangUpCustomer"]
    assert "TransferFailed" not in fed.names


def test_wrap_up_before_anything_was_ordered_means_that_the_customer_hung_up() -> None:
    assert names(played(WRAPUP)) == ["HangUpCustomer"]


@pytest.mark.parametrize("last", [READY, status("INCALL", "999999999999")])
def test_a_call_that_vanishes_is_over(last: AgentStatus) -> None:
    fed = Fed(plan(transfer=("Desk",), bot_present=True), [INCALL, RINGING, last])
    fed.play()
    assert names(fed) == [*BEGIN, "TransferFailed"]
    assert reason(fed) == "Desk: LiveVox shows no call of ours"


def test_a_call_that_vanishes_after_we_were_to_leave_is_handed_over() -> None:
    fed = Fed(plan(transfer=("Desk",)), [INCALL, TOGETHER, READY], {LeaveConference: [LOST]})
    fed.play()
    assert "TransferSucceeded" in fed.names


def test_a_call_livevox_never_shows_cannot_be_transferred() -> None:
    fed = Fed(plan(transfer=("Desk",), bot_present=True), [READY])
    fed.play()
    assert fed.names == ["TransferFailed", "ReturnToBot"] and 8.0 <= fed.now < 10.0


@pytest.mark.parametrize("state", ["RESERVED", "DIALING"])
def test_a_call_on_its_way_is_waited_for(state: str) -> None:
    assert names(played(status(state), status(state), INCALL, TOGETHER)) == HANDED_OVER


def test_without_a_service_there_is_no_phonebook() -> None:
    bare = status("INCALL", None)
    fed = Fed(plan(transfer=("Desk",), ids=CallIds(OURS.transaction_id, None, None), bot_present=True), [bare])
    fed.play()
    assert fed.names == ["TransferFailed", "ReturnToBot"] and fed.now == 15.0


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


def fed_until(kind: type, *statuses: AgentStatus, **changes: bool) -> Fed:
    """Played until a step of this kind is in flight."""
    fed = Fed(plan(transfer=("Desk",), **changes), statuses)
    fed.play(before=kind)
    return fed


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
