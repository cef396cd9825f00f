"""[sans-IO] The INVITE server transactions of the edge (RFC 3261 section 17.2.1)."""

import enum
import heapq
import math
from dataclasses import dataclass, field
from itertools import count

from sip.errors import InvalidTransition
from sip.responses import Reply

#: RFC 3261 section 17.1.1.1 and table 4, in seconds.
T1 = 0.5
T2 = 4.0
T4 = 5.0
TRANSACTION_TIME = 64 * T1

#: How long a worker may say nothing to an INVITE; it rings at once unless it has died or cannot read it.
SILENT_TIME = 4.0

#: How long an INVITE may ring: timer C and some (RFC 3261 section 16.6 step 11).
RINGING_TIME = 300.0


class State(enum.Enum):
    """Where an INVITE stands."""

    PENDING = "pending"
    #: 100 is sent, admission is asked.
    FORWARDED = "forwarded"
    #: Sent to a worker, again and again until it says something: our 100 has silenced the caller's own repeating.
    RINGING = "ringing"
    #: The worker's 180 or the like has passed.
    ACCEPTED = "accepted"
    #: The worker's 2xx has passed; the worker repeats it by itself (RFC 6026).
    REJECTED = "rejected"
    #: The worker's other final response has passed; its ACK goes to the worker.
    REFUSED = "refused"
    #: The edge's own final response is sent, until its ACK.
    CONFIRMED = "confirmed"
    #: That ACK came; more of them are absorbed.


_FOLLOWING = {
    State.PENDING: {State.FORWARDED, State.REFUSED},
    State.FORWARDED: {State.RINGING, State.ACCEPTED, State.REJECTED, State.REFUSED},
    State.RINGING: {State.ACCEPTED, State.REJECTED, State.REFUSED},
    State.ACCEPTED: set[State](),
    State.REJECTED: set[State](),
    State.REFUSED: {State.CONFIRMED},
    State.CONFIRMED: set[State](),
}

_LIFETIME = {
    State.PENDING: TRANSACTION_TIME,
    State.FORWARDED: SILENT_TIME,
    State.RINGING: RINGING_TIME,
    State.ACCEPTED: TRANSACTION_TIME,
    State.REJECTED: TRANSACTION_TIME,
    State.REFUSED: TRANSACTION_TIME,
    State.CONFIRMED: T4,
}

#: A worker has the INVITE and no final response has passed.
AT_WORKER = (State.FORWARDED, State.RINGING)

#: What is sent again until the other side reacts.
_REPEATED = (State.FORWARDED, State.REFUSED)


@dataclass(eq=False, slots=True)
class InviteTransaction:
    """One INVITE from the network that admission was asked about."""

    key: bytes
    """The branch of our Via towards the worker; see Forwarder.key."""
    merge: tuple[bytes, bytes, int]
    """Call-ID, From tag and CSeq number: equal in copies that came by two ways (RFC 3261 section 8.2.2.2)."""
    reply: Reply
    """How to answer it."""
    state: State
    deadline: float
    call: str = ""
    worker: int = 0
    datagram: bytes = b""
    """What is sent again: the INVITE as forwarded, or our final response."""
    tag: bytes = b""
    """The To tag of the worker's final response, once it has passed."""
    resend_at: float = math.inf
    interval: float = T1
    wakes_at: float = math.inf
    """When its timer is set; one that is due later is set again at that time."""


@dataclass(frozen=True, slots=True)
class Resend:
    """Send our final response to the caller, or the INVITE to its worker, again (timers G and A)."""

    transaction: InviteTransaction


@dataclass(frozen=True, slots=True)
class AdmissionTimedOut:
    """No answer about an INVITE came in time; it is to be refused."""

    transaction: InviteTransaction


@dataclass(frozen=True, slots=True)
class WorkerSilent:
    """The worker has said nothing to an INVITE; it is to be refused."""

    transaction: InviteTransaction


Due = Resend | AdmissionTimedOut | WorkerSilent


