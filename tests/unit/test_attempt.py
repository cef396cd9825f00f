"""What LiveVox shows of one contact's attempt."""

import pytest

from bridge.livevox.agent_status import Line
from bridge.wrapup.attempt import Attempt, Sign, is_passed_on, is_with_us, signs_of

RINGING = Line(state="TRANSFERRING", conference_initiated=True)


@pytest.mark.parametrize(
    ("line", "signs"),
    [
        (Line(state="INCALL"), Sign.NONE),
        (Line(conference_initiated=True), Sign.UNDER_WAY),
        (Line(transfer_call_on_hold=True), Sign.UNDER_WAY),
        (Line(transfer_to_queue=True), Sign.UNDER_WAY),
        (Line(transfer_to_queue=True, transfer_to_queue_failed=True), Sign.QUEUE_FAILED),
        (Line(supervisor_call_success_before_conferenced=True), Sign.ANSWERED),
        (Line(conference_initiated=True, call_conferenced=True), Sign.UNDER_WAY | Sign.CONFERENCED),
    ],
)
def test_signs_of_a_transfer(line: Line, signs: Sign) -> None:
    assert signs_of(line) == signs


@pytest.mark.parametrize(
    ("line", "with_us"),
    [
        (Line(state="INCALL"), True),
        (Line(state="INCALL", transfer_to_queue_failed=True), True),
        (Line(state="HOLD"), False),
        (Line(state="TRANSFERRING"), False),
        (Line(state="INCALL", conference_initiated=True), False),
        (Line(state="INCALL", call_conferenced=True), False),
    ],
)
def test_when_the_customer_hears_nobody_but_us(line: Line, with_us: bool) -> None:
    assert is_with_us(line) is with_us


def test_when_livevox_has_passed_the_call_on() -> None:
    assert is_passed_on(Line(call_transferred_to_agent="jane"))
    assert is_passed_on(Line(transfer_to_queue=True))
    assert not is_passed_on(Line(transfer_to_queue=True, transfer_to_queue_failed=True))
    assert not is_passed_on(Line())


def test_what_was_said_before_the_order_counts_only_after_it_was_unsaid() -> None:
    attempt, failed = Attempt("Desk"), Line(state="INCALL", transfer_to_queue_failed=True)
    attempt.order_follows(failed)
    assert (attempt.read(failed), attempt.under_way) == (Sign.NONE, False)
    assert (attempt.read(RINGING), attempt.under_way) == (Sign.UNDER_WAY, True)
    assert attempt.read(failed) == Sign.QUEUE_FAILED


def test_that_they_were_together_is_not_forgotten() -> None:
    attempt = Attempt("Desk")
    attempt.read(Line(call_conferenced=True))
    attempt.read(Line(state="INCALL"))
    assert attempt.conferenced


@pytest.mark.parametrize(
    ("before", "after", "moved"), [(1, 2, True), (1, 1, False), (None, 2, False), (1, None, False), (None, None, False)]
)
def test_a_line_has_moved_if_livevox_says_so(before: int | None, after: int | None, moved: bool) -> None:
    attempt = Attempt("Desk")
    attempt.order_follows(Line(state_changed_time=before))
    assert attempt.has_moved(Line(state_changed_time=after)) is moved
