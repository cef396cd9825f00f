"""[sans-IO] Handing the customer to someone else: phonebook, conference, leaving it (livevox_api section 2.8)."""

import dataclasses
from typing import Any

from bridge.simulator.calls import Calls
from bridge.simulator.errors import RequestRefused
from bridge.simulator.faults import LeaveEarly, PhonebookShape
from bridge.simulator.floor import Agent, Call, ConferenceDue, Floor, PartyDue, Transfer
from bridge.simulator.ledger import Kind
from bridge.simulator.states import AgentState, Customer, TransferStep
from bridge.simulator.world import PhonebookContact, Service, TransferOutcome


class Transfers:
    """Moves transfers through their steps."""

    def __init__(self, floor: Floor, calls: Calls) -> None:
        self._floor = floor
        self._calls = calls

    # What the agent asks by REST.

    def phonebook(self, service: Service) -> Any:
        """The contacts of a service, in the shape the switch says."""
        books: dict[int, dict[str, Any]] = {}
        for contact in self._floor.phonebook.values():
            if contact.services and service.id not in contact.services:
                continue
            name = self._floor.world.book_names.get(contact.book, "")
            book = books.setdefault(
                contact.book, {"phoneBookId": str(contact.book), "description": name, "phoneContact": []}
            )
            book["phoneContact"].append(_contact_view(contact))
        return _shaped(list(books.values()), self._floor.faults.phonebook_shape)

    def start(self, agent: Agent, book: int, contact_id: int, now: float) -> None:
        """conference/phonebook: call a contact. Raises RequestRefused."""
        contact = self._floor.phonebook.get(contact_id)
        if contact is None or contact.book != book:
            raise RequestRefused(404, "No such phonebook contact")
        self._start(agent, contact, now)

    def start_manual(self, agent: Agent, number: str, on_hold: bool, now: float) -> None:
        """conference/manual: call any number; one of the phonebook behaves as its contact. Raises RequestRefused."""
        known = next((contact for contact in self._floor.phonebook.values() if contact.number == number), None)
        contact = known or PhonebookContact(0, 0, "manual", number=number)
        self._start(agent, dataclasses.replace(contact, place_call_on_hold=on_hold), now)

    def bring_customer(self, agent: Agent, now: float) -> None:
        """conference/customer: the customer joins the second party. Raises RequestRefused."""
        call, transfer = self._active(agent)
        if transfer.step is TransferStep.RINGING:
            raise RequestRefused(400, "The second party has not answered")
        if transfer.step is TransferStep.ANSWERED:
            self._conferenced(agent, call, transfer, now)

    def leave(self, agent: Agent, now: float) -> None:
        """conference/leave: our agent leaves, customer and second party stay. Raises RequestRefused."""
        call, transfer = self._active(agent)
        if transfer.step is TransferStep.CONFERENCED or not self._alone(transfer):
            transfer.step = TransferStep.LEFT
            call.customer = Customer.HANDED_OVER
            self._note(call, "left", now)
        elif transfer.step is TransferStep.RINGING and self._floor.faults.leave_early is LeaveEarly.REFUSED:
            raise RequestRefused(400, "The second party has not answered")
        elif transfer.step is TransferStep.RINGING and self._floor.faults.leave_early is LeaveEarly.BLIND:
            transfer.step = TransferStep.LEFT_BLIND
            self._note(call, "left_blind", now)
        else:
            call.customer = Customer.GONE
            self._note(call, "customer_dropped", now)
        self._calls.left(agent, now)

    def reconnect(self, agent: Agent, now: float) -> None:
        """conference/reconnect: drop the second party, back to the customer. Raises RequestRefused."""
        call, transfer = self._active(agent)
        transfer.step = TransferStep.GIVEN_UP
        self._note(call, "given_up", now)
        self._back(agent, call, now)

    # What becomes due.

    def party_due(self, call: Call, number: int, now: float) -> None:
        """The second party answers or fails, if that transfer still goes on."""
        transfer = call.transfer
        if transfer is None or transfer.number != number:
            return
        answers = transfer.contact.outcome is TransferOutcome.ANSWERS
        if transfer.step is TransferStep.RINGING:
            self._party_decided(call, transfer, answers, now)
        elif transfer.step is TransferStep.LEFT_BLIND and call.customer is not Customer.GONE:
            transfer.step = TransferStep.LEFT if answers else TransferStep.FAILED
            call.customer = Customer.HANDED_OVER if answers else Customer.GONE
            self._note(call, "answered" if answers else "customer_dropped", now)

    def conference_due(self, call: Call, number: int, now: float) -> None:
        """The customer joins by itself, if that transfer still waits for it."""
        transfer = call.transfer
        if transfer is not None and transfer.number == number and transfer.step is TransferStep.ANSWERED:
            self._conferenced(self._floor.holder(call), call, transfer, now)

    # Private.

    def _start(self, agent: Agent, contact: PhonebookContact, now: float) -> None:
        call = agent.call
        if call is None or agent.state not in (AgentState.INCALL, AgentState.HOLD):
            raise RequestRefused(400, "The agent has no call to transfer")
        number = call.transfer.number + 1 if call.transfer else 1
        call.transfer = Transfer(number, contact)
        call.customer = Customer.ON_HOLD if contact.place_call_on_hold else Customer.TALKING
        self._floor.move(agent, AgentState.TRANSFERRING, now)
        self._note(call, "started", now, contact=contact.name)
        if contact.outcome is not TransferOutcome.NEVER:
            self._floor.schedule(now + contact.answer_delay_s, PartyDue(call.id, number))

    def _party_decided(self, call: Call, transfer: Transfer, answers: bool, now: float) -> None:
        agent = self._floor.holder(call)
        if not answers:
            transfer.step = TransferStep.FAILED
            self._note(call, "failed", now, outcome=str(transfer.contact.outcome))
            self._back(agent, call, now)
            return
        transfer.step = TransferStep.ANSWERED
        self._floor.touch(agent, now)
        self._note(call, "answered", now)
        if not self._alone(transfer):
            delay = self._floor.faults.conference_delay_s
            if delay > 0:
                self._floor.schedule(now + delay, ConferenceDue(call.id, transfer.number))
            else:
                self._conferenced(agent, call, transfer, now)

    def _conferenced(self, agent: Agent, call: Call, transfer: Transfer, now: float) -> None:
        transfer.step = TransferStep.CONFERENCED
        call.customer = Customer.TALKING
        self._floor.touch(agent, now)
        self._note(call, "conferenced", now)

    def _back(self, agent: Agent, call: Call, now: float) -> None:
        call.customer = Customer.TALKING
        self._floor.move(agent, AgentState.INCALL, now)

    def _alone(self, transfer: Transfer) -> bool:
        """Whether a customer would stay alone if the agent left now."""
        needs = transfer.contact.needs_customer or self._floor.faults.leave_needs_customer
        return transfer.step is TransferStep.RINGING or needs

    def _active(self, agent: Agent) -> tuple[Call, Transfer]:
        call = agent.call
        if call is None or call.transfer is None or not call.transfer.active:
            raise RequestRefused(400, "There is no conference")
        return call, call.transfer

    def _note(self, call: Call, name: str, now: float, **facts: Any) -> None:
        self._floor.ledger.note(now, Kind.TRANSFER, name, agent=call.agent, call=call.id, **facts)


def _contact_view(contact: PhonebookContact) -> dict[str, Any]:
    return {
        "phoneBookContactId": contact.id,
        "phoneBookId": contact.book,
        "contactName": contact.shown_name,
        "phoneNumber": contact.number,
        "extension": contact.extension,
        "internalQueue": contact.internal_queue,
    }


def _shaped(books: list[dict[str, Any]], shape: PhonebookShape) -> Any:
    match shape:
        case PhonebookShape.BOOKS:
            return {"phoneBook": books}
        case PhonebookShape.LIST:
            return books
        case PhonebookShape.SINGLE:
            contacts = [contact for book in books for contact in book["phoneContact"]]
            return {**books[0], "phoneContact": contacts} if books else {}
        case PhonebookShape.ROWS:
            rows = [{**book, "phoneContact": contact} for book in books for contact in book["phoneContact"]]
            return {"phoneBook": rows}
