"""Handing a customer over on the simulated platform."""

import dataclasses
from typing import Any

import pytest

from bridge.simulator.endpoints import Endpoint
from bridge.simulator.faults import Faults, LeaveEarly, PhonebookShape
from bridge.simulator.floor import Call, HangUpLeg
from bridge.simulator.states import AgentState
from bridge.simulator.world import World
from tests.simulated_platform import PASSWORD, TOKEN, Desk, busy_desk, ready_desk

COLLECTIONS, BILLING, VOICEMAIL, OVERFLOW, SUPERVISOR, NIGHT = range(24590, 24596)


def transferring(contact: int, faults: Faults | None = None) -> tuple[Desk, Call]:
    desk, call = busy_desk(faults)
    ids = {"phoneBookId": "2237", "phoneBookContactId": str(contact)}
    assert desk.ask(Endpoint.CONFERENCE_PHONEBOOK, ids, query={"lineNumber": "ACD"}) == (204, None)
    return desk, call


def flags(line: dict[str, Any]) -> list[str]:
    return [name for name, value in line.items() if value is True and name not in ("active", "callControl")]


def test_the_line_shows_how_far_a_transfer_to_a_queue_is() -> None:
    desk, call = transferring(COLLECTIONS)
    line = desk.line()
    assert line["state"] == "TRANSFERRING"
    assert flags(line) == ["conferenceInitiated", "transferToQueue", "transferCallOnHold"]
    desk.wait(1.1)
    assert flags(desk.line()) == ["conferenceInitiated", "callConferenced", "transferToQueue"]
    assert desk.ask(Endpoint.CONFERENCE_LEAVE) == (204, None)
    line = desk.line()
    assert (line["state"], flags(line), line["call"]["callTransactionId"]) == ("WRAPUP", [], call.transaction_id)
    assert call.customer.value == "handed_over"


def test_a_change_of_the_flags_alone_is_news_for_status() -> None:
    desk, _ = transferring(SUPERVISOR)
    for step in (lambda: desk.wait(1.1), lambda: desk.ask(Endpoint.CONFERENCE_CUSTOMER)):
        seen = desk.line()["stateChangedTime"]
        desk.now += 1
        step()
        assert desk.ask(Endpoint.STATUS, {"stateChangedAfter": seen})[1]["agentStatus"] != []


def test_a_transfer_ends_with_the_agents_log_off() -> None:
    desk, call = transferring(VOICEMAIL)
    desk.platform.agents.supervisor_log_off(desk.agent, desk.now)
    desk.wait(1.0)  # in which the contact would have been found busy
    assert (desk.agent.state, call.customer.value) == (AgentState.LOGOFF, "gone")


def test_the_platform_hangs_up_our_leg_after_the_agent_has_left() -> None:
    desk, call = transferring(BILLING)
    desk.wait(0.6)
    desk.ask(Endpoint.CONFERENCE_LEAVE)
    desk.platform.commands()
    desk.wait(0.3)
    assert desk.platform.commands() == [HangUpLeg(call.id)]
    desk.platform.calls.ended(call, False, desk.now)
    assert desk.set_term_code(call, "101416240")[0] == 204
    assert (call.over, call.result, call.customer.value) == (True, "Transferred to Agent", "handed_over")


def test_the_platform_can_leave_the_bye_to_us() -> None:
    desk, call = transferring(BILLING, Faults(bye_after_leave_s=None))
    desk.wait(0.6)
    desk.ask(Endpoint.CONFERENCE_LEAVE)
    desk.wait(60.0)
    assert HangUpLeg(call.id) not in desk.platform.commands()
    desk.set_term_code(call, "101416240")
    assert not call.over
    desk.platform.calls.ended(call, True, desk.now)
    assert call.over and desk.agent.state is AgentState.READY


def test_a_busy_contact_brings_the_agent_back_to_the_customer() -> None:
    desk, call = transferring(VOICEMAIL)
    desk.wait(0.3)
    assert (desk.line()["state"], flags(desk.line())) == ("INCALL", [])
    assert call.customer.value == "talking"
    assert desk.ask(Endpoint.CONFERENCE_LEAVE)[0] == 400


def test_a_queue_without_agents_says_so() -> None:
    desk, _ = transferring(OVERFLOW)
    desk.wait(0.6)
    assert (desk.line()["state"], flags(desk.line())) == ("INCALL", ["transferToQueueFailed"])


def test_another_contact_can_be_tried_after_a_failure() -> None:
    desk, _ = transferring(OVERFLOW)
    desk.wait(0.6)
    ids = {"phoneBookId": 2237, "phoneBookContactId": BILLING}
    assert desk.ask(Endpoint.CONFERENCE_PHONEBOOK, ids)[0] == 204
    desk.wait(0.6)
    assert desk.line()["callConferenced"] is True


