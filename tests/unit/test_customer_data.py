"""Which call's ids an agent's status gives."""

import pytest

from bridge.calls.customer_data import call_ids
from bridge.livevox.agent_status import AgentStatus
from bridge.wrapup.plan import CallIds
from tests.fed_wrapup import OURS, status

ANOTHERS = "999999999999"


def test_the_call_that_is_talked_on_says_its_ids() -> None:
    assert call_ids(status("INCALL"), CallIds()) == OURS


@pytest.mark.parametrize("state", ["WRAPUP", "READY", "NOTREADY", "RESERVED", "DIALING", "LOGON"])
def test_the_last_call_that_the_status_still_carries_is_not_this_one(state: str) -> None:
    assert call_ids(status(state), CallIds()) is None


@pytest.mark.parametrize("seen", [None, AgentStatus(), status("INCALL", None)])
def test_a_status_without_a_call_says_nothing(seen: AgentStatus | None) -> None:
    assert call_ids(seen, CallIds()) is None


def test_what_the_invite_said_is_kept_and_only_the_rest_learned() -> None:
    known = CallIds(OURS.transaction_id, None, "service of the INVITE")
    assert call_ids(status("INCALL"), known) == CallIds(OURS.transaction_id, OURS.session_id, "service of the INVITE")
    assert call_ids(status("INCALL", ANOTHERS), known) is None
