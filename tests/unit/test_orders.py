"""What a call may be ordered to do."""

import pytest

from bridge.calls.contact_terms import ContactTerms
from bridge.calls.orders import check_order
from bridge.calls.states import CallState
from bridge.errors import OrderRefused
from bridge.settings.sections import Target
from bridge.verdicts import Complete, Remarks, Transfer, Verdict


class Known:
    """One target and one outcome."""

    contact = ContactTerms({"email": "person.email"})

    def target(self, text: str) -> Target | None:
        return Target(contacts=("Collections Queue",)) if text == "collections" else None

    def knows(self, outcome: str) -> bool:
        return outcome == "paid"


def refused(verdict: Verdict, state: CallState) -> str | None:
    """The code; None: it is obeyed."""
    try:
        check_order(verdict, state, Known())
    except OrderRefused as exc:
        return exc.code
    return None


OPEN = [state for state in CallState if state not in (CallState.ENDING, CallState.CLOSED)]


@pytest.mark.parametrize("state", OPEN)
def test_a_call_that_is_not_over_may_be_ended(state: CallState) -> None:
    assert refused(Complete(), state) is None
    assert refused(Complete("paid"), state) is None
    assert refused(Complete("payd"), state) == "unknown_outcome"


@pytest.mark.parametrize("state", OPEN)
def test_a_transfer_needs_a_target_and_no_other_transfer(state: CallState) -> None:
    running = state is CallState.TRANSFERRING
    assert refused(Transfer("collections"), state) == ("transfer_running" if running else None)
    assert refused(Transfer("nobody"), state) == ("transfer_running" if running else "unknown_target")
    assert refused(Transfer("collections", outcome="payd"), state) == (
        "transfer_running" if running else "unknown_outcome"
    )


@pytest.mark.parametrize("state", [CallState.ENDING, CallState.CLOSED])
@pytest.mark.parametrize("verdict", [Complete(), Transfer("collections"), Transfer("nobody")])
def test_a_call_that_is_over_obeys_nobody(state: CallState, verdict: Verdict) -> None:
    assert refused(verdict, state) == "call_over"


def test_what_may_not_be_written_of_the_customer_refuses_the_whole_order() -> None:
    written = Remarks(contact=(("email", "a@example.com"),), context=(("promise", "Friday"),))
    assert refused(Complete("paid", written), CallState.TALKING) is None
    remarks = Remarks(contact=(("balance", "0"),))
    assert refused(Complete("paid", remarks), CallState.TALKING) == "unknown_contact_field"
    assert refused(Transfer("collections", remarks=remarks), CallState.TALKING) == "unknown_contact_field"