def test_a_contact_that_never_answers_is_given_up_by_reconnect() -> None:
    desk, call = transferring(NIGHT)
    desk.wait(600.0)
    assert desk.line()["state"] == "TRANSFERRING"
    assert desk.ask(Endpoint.CONFERENCE_RECONNECT)[0] == 204
    assert (desk.agent.state, call.customer.value) == (AgentState.INCALL, "talking")
    assert desk.ask(Endpoint.CONFERENCE_RECONNECT)[0] == 400


def test_an_answer_after_the_agent_gave_up_changes_nothing() -> None:
    desk, call = transferring(BILLING)
    desk.ask(Endpoint.CONFERENCE_RECONNECT)
    desk.wait(1.0)
    assert (desk.agent.state, flags(desk.line()), call.customer.value) == (AgentState.INCALL, [], "talking")


def test_an_answer_of_an_earlier_transfer_is_not_taken_for_the_next_ones() -> None:
    desk, _ = transferring(BILLING)
    desk.ask(Endpoint.CONFERENCE_RECONNECT)
    desk.ask(Endpoint.CONFERENCE_PHONEBOOK, {"phoneBookId": "2237", "phoneBookContactId": str(NIGHT)})
    desk.wait(1.0)
    assert flags(desk.line()) == ["conferenceInitiated", "transferCallOnHold"]


def test_a_customer_who_was_handed_over_hangs_up_without_our_agent() -> None:
    desk, call = transferring(BILLING)
    desk.wait(0.6)
    desk.ask(Endpoint.CONFERENCE_LEAVE)
    desk.platform.calls.customer_hangs_up(call, desk.now)
    assert (desk.agent.state, call.customer.value, desk.platform.commands()[1:]) == (AgentState.WRAPUP, "gone", [])


def test_leaving_without_the_customer_where_it_must_be_brought_in_drops_it() -> None:
    desk, call = transferring(SUPERVISOR)
    desk.wait(0.6)
    assert flags(desk.line()) == [
        "conferenceInitiated",
        "supervisorCallSuccessBeforeConferenced",
        "transferCallOnHold",
    ]
    desk.ask(Endpoint.CONFERENCE_LEAVE)
    assert call.customer.value == "gone"
    assert "transfer customer_dropped" in desk.platform.ledger.lifecycle(call.id)


def test_bringing_the_customer_in_first_keeps_it() -> None:
    desk, call = transferring(BILLING, Faults(leave_needs_customer=True))
    assert desk.ask(Endpoint.CONFERENCE_CUSTOMER)[0] == 400
    desk.wait(0.6)
    assert desk.ask(Endpoint.CONFERENCE_CUSTOMER)[0] == 204
    assert desk.line()["callConferenced"] is True
    desk.ask(Endpoint.CONFERENCE_LEAVE)
    assert call.customer.value == "handed_over"


def test_the_customer_may_join_by_itself_a_little_later() -> None:
    desk, _ = transferring(BILLING, Faults(conference_delay_s=1.0))
    desk.wait(0.6)
    assert desk.line()["supervisorCallSuccessBeforeConferenced"] is True
    desk.wait(1.0)
    assert desk.line()["callConferenced"] is True


@pytest.mark.parametrize(
    ("rule", "status", "at_once", "later"),
    [
        (LeaveEarly.REFUSED, 400, "on_hold", "talking"),
        (LeaveEarly.DROPS, 204, "gone", "gone"),
        (LeaveEarly.BLIND, 204, "on_hold", "handed_over"),
    ],
)
def test_leaving_before_the_answer_follows_the_switch(rule: LeaveEarly, status: int, at_once: str, later: str) -> None:
    desk, call = transferring(BILLING, Faults(leave_early=rule))
    assert desk.ask(Endpoint.CONFERENCE_LEAVE)[0] == status
    assert call.customer.value == at_once
    desk.wait(1.0)
    assert call.customer.value == later


def test_a_blind_transfer_that_fails_drops_the_customer() -> None:
    desk, call = transferring(VOICEMAIL, Faults(leave_early=LeaveEarly.BLIND))
    desk.ask(Endpoint.CONFERENCE_LEAVE)
    desk.wait(1.0)
    assert call.customer.value == "gone"


def test_a_customer_who_hangs_up_during_a_transfer_ends_it() -> None:
    desk, call = transferring(BILLING)
    desk.platform.calls.customer_hangs_up(call, desk.now)
    assert desk.agent.state is AgentState.WRAPUP
    desk.wait(1.0)
    assert (desk.agent.state, desk.ask(Endpoint.CONFERENCE_LEAVE)[0]) == (AgentState.WRAPUP, 400)


