"""The disposition of a call that LiveVox still shows on the line, and of one that cannot be had, fed by hand."""

import pytest

from bridge.livevox.term_codes import TermCodes
from bridge.wrapup import (
    Confirmation,
    CustomerLeg,
    EndCall,
    EndCallBy,
    Failure,
    Finished,
    HangUpCustomer,
    LeaveConference,
    Limits,
    ListTermCodes,
    SetTermCode,
)
from tests.fed_wrapup import GONE, LOST, NO, NOT_SENT, Fed, plan, status

CONFIRMED, UNCONFIRMED, NOTHING = Confirmation.CONFIRMED, Confirmation.UNCONFIRMED, Confirmation.NOTHING_TO_SET
WRAPUP, READY = status("WRAPUP"), status("READY", None)
OTHERS = status("INCALL", "999999999999")


def played(fed: Fed) -> tuple[Finished, list[str]]:
    result = fed.play()
    assert result is not None, fed.names
    return result, fed.names


# the end of the call


def test_the_next_look_waits_for_our_leg_to_end_but_not_for_ever() -> None:
    fed = Fed(plan(), [WRAPUP, READY])
    step = fed.wrap_up.next(0.0)
    assert isinstance(step, HangUpCustomer)
    fed.wrap_up.done(step, None, 0.0)
    assert fed.wrap_up.deadline == 1.0


def test_a_call_livevox_goes_on_showing_is_ended_by_one_way_after_the_other() -> None:
    fed = Fed(plan(customer=GONE), [status("INCALL")] * 40 + [WRAPUP, READY])
    result, names = played(fed)
    assert names == ["EndCall", "EndCall", "ListTermCodes", "SetTermCode", "EndCall", "Finished"]
    assert result.confirmation is CONFIRMED
    assert fed.time_of(EndCall) >= 8.0 and fed.time_of(SetTermCode) >= 24.0


def test_a_call_on_its_way_to_the_agent_is_not_ended() -> None:
    fed = Fed(plan(customer=GONE), [status("DIALING")] * 60 + [READY])
    result, names = played(fed)
    assert (result.confirmation, names) == (NOTHING, ["Finished"])


def test_a_term_code_that_may_not_end_the_call_is_set_after_it() -> None:
    fed = Fed(
        plan(end_call=EndCallBy.TERM_CODE),
        [status("INCALL"), WRAPUP, READY],
        {SetTermCode: [NO, None]},
    )
    result, names = played(fed)
    assert names == ["ListTermCodes", "SetTermCode", "HangUpCustomer", "SetTermCode", "Finished"]
    assert (result.confirmation, result.term_code) == (CONFIRMED, "Completed")


def test_a_term_code_whose_answer_was_lost_in_the_call_is_sent_again_in_the_call() -> None:
    fed = Fed(
        plan(end_call=EndCallBy.TERM_CODE), [status("INCALL"), status("INCALL"), READY], {SetTermCode: [LOST, None]}
    )
    result, names = played(fed)
    assert names == ["ListTermCodes", "SetTermCode", "SetTermCode", "HangUpCustomer", "Finished"]
    assert result.confirmation is CONFIRMED


def test_a_term_code_that_is_kept_until_the_call_ends_is_followed_by_a_bye() -> None:
    fed = Fed(plan(end_call=EndCallBy.TERM_CODE), [status("INCALL"), status("INCALL"), READY])
    result, names = played(fed)
    assert names == ["ListTermCodes", "SetTermCode", "HangUpCustomer", "Finished"]
    assert result.confirmation is CONFIRMED


def test_a_call_that_no_term_code_can_end_is_hung_up() -> None:
    fed = Fed(
        plan(end_call=EndCallBy.TERM_CODE), [status("INCALL"), status("INCALL"), WRAPUP], {ListTermCodes: [TermCodes()]}
    )
    result, names = played(fed)
    assert names[:3] == ["ListTermCodes", "ListTermCodes", "HangUpCustomer"]
    assert result.confirmation is UNCONFIRMED


def test_our_leg_ends_before_the_result_is_told() -> None:
    fed = Fed(plan(end_call=EndCallBy.CALL_END, seen_in_status=True), [READY])
    result, names = played(fed)
    assert (names, result.confirmation) == (["HangUpCustomer", "Finished"], NOTHING)


