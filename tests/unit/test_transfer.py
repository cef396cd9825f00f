"""A transfer, fed with whatever a status may say of it."""

import pytest

from bridge.livevox.agent_status import AgentStatus
from bridge.wrapup import (
    CallIds,
    Failure,
    JoinCustomer,
    LeaveConference,
    TransferSucceeded,
)
from tests.fed_transfer import (
    ANSWERED,
    BEGIN,
    HANDED_OVER,
    INCALL,
    ON_HOLD,
    QUEUED,
    READY,
    RINGING,
    TOGETHER,
    WRAPUP,
    names,
    played,
    reason,
)
from tests.fed_wrapup import LOST, NO, NOT_SENT, OURS, Fed, plan, status


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
