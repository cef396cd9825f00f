"""[sans-IO] The INVITE server transactions of the edge, and its memory of requests it has answered itself."""

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

#: How long a forwarded INVITE may go without a final response: timer C and some (RFC 3261 section 16.6 step 11).
RINGING_TIME = 300.0


class State(enum.Enum):
    """Where an INVITE stands."""

    PENDING = "pending"
    #: 100 is sent, admission is asked.
    FORWARDED = "forwarded"
    #: A worker has it.
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
    State.FORWARDED: {State.ACCEPTED, State.REJECTED, State.REFUSED},
    State.ACCEPTED: set[State](),
    State.REJECTED: set[State](),
    State.REFUSED: {State.CONFIRMED},
    State.CONFIRMED: set[State](),
}

_LIFETIME = {
    State.PENDING: TRANSACTION_TIME,
    State.FORWARDED: RINGING_TIME,
    State.ACCEPTED: TRANSACTION_TIME,
    State.REJECTED: TRANSACTION_TIME,
    State.REFUSED: TRANSACTION_TIME,
    State.CONFIRMED: T4,
}


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
    resend_at: float = math.inf
    interval: float = T1
    wakes_at: float = math.inf
    """When its timer is set; one that is due later is set again at that time."""


@dataclass(frozen=True, slots=True)
class Resend:
    """Send our final response again (timer G)."""

    transaction: InviteTransaction


@dataclass(frozen=True, slots=True)
class AdmissionTimedOut:
    """No answer about an INVITE came in time; it is to be refused."""

    transaction: InviteTransaction


@dataclass(eq=False, slots=True)
class _Answered:
    """A request the edge has answered, kept for its retransmissions (timer J)."""

    key: bytes
    datagram: bytes
    deadline: float


@dataclass
class Transactions:
    """All transactions of the edge; `deadline` says when `expire` wants to be called."""

    _invites: dict[bytes, InviteTransaction] = field(default_factory=dict)
    _merges: dict[tuple[bytes, bytes, int], bytes] = field(default_factory=dict)
    _answered: dict[bytes, _Answered] = field(default_factory=dict)
    _timers: list[tuple[float, int, InviteTransaction | _Answered]] = field(default_factory=list)
    _numbers: "count[int]" = field(default_factory=count)

    def __len__(self) -> int:
        return len(self._invites) + len(self._answered)

    # INVITE

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

    def final_passed(self, transaction: InviteTransaction, status: int, now: float) -> None:
        """A final response of the worker went to the network; a second one changes nothing."""
        if transaction.state is State.FORWARDED:
            self._enter(transaction, State.ACCEPTED if status < 300 else State.REJECTED, now)
            transaction.datagram = b""

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
            if transaction.state is State.FORWARDED and transaction.call in calls
        ]

    # other requests

    def answer(self, key: bytes) -> bytes | None:
        """What the edge answered to this request before."""
        found = self._answered.get(key)
        return found.datagram if found else None

    def remember_answer(self, key: bytes, datagram: bytes, now: float) -> None:
        """The edge has answered a request that must not count twice."""
        answered = _Answered(key, datagram, now + TRANSACTION_TIME)
        self._answered[key] = answered
        heapq.heappush(self._timers, (answered.deadline, next(self._numbers), answered))

    # time

    @property
    def deadline(self) -> float | None:
        """When to call expire; None when nothing waits."""
        return self._timers[0][0] if self._timers else None

    def expire(self, now: float) -> list[Resend | AdmissionTimedOut]:
        """Forget what is over, and say what is to be sent."""
        due: list[Resend | AdmissionTimedOut] = []
        while self._timers and self._timers[0][0] <= now:
            at, _, item = heapq.heappop(self._timers)
            if isinstance(item, _Answered):
                if self._answered.get(item.key) is item:
                    del self._answered[item.key]
            elif item.wakes_at == at:
                item.wakes_at = math.inf
                due += self._expire_invite(item, now)
        return due

    def _expire_invite(self, transaction: InviteTransaction, now: float) -> list[Resend | AdmissionTimedOut]:
        due: list[Resend | AdmissionTimedOut] = []
        if transaction.deadline <= now:
            if transaction.state is not State.PENDING:
                self._drop(transaction)
                return []
            due.append(AdmissionTimedOut(transaction))
            transaction.deadline = math.inf
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
        transaction.resend_at = now + T1 if state is State.REFUSED else math.inf
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
