"""Our call as the agent's status shows it."""

import pytest

from bridge.livevox.agent_status import AgentStatus
from bridge.wrapup.plan import CallIds, CustomerLeg
from bridge.wrapup.sighting import CallRecord, Legs, Whose
from tests.fed_wrapup import OURS, plan, status

NO_IDS = CallIds()


@pytest.mark.parametrize(
    ("ids", "seen", "whose"),
    [
        (OURS, status("INCALL"), Whose.OURS),
        (OURS, status("WRAPUP"), Whose.OURS),
        (OURS, status("NEWSTATE"), Whose.OURS),
        (OURS, status(""), Whose.OURS),
        (OURS, status("INCALL", "999999999999"), Whose.ANOTHERS),
        (OURS, status("RESERVED", "999999999999"), Whose.ANOTHERS),
        (OURS, status("INCALL", None), Whose.OURS),
        (OURS, status("WRAPUP", None), Whose.NOBODYS),
        (OURS, status("RESERVED", None), Whose.NOBODYS),
        (OURS, status("READY"), Whose.NOBODYS),
        (OURS, status("NOTREADY", None), Whose.NOBODYS),
        (OURS, None, Whose.UNKNOWN),
        (OURS, AgentStatus(), Whose.UNKNOWN),
        (NO_IDS, status("INCALL"), Whose.OURS),
        (NO_IDS, status("WRAPUP"), Whose.OURS),
        (NO_IDS, status("RESERVED"), Whose.UNKNOWN),
        (NO_IDS, status("READY"), Whose.NOBODYS),
    ],
)
def test_whose_call_is_on_the_line(ids: CallIds, seen: AgentStatus | None, whose: Whose) -> None:
    assert CallRecord(plan(ids=ids), 0.0).look(seen, 0.0).whose is whose


@pytest.mark.parametrize(
    ("seen", "whose"),
    [
        (status("WRAPUP"), Whose.OURS),
        (status("WRAPUP", "999999999999"), Whose.ANOTHERS),
        (status("WRAPUP", None), Whose.NOBODYS),
        (status("INCALL", None), Whose.NOBODYS),
        # the same transaction on the line again: LiveVox has sent it to us a second time
        (status("INCALL"), Whose.ANOTHERS),
        (status("READY"), Whose.NOBODYS),
        (None, Whose.UNKNOWN),
    ],
)
def test_a_call_that_was_given_up_is_only_seen_where_the_status_names_it(
    seen: AgentStatus | None, whose: Whose
) -> None:
    assert CallRecord(plan(named_only=True), 0.0).look(seen, 0.0).whose is whose


@pytest.mark.parametrize(("session", "whose"), [("another", Whose.ANOTHERS), (None, Whose.OURS)])
def test_another_session_of_the_same_transaction_is_another_call(session: str | None, whose: Whose) -> None:
    ids = CallIds(OURS.transaction_id, session, OURS.service_id)
    assert CallRecord(plan(ids=ids, named_only=True), 0.0).look(status("WRAPUP"), 0.0).whose is whose


def test_ids_are_learned_from_the_first_look_and_compared_afterwards() -> None:
    record = CallRecord(plan(ids=NO_IDS), 0.0)
    assert record.missing == "transaction, session, service"
    record.look(status("INCALL"), 0.0)
    assert (record.ids, record.phone_dialed, record.missing) == (OURS, "2134634007", "")
    assert record.look(status("INCALL", "999999999999"), 1.0).whose is Whose.ANOTHERS
    assert (record.ids, record.last_state) == (OURS, "INCALL")


@pytest.mark.parametrize(
    ("ids", "successor", "seen", "whose"),
    [
        (NO_IDS, None, status("INCALL"), Whose.ANOTHERS),
        (NO_IDS, "999999999999", status("WRAPUP"), Whose.ANOTHERS),
        (NO_IDS, None, status("READY"), Whose.NOBODYS),
        (OURS, "999999999999", status("INCALL", None), Whose.ANOTHERS),
        (OURS, "999999999999", status("WRAPUP", None), Whose.ANOTHERS),
        (OURS, "999999999999", status("INCALL", "999999999999"), Whose.ANOTHERS),
        (OURS, "999999999999", status("WRAPUP"), Whose.OURS),
        # LiveVox sends a call again that we have refused
        (OURS, OURS.transaction_id, status("INCALL"), Whose.ANOTHERS),
        (OURS, OURS.transaction_id, status("WRAPUP"), Whose.ANOTHERS),
        (OURS, None, status("WRAPUP"), Whose.ANOTHERS),
    ],
)
def test_the_agents_next_call_is_never_taken_for_ours(
    ids: CallIds, successor: str | None, seen: AgentStatus, whose: Whose
) -> None:
    record = CallRecord(plan(ids=ids), 0.0)
    record.succeeded_by(successor)
    assert record.look(seen, 0.0).whose is whose
    assert record.ids == ids


def test_a_phone_number_that_is_known_is_kept() -> None:
    record = CallRecord(plan(phone_dialed="5551234567"), 0.0)
    record.look(status("INCALL"), 0.0)
    assert record.phone_dialed == "5551234567"


def test_a_call_may_appear_until_it_has_been_seen_or_its_time_is_up() -> None:
    record = CallRecord(plan(), 10.0)
    assert record.may_appear(17.9) and not record.may_appear(18.0)
    record.look(status("INCALL"), 11.0)
    assert record.seen and not record.may_appear(11.0)
    assert not CallRecord(plan(seen_in_status=True), 10.0).may_appear(10.0)


def test_a_status_that_says_nothing_for_long_means_no_call() -> None:
    record = CallRecord(plan(), 0.0)
    assert [record.look(None, at).whose for at in (0.0, 119.0, 120.0)] == [Whose.UNKNOWN, Whose.UNKNOWN, Whose.NOBODYS]
    record.look(status("INCALL"), 121.0)
    assert record.look(None, 130.0).whose is Whose.UNKNOWN


def test_how_long_a_leg_is_gone() -> None:
    legs = Legs(CustomerLeg.UP, True, 0.0)
    assert legs.gone_for(50.0) == 0.0
    legs.customer, legs.gone_at = CustomerLeg.GONE, 45.0
    assert legs.gone_for(50.0) == 5.0
