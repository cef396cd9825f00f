"""[sans-IO] What the HTTP API may order a call to do, and when."""

from typing import Protocol

from bridge.calls.contact_terms import ContactTerms
from bridge.calls.states import CallState
from bridge.errors import OrderRefused
from bridge.settings.sections import Target
from bridge.verdicts import Transfer, Verdict


class Targets(Protocol):
    """Who knows whom a bot may name."""

    def target(self, text: str) -> Target | None:
        """The target of this name or alias."""


class Terms(Targets, Protocol):
    """Who knows what may be named."""

    contact: ContactTerms
    """What of a customer's record may be written."""

    def knows(self, outcome: str) -> bool:
        """There is such an outcome."""


def check_order(verdict: Verdict, state: CallState, terms: Terms) -> None:
    """Raises OrderRefused for a verdict that a call in this state cannot obey."""
    if state in (CallState.ENDING, CallState.CLOSED):
        raise OrderRefused("call_over", "the call is over; what becomes of it is settled")
    if isinstance(verdict, Transfer):
        if state is CallState.TRANSFERRING:
            raise OrderRefused("transfer_running", "the customer is being brought to a human already")
        if terms.target(verdict.target) is None:
            raise OrderRefused("unknown_target", f'no target is called "{verdict.target}": add it to [targets]')
    if verdict.outcome and not terms.knows(verdict.outcome):
        raise OrderRefused("unknown_outcome", f'no outcome is called "{verdict.outcome}": add it to [outcomes]')
    terms.contact.check(verdict.remarks)
