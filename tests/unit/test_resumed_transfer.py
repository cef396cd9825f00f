"""A transfer that a bridge which has died since had begun: the first look decides."""

import pytest

from bridge.wrapup import (
    Before,
    Confirmation,
    CustomerLeg,
    LeaveConference,
    OrderGiven,
    Plan,
    ReadStatus,
    Reconnect,
    SetTermCode,
    StartTransfer,
    TransferSucceeded,
)
from tests.fed_wrapup import Fed, plan, status

TAKEN = status("TRANSFERRING", call_conferenced=True)


def begun(*, certain: bool = True, ago_s: float = 3.0, leaving: bool = False) -> Plan:
    before = Before(OrderGiven("Desk", certain, ago_s), leaving)
    return plan(transfer=("Desk", "Queue"), customer=CustomerLeg.LOST, seen_in_status=True, before=before)


def ordered(fed: Fed) -> list[str]:
    return [step.contact for step in fed.steps if isinstance(step, StartTransfer)]


@pytest.mark.parametrize("ago_s", [3.0, 500.0])
def test_one_that_is_under_way_is_watched_until_the_contact_has_the_customer(ago_s: float) -> None:
    fed = Fed(begun(ago_s=ago_s), [status("TRANSFERRING"), TAKEN, status("WRAPUP"), status("READY", None)])
    result = fed.play()
    assert isinstance(fed.steps[0], ReadStatus), "nothing is done before a look"
    assert ordered(fed) == []
    assert result is not None
    assert (result.transferred_to, result.confirmation) == ("Desk", Confirmation.CONFIRMED)


def test_an_acknowledged_order_that_came_to_nothing_is_not_given_again() -> None:
    fed = Fed(begun(ago_s=30.0), [status("INCALL")])
    fed.play(until=20.0, before=StartTransfer)
    assert ordered(fed) == ["Queue"]


def test_an_order_that_may_never_have_come_is_given_once_the_status_has_had_its_time_to_show_it() -> None:
    fed = Fed(begun(certain=False, ago_s=3.0), [status("INCALL")])
    fed.play(until=20.0, before=StartTransfer)
    assert ordered(fed) == ["Desk"]
    assert fed.times[-1] >= 2.0, "three seconds ago, and five are its time"


def test_a_conference_that_was_left_has_the_customer() -> None:
    fed = Fed(begun(leaving=True), [status("WRAPUP"), status("WRAPUP"), status("READY", None)])
    result = fed.play()
    assert "LeaveConference" not in fed.names
    assert any(isinstance(step, TransferSucceeded) for step in fed.steps)
    assert result is not None and result.transferred_to == "Desk"


def test_a_conference_that_is_not_left_yet_is_left() -> None:
    fed = Fed(begun(leaving=True), [TAKEN, status("WRAPUP"), status("READY", None)])
    assert fed.play() is not None
    assert sum(isinstance(step, LeaveConference) for step in fed.steps) == 1
    assert not any(isinstance(step, Reconnect) for step in fed.steps)


def test_a_customer_who_has_left_meanwhile_is_disposed_of_so() -> None:
    fed = Fed(begun(), [status("WRAPUP"), status("WRAPUP"), status("READY", None)])
    result = fed.play()
    assert result is not None and result.disposition.outcome == "customer_hung_up"


def test_a_customer_who_was_handed_over_is_left_alone() -> None:
    before = Before(handed_to="Desk")
    fed = Fed(
        plan(customer=CustomerLeg.LOST, seen_in_status=True, before=before),
        [TAKEN, TAKEN, status("WRAPUP"), status("READY", None)],
    )
    result = fed.play()
    assert "EndCall" not in fed.names
    assert result is not None and result.transferred_to == "Desk"


@pytest.mark.parametrize(
    ("certain", "ago_s", "confirmation"),
    [
        (True, 3000.0, Confirmation.CONFIRMED),
        (False, 5.0, Confirmation.CONFIRMED),
        (False, 50.0, Confirmation.UNCONFIRMED),
    ],
)
def test_a_term_code_that_was_sent_is_not_sent_again_where_the_call_is_gone(
    certain: bool, ago_s: float, confirmation: Confirmation
) -> None:
    before = Before(term_code=OrderGiven("Completed", certain, ago_s))
    what = plan(customer=CustomerLeg.LOST, seen_in_status=True, before=before)
    fed = Fed(what, [status("READY", None)])
    result = fed.play()
    assert "SetTermCode" not in fed.names
    assert result is not None
    assert (result.confirmation, result.term_code) == (confirmation, "Completed")


def test_only_the_term_code_that_was_sent_is_sent_again_while_the_call_waits_for_it() -> None:
    before = Before(term_code=OrderGiven("System Failure", False, 5.0))
    what = plan(customer=CustomerLeg.LOST, seen_in_status=True, before=before)
    fed = Fed(what, [status("WRAPUP"), status("READY", None)])
    assert fed.play() is not None
    assert [step.name for step in fed.steps if isinstance(step, SetTermCode)] == ["System Failure"]
