"""[sans-IO] Handing the customer to a human: one phonebook contact after the other, until one has the customer."""

from collections import deque

from bridge.errors import InvalidTransition
from bridge.livevox.agent_status import Line, LineState
from bridge.livevox.phonebook import Phonebook
from bridge.wrapup.agenda import Agenda
from bridge.wrapup.attempt import MAX_JOINS, MAX_ORDERS, Attempt, Sign, is_passed_on, is_with_us, signs_of
from bridge.wrapup.plan import CustomerLeg, Plan
from bridge.wrapup.sighting import ARRIVING, CallRecord, Legs, Sighting, Whose
from bridge.wrapup.states import TransferState
from bridge.wrapup.steps import (
    Answer,
    Failure,
    JoinCustomer,
    LeaveConference,
    ListPhonebook,
    Reconnect,
    StartTransfer,
    Step,
    TransferUnderWay,
)


class Transfer:
    """Puts its steps on the agenda until `state` is over; each order comes between looks at the status."""

    def __init__(self, plan: Plan, record: CallRecord, legs: Legs, agenda: Agenda, now: float) -> None:
        self.state = TransferState.PREPARING
        self.limit = now
        self.reasons: list[str] = []
        """Why contacts failed, a sentence each."""
        self._limits = plan.limits
        self._record = record
        self._legs = legs
        self._agenda = agenda
        self._contacts = deque(plan.transfer)
        self._attempt = Attempt("")
        self._line = Line()
        self._book: Phonebook | None = None
        self._fresh_book = False
        self._next_contact(now)

    @property
    def contact(self) -> str:
        """The contact that is tried, or has the customer."""
        return self._attempt.contact

    # what happens

    def saw(self, sighting: Sighting, now: float) -> None:
        """The agent's status was read."""
        self._line = sighting.line
        match sighting.whose:
            case Whose.UNKNOWN:
                self._agenda.poll(now)
            case Whose.OURS if sighting.state == LineState.WRAPUP:
                self._over(TransferState.HANDED_OVER if self._is_taken() else TransferState.CUSTOMER_GONE)
            case Whose.OURS:
                self._still_on_the_line(now)
            case _:
                self._call_gone(now)
        self._mind_the_customer()

    def done(self, step: Step, answer: Answer, now: float) -> None:
        """A step of ours was performed."""
        match step, answer:
            case ListPhonebook(fresh=fresh), Phonebook() as book:
                self._book, self._fresh_book = book, fresh
                self._order(now)
            case StartTransfer(), None:
                self._ordered(now, certain=True)
            case TransferUnderWay(), None:
                self._agenda.look(now)
            case JoinCustomer(), None:
                self._attempt.joined_at = now
                self._agenda.look(now)
            case LeaveConference(), None:
                self._over(TransferState.HANDED_OVER)
            case Reconnect(), None:
                self._attempt.reconnected = True
                self._attempt.reconnect_not_before = now + self._limits.settle_s
                self._agenda.look(now)
            case _:
                raise InvalidTransition(self.state.name, type(step).__name__)
        self._mind_the_customer()

    def failed(self, step: Step, failure: Failure, now: float) -> None:
        """A request of ours failed."""
        at = self._agenda.failed(step, failure, now, self._limits.retry_waiting_s)
        match step:
            case StartTransfer() if failure.maybe_done:
                self._ordered(now, certain=False)
                self._agenda.look(max(at, now + self._limits.settle_s))
            case StartTransfer() if failure.is_refusal and not self._fresh_book:
                self._book, self._fresh_book = None, True  # its ids may be of yesterday
                self._agenda.look(at)
            case StartTransfer() if failure.is_refusal:
                self._contact_failed(failure.reason, now, reconnect=False)
            case JoinCustomer() if failure.is_refusal:
                self._attempt.joins = MAX_JOINS
                self._agenda.look(now)
            case Reconnect() if failure.is_refusal:
                self._attempt.reconnect_not_before = at
                self._agenda.look(now)
            case _:
                self._agenda.look(at)
        self._mind_the_customer()

    def customer_gone(self, now: float) -> None:
        """Our leg of the customer ended: LiveVox's status tells why, unless nothing was ordered yet."""
        if not self._agenda.in_flight and not isinstance(self._agenda.next_step, TransferUnderWay):
            self._agenda.look(now)
            self._mind_the_customer()

    def expire(self, now: float) -> None:
        """The limit has come."""
        limits = self._limits
        match self.state:
            case TransferState.PREPARING:
                why = self._agenda.last_failure or "the call is not on the agent's line"
                self._note(f"LiveVox has not taken the order in {limits.prepare_s:g} s: {why}")
                self._over(TransferState.FAILED)
            case TransferState.WATCHING:
                self._contact_failed(f"has not taken the call in {limits.transfer_s:g} s", now)
            case TransferState.LEAVING if self._attempt.conferenced:
                self._over(TransferState.HANDED_OVER)
            case TransferState.LEAVING:
                self._contact_failed("answered, but the customer could not be joined", now)
            case TransferState.RECONNECTING:
                self._note(f"the customer could not be brought back in {limits.reconnect_s:g} s")
                self._over(TransferState.FAILED)
        self._mind_the_customer()

    # preparing

    def _next_contact(self, now: float) -> None:
        if not self._contacts:
            self._over(TransferState.FAILED)
            return
        self._attempt = Attempt(self._contacts.popleft())
        self._prepare(now)

    def _prepare(self, now: float) -> None:
        self._enter(TransferState.PREPARING, now + self._limits.prepare_s)
        self._agenda.look(now)

    def _prepared(self, now: float) -> None:
        """Our call is on the line: order, unless a transfer is under way already."""
        if self._line.state in ARRIVING or self._record.ids.service_id is None:
            self._agenda.poll(now)
        elif self._line.state == LineState.TRANSFERRING or signs_of(self._line) & Sign.CONFERENCED:
            self._ordered(now, certain=True)
        else:
            self._order(now)

    def _order(self, now: float) -> None:
        service_id = self._record.ids.service_id
        assert service_id is not None
        found = self._book.contact(self.contact) if self._book else None
        if found:
            self._attempt.order_follows(self._line)
            self._agenda.put(StartTransfer(found.book_id, found.contact_id, self.contact), now)
        elif self._book and self._fresh_book:
            self._contact_failed(f"is not in the phonebook of service {service_id}", now, reconnect=False)
        else:
            self._agenda.put(ListPhonebook(service_id, fresh=self._fresh_book or self._book is not None), now)

    def _ordered(self, now: float, *, certain: bool) -> None:
        attempt = self._attempt
        attempt.orders += 1
        attempt.ordered_at, attempt.certain = now, certain
        self._enter(TransferState.WATCHING, now + self._limits.transfer_s)
        if certain:
            self._announce(now)

    def _announce(self, now: float) -> None:
        if self._attempt.announced:
            self._agenda.poll(now)
            return
        self._attempt.announced = True
        self._agenda.put(TransferUnderWay(self.contact), now)

    # watching

    def _still_on_the_line(self, now: float) -> None:
        act = {
            TransferState.PREPARING: self._prepared,
            TransferState.WATCHING: self._watch,
            TransferState.LEAVING: self._leave_again,
            TransferState.RECONNECTING: self._reconnect_again,
        }
        act[self.state](now)

    def _watch(self, now: float) -> None:
        signs = self._attempt.read(self._line)
        if Sign.CONFERENCED in signs:
            self._leave(now)
        elif self._legs.gone_for(now) >= self._limits.end_s:
            self._over(TransferState.CUSTOMER_GONE)
        elif Sign.ANSWERED in signs:
            self._join(now)
        elif Sign.QUEUE_FAILED in signs:
            self._contact_failed("its queue has not taken the call", now)
        elif Sign.UNDER_WAY in signs or self._line.state == LineState.TRANSFERRING:
            self._announce(now)
        else:
            self._nothing_under_way(now)

    def _nothing_under_way(self, now: float) -> None:
        """The line shows a plain call: it is over, or it is not shown yet, or LiveVox never got the order."""
        attempt, limits = self._attempt, self._limits
        waited = now - attempt.ordered_at
        if attempt.under_way or (attempt.has_moved(self._line) and waited >= limits.settle_s):
            self._contact_failed("has not taken the call", now)
        elif self._legs.customer is CustomerLeg.GONE or waited < attempt.shows_within(self._line, limits):
            self._agenda.poll(now)
        elif attempt.certain or attempt.orders >= MAX_ORDERS:
            self._contact_failed("LiveVox has not called it", now)
        else:
            self._prepare(now)

    def _join(self, now: float) -> None:
        """The contact has answered and the customer is not with it: conference/customer, then leave."""
        attempt, limits = self._attempt, self._limits
        if not attempt.answered:
            attempt.answered = True
            self._enter(TransferState.WATCHING, now + MAX_JOINS * limits.join_s)
        if attempt.joined_at is not None and now - attempt.joined_at < limits.join_s:
            self._agenda.poll(now)
        elif attempt.joined_at is None and attempt.joins < MAX_JOINS:
            attempt.joins += 1
            self._agenda.put(JoinCustomer(), now)
        else:
            self._leave(now)

    def _leave(self, now: float) -> None:
        self._enter(TransferState.LEAVING, now + self._limits.end_s)
        self._agenda.put(LeaveConference(), now)

    def _leave_again(self, now: float) -> None:
        """Leaving has failed, or nobody knows, and we are still on the line."""
        if self._attempt.read(self._line) or self._line.state == LineState.TRANSFERRING:
            self._agenda.put(LeaveConference(), now)
        else:
            self._contact_failed("has gone before the customer was handed over", now)

    # when it fails

    def _contact_failed(self, reason: str, now: float, *, reconnect: bool = True) -> None:
        self._note(reason)
        if reconnect:
            self._enter(TransferState.RECONNECTING, now + self._limits.reconnect_s)
            self._agenda.put(Reconnect(), now)
        else:
            self._next_contact(now)

    def _reconnect_again(self, now: float) -> None:
        attempt = self._attempt
        if Sign.CONFERENCED in attempt.read(self._line) and not attempt.reconnected:
            self._leave(now)  # it has taken the customer while we asked for it back
        elif is_with_us(self._line):
            self._next_contact(now)
        elif now < attempt.reconnect_not_before:
            self._agenda.poll(now)
        else:
            self._agenda.put(Reconnect(), now)

    def _call_gone(self, now: float) -> None:
        """The line shows no call, or another one."""
        if self._is_taken():
            self._over(TransferState.HANDED_OVER)
        elif self.state is TransferState.PREPARING and self._record.may_appear(now):
            self._agenda.poll(now)
        else:
            self._note("LiveVox shows no call of ours")
            self._over(TransferState.CALL_OVER if self._record.seen else TransferState.FAILED)

    def _is_taken(self) -> bool:
        """Our call has left the line because somebody has the customer, not because the customer is gone."""
        if self.state not in (TransferState.WATCHING, TransferState.LEAVING):
            return False
        return self.state is TransferState.LEAVING or self._attempt.conferenced or is_passed_on(self._line)

    def _mind_the_customer(self) -> None:
        """Nothing is ordered for a customer who is gone, and nobody is brought back to nobody."""
        idle = self.state is TransferState.PREPARING and self._agenda.in_flight is None
        if self._legs.customer is CustomerLeg.GONE and (idle or self.state is TransferState.FAILED):
            self._over(TransferState.CUSTOMER_GONE)

    def _note(self, reason: str) -> None:
        self.reasons.append(f"{self.contact}: {reason}")

    def _over(self, state: TransferState) -> None:
        self._enter(state, self.limit)

    def _enter(self, state: TransferState, limit: float) -> None:
        self.state, self.limit = state, limit