@pytest.mark.parametrize("lost", [False, True])
def test_a_leg_that_ends_just_before_the_result_is_not_hung_up(lost: bool) -> None:
    fed = Fed(plan(end_call=EndCallBy.CALL_END, seen_in_status=True), [READY])
    step = fed.wrap_up.next(0.0)
    assert step is not None
    fed.wrap_up.done(step, READY, 0.0)
    (fed.wrap_up.customer_lost if lost else fed.wrap_up.customer_gone)(0.0)
    assert isinstance(fed.wrap_up.next(0.0), Finished)


@pytest.mark.parametrize(("failure", "gap"), [(LOST, 1.0), (NOT_SENT, 1.0), (NO, 8.0)])
def test_an_order_to_end_the_call_that_was_lost_is_repeated_soon_and_a_refused_one_is_not(
    failure: Failure, gap: float
) -> None:
    fed = Fed(plan(customer=CustomerLeg.LOST), [status("INCALL")] * 30 + [WRAPUP, READY], {EndCall: [failure]})
    fed.play(until=20.0)
    first, second, *_ = [at for at, step in zip(fed.times, fed.steps, strict=True) if isinstance(step, EndCall)]
    assert gap / 2 <= second - first <= gap * 1.5


# giving up


def test_what_is_refused_for_two_minutes_is_given_up() -> None:
    fed = Fed(plan(customer=GONE), [NO])
    result, _ = played(fed)
    assert (result.confirmation, result.reason) == (UNCONFIRMED, "refused again and again: refused with 400")
    assert 120.0 <= fed.now < 160.0


def test_trouble_at_livevox_is_waited_out_for_an_hour() -> None:
    trouble = Failure("refused with 503", maybe_done=True, status=503)
    fed = Fed(plan(customer=GONE), [trouble])
    result, _ = played(fed)
    assert (result.confirmation, fed.now) == (UNCONFIRMED, 3600.0)
    assert result.reason == "not settled in 3600 s: refused with 503"


def test_a_lost_session_is_waited_for() -> None:
    fed = Fed(
        plan(customer=GONE), [Failure("401", retryable=False, lost_session=True, status=401)] * 9 + [WRAPUP, READY]
    )
    assert played(fed)[0].confirmation is CONFIRMED


def test_giving_up_still_hangs_up() -> None:
    fed = Fed(plan(end_call=EndCallBy.CALL_END, limits=Limits(give_up_s=5.0)), [status("INCALL")], {EndCall: [NO]})
    result, names = played(fed)
    assert names[-2:] == ["HangUpCustomer", "Finished"]
    assert (result.confirmation, fed.now) == (UNCONFIRMED, 5.0)


# after a transfer


def test_a_conference_that_has_the_customer_is_left_again_but_never_ended() -> None:
    in_conference = status("TRANSFERRING", call_conferenced=True, conference_initiated=True)
    fed = Fed(
        plan(transfer=("Desk",), end_call=EndCallBy.TERM_CODE),
        [status("INCALL"), *[in_conference] * 40, WRAPUP, READY],
    )
    result, names = played(fed)
    assert (result.confirmation, result.transferred_to) == (CONFIRMED, "Desk")
    assert "EndCall" not in names
    after = names[names.index("TransferSucceeded") :]
    assert "LeaveConference" in after and "HangUpCustomer" in after
    first_code = names.index("SetTermCode")
    assert first_code > names.index("HangUpCustomer")
    assert fed.time_of(LeaveConference) < fed.time_of(HangUpCustomer) <= 10.0


def test_a_lost_leg_after_a_transfer_changes_nothing() -> None:
    fed = Fed(
        plan(transfer=("Desk",), customer=CustomerLeg.LOST),
        [
            status("INCALL"),
            status("TRANSFERRING", call_conferenced=True),
            status("TRANSFERRING", call_conferenced=True),
            WRAPUP,
            READY,
        ],
    )
    fed.play(rounds=9)
    fed.wrap_up.customer_lost(fed.now)
    result, names = played(fed)
    assert result.confirmation is CONFIRMED and "EndCall" not in names