@dataclass
class Transactions:
    """All INVITE transactions of the edge; `deadline` says when `expire` wants to be called."""

    _invites: dict[bytes, InviteTransaction] = field(default_factory=dict)
    _merges: dict[tuple[bytes, bytes, int], bytes] = field(default_factory=dict)
    _timers: list[tuple[float, int, InviteTransaction]] = field(default_factory=list)
    _numbers: "count[int]" = field(default_factory=count)

    def __len__(self) -> int:
        return len(self._invites)

    def find(self, key: bytes) -> InviteTransaction | None:
        """The transaction of an INVITE, of its CANCEL or of the ACK to its refusal."""
        return self._invites.get(key)

    def merged(self, merge: tuple[bytes, bytes, int]) -> bool:
        """A copy of this INVITE came by another way and is still known."""
        return merge in self._merges

    def open(self, key: bytes, merge: tuple[bytes, bytes, int], reply: Reply, now: float) -> InviteTransaction:
        """Admission is asked about a new INVITE."""
        transaction = InviteTransaction(key, merge, reply, State.PENDING, now + _LIFETIME[State.PENDING])
        self._invites[key] = transaction
        self._merges[merge] = key
        self._set_timer(transaction)
        return transaction

    def forward(self, transaction: InviteTransaction, call: str, worker: int, datagram: bytes, now: float) -> None:
        """The INVITE went to a worker in this form."""
        self._enter(transaction, State.FORWARDED, now)
        transaction.call, transaction.worker, transaction.datagram = call, worker, datagram

    def provisional_came(self, transaction: InviteTransaction, status: int, now: float) -> None:
        """The worker has said that it has the INVITE (100) or that it rings."""
        if transaction.state is State.FORWARDED:
            transaction.resend_at = math.inf
            if status > 100:
                self._enter(transaction, State.RINGING, now)

    def final_came(self, transaction: InviteTransaction, status: int, tag: bytes, now: float) -> None:
        """The worker's final response and its To tag; a second one changes nothing."""
        if transaction.state in AT_WORKER:
            self._enter(transaction, State.ACCEPTED if status < 300 else State.REJECTED, now)
            transaction.datagram, transaction.tag = b"", tag

    def refuse(self, transaction: InviteTransaction, response: bytes, now: float) -> None:
        """The edge itself sent this final response; it is repeated until the ACK (timers G and H)."""
        self._enter(transaction, State.REFUSED, now)
        transaction.datagram = response

    def acknowledge(self, transaction: InviteTransaction, now: float) -> None:
        """The ACK to our final response came."""
        if transaction.state is State.REFUSED:
            self._enter(transaction, State.CONFIRMED, now)
            transaction.datagram = b""

    def forwarded_to(self, calls: set[str]) -> list[InviteTransaction]:
        """The INVITEs of these calls that no final response has answered."""
        return [
            transaction
            for transaction in self._invites.values()
            if transaction.state in AT_WORKER and transaction.call in calls
        ]

    # time

    @property
    def deadline(self) -> float | None:
        """When to call expire; None when nothing waits."""
        return self._timers[0][0] if self._timers else None

    def expire(self, now: float) -> list[Due]:
        """Forget what is over, and say what is to be sent."""
        due: list[Due] = []
        while self._timers and self._timers[0][0] <= now:
            at, _, transaction = heapq.heappop(self._timers)
            if transaction.wakes_at == at:
                transaction.wakes_at = math.inf
                due += self._expire_one(transaction, now)
        return due

    def _expire_one(self, transaction: InviteTransaction, now: float) -> list[Due]:
        due: list[Due] = []
        if transaction.deadline <= now:
            if transaction.state is State.PENDING:
                due.append(AdmissionTimedOut(transaction))
            elif transaction.state is State.FORWARDED:
                due.append(WorkerSilent(transaction))
            else:
                self._drop(transaction)
                return []
            transaction.deadline = transaction.resend_at = math.inf
        elif transaction.resend_at <= now:
            due.append(Resend(transaction))
            transaction.interval = min(2 * transaction.interval, T2)
            transaction.resend_at = now + transaction.interval
        self._set_timer(transaction)
        return due

    def _enter(self, transaction: InviteTransaction, state: State, now: float) -> None:
        """The only place where a state changes."""
        if state not in _FOLLOWING[transaction.state]:
            raise InvalidTransition(transaction.state.value, state.value)
        transaction.state = state
        transaction.deadline = now + _LIFETIME[state]
        transaction.resend_at = now + T1 if state in _REPEATED else math.inf
        transaction.interval = T1
        self._set_timer(transaction)

    def _set_timer(self, transaction: InviteTransaction) -> None:
        at = min(transaction.deadline, transaction.resend_at)
        if at < transaction.wakes_at:
            transaction.wakes_at = at
            heapq.heappush(self._timers, (at, next(self._numbers), transaction))

    def _drop(self, transaction: InviteTransaction) -> None:
        del self._invites[transaction.key]
        if self._merges.get(transaction.merge) == transaction.key:
            del self._merges[transaction.merge]