def test_our_bye_drops_the_customer_before_the_conference_and_not_in_it() -> None:
    desk, call = transferring(BILLING)
    desk.platform.calls.ended(call, True, desk.now)
    assert (desk.agent.state, call.customer.value) == (AgentState.WRAPUP, "gone")
    desk, call = transferring(BILLING)
    desk.wait(0.6)
    desk.platform.calls.ended(call, True, desk.now)
    assert (desk.agent.state, call.customer.value) == (AgentState.WRAPUP, "handed_over")


def test_a_term_code_during_a_transfer_is_refused() -> None:
    desk, call = transferring(BILLING)
    assert desk.set_term_code(call)[0] == 400


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"phoneBookId": "2237", "phoneBookContactId": "1"}, 404),
        ({"phoneBookId": "1", "phoneBookContactId": "24591"}, 404),
        ({"phoneBookId": "2237"}, 400),
        ({"phoneBookId": "2237", "phoneBookContactId": "-1"}, 400),
        (["2237"], 400),
        (None, 400),
    ],
)
def test_a_transfer_to_nobody_is_refused(body: Any, status: int) -> None:
    desk, _ = busy_desk()
    assert desk.ask(Endpoint.CONFERENCE_PHONEBOOK, body)[0] == status
    assert desk.agent.state is AgentState.INCALL


def test_a_transfer_without_a_call_is_refused() -> None:
    ids = {"phoneBookId": "2237", "phoneBookContactId": "24591"}
    assert ready_desk().ask(Endpoint.CONFERENCE_PHONEBOOK, ids)[0] == 400


def test_a_number_dialled_by_hand_behaves_as_its_contact() -> None:
    desk, call = busy_desk()
    body = {"supervisorNumber": "4158395499", "putCallOnHold": "false", "secureTransfer": "false"}
    assert desk.ask(Endpoint.CONFERENCE_MANUAL, body)[0] == 204
    assert call.customer.value == "talking"
    desk.wait(0.3)
    assert desk.agent.state is AgentState.INCALL
    assert desk.ask(Endpoint.CONFERENCE_MANUAL, {"supervisorNumber": "4150000000"})[0] == 204
    assert call.customer.value == "on_hold"
    desk.wait(0.6)
    assert desk.line()["callConferenced"] is True


# The phonebook.


def contacts_in(found: Any) -> list[dict[str, Any]]:
    """Every contact, wherever an object has phoneContact."""
    if isinstance(found, list):
        return [contact for inner in found for contact in contacts_in(inner)]
    if not isinstance(found, dict):
        return []
    held = found.get("phoneContact", [])
    return (held if isinstance(held, list) else [held]) + contacts_in(list(found.values()))


@pytest.mark.parametrize("shape", list(PhonebookShape))
@pytest.mark.parametrize("endpoint", [Endpoint.PHONEBOOK, Endpoint.PHONEBOOK_EXT])
def test_every_shape_of_the_phonebook_has_all_contacts(shape: PhonebookShape, endpoint: Endpoint) -> None:
    desk = ready_desk(Faults(phonebook_shape=shape))
    status, book = desk.ask(endpoint, query={"serviceId": "46014"})
    assert status == 200
    names = [contact["contactName"] for contact in contacts_in(book)]
    assert names[:2] == ["Collections Queue [H:0/R:4/T:12]", "Billing"]
    assert len(names) == 6
    assert isinstance(book, list) is (shape is PhonebookShape.LIST)


def test_contacts_can_belong_to_some_services_only() -> None:
    world = World.default(1, PASSWORD, token=TOKEN)
    only = dataclasses.replace(world.phonebook[1], services=(46015,))
    desk = ready_desk(world=dataclasses.replace(world, phonebook=(world.phonebook[0], only)))
    counts = [
        len(contacts_in(desk.ask(Endpoint.PHONEBOOK_EXT, query={"serviceId": service})[1]))
        for service in ("46014", "46015")
    ]
    assert counts == [1, 2]


def test_an_empty_phonebook_is_no_error_in_any_shape() -> None:
    world = dataclasses.replace(World.default(1, PASSWORD, token=TOKEN), phonebook=())
    for shape in PhonebookShape:
        desk = ready_desk(Faults(phonebook_shape=shape), world)
        status, book = desk.ask(Endpoint.PHONEBOOK_EXT, query={"serviceId": "46014"})
        assert (status, contacts_in(book)) == (200, [])
