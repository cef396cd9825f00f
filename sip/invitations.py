"""[sans-IO] New INVITEs from the network: asked about, forwarded or refused, cancelled, acknowledged, repeated."""

from sip.actions import Action, AskAdmission, ReportEvent, SendToNetwork, SendToWorker, WithdrawAdmission
from sip.address import Address
from sip.admission import Admitted, Invite, Refused
from sip.channel import MEDIA_OFFER
from sip.counters import Count
from sip.dispatch import Dialog
from sip.message import Message
from sip.messages import CALL_HEADER, MEDIA_HEADER, Header, Leg, LegEnded
from sip.request import Request
from sip.responses import Headers, phrase
from sip.switchboard import Switchboard
from sip.transactions import AT_WORKER, InviteTransaction, State

#: INVITEs remembered at once: more than 1,000 calls a second for the 32 seconds each is kept.
TRANSACTIONS_AT_ONCE = 40_000


class Invitations:
    """Decides about INVITEs without a To tag, and about the CANCELs and ACKs that belong to them."""

    def __init__(self, board: Switchboard) -> None:
        self._board = board
        self._transactions = board.transactions

    # requests

    def invite(self, request: Request, now: float) -> list[Action]:
        """A new INVITE; its source has been charged for it."""
        board = self._board
        if refusal := self._refusal(request):
            return refusal
        envelope = request.envelope
        merge = envelope.call_id, envelope.caller.tag, envelope.number
        if self._transactions.merged(merge):
            return board.refuse(request, 482, Count.LOOPS)
        bound = board.dispatch.dialog(request.sip_call_id)
        if bound is not None and bound.leg is Leg.ENGINE:
            return board.refuse(request, 482, Count.LOOPS, board.warning("our own INVITE came back"))
        reply = request.reply()
        self._transactions.open(request.key, merge, reply, now)
        board.count(Count.INVITES)
        return [board.answer(reply, 100), AskAdmission(request, read_invite(request))]

    def _refusal(self, request: Request) -> list[Action] | None:
        """What must be refused before anyone is asked."""
        board, message = self._board, request.message
        if status := board.too_large(request):
            return board.refuse(request, status, Count.TOO_LARGE)
        kind = (message.value(b"content-type") or b"").partition(b";")[0].strip().lower()
        if message.body and kind != b"application/sdp":
            return board.refuse(request, 415, Count.BAD_BODY, (("Accept", b"application/sdp"),))
        if message.value(b"content-encoding") not in (None, b"", b"identity"):
            return board.refuse(request, 415, Count.BAD_BODY, (("Accept-Encoding", b"identity"),))
        if not board.accepts_calls():
            return board.refuse(request, 503, Count.DRAINING, board.busy_headers())
        if len(self._transactions) >= TRANSACTIONS_AT_ONCE:
            return board.refuse(request, 503, Count.OVERLOADED, board.busy_headers())
        return None

    def again(self, transaction: InviteTransaction) -> list[Action]:
        """The same INVITE once more."""
        self._board.count(Count.RETRANSMISSIONS)
        if transaction.state is State.PENDING:
            return [self._board.answer(transaction.reply, 100)]
        return self.repeat(transaction)

    def repeat(self, transaction: InviteTransaction) -> list[Action]:
        """What was sent last, again: the INVITE to its worker, or our final response to the caller."""
        if transaction.state in AT_WORKER:
            port = self._board.dispatch.port(transaction.worker)
            return [] if port is None else [SendToWorker(transaction.datagram, port)]
        if transaction.state is State.REFUSED:
            return [SendToNetwork(transaction.datagram, transaction.reply.host, transaction.reply.port)]
        return []

    def cancel(self, request: Request, transaction: InviteTransaction, now: float) -> list[Action]:
        """A CANCEL for that INVITE (RFC 3261 section 9.2); its answer has the To tag of the INVITE's."""
        board = self._board
        if transaction.state in AT_WORKER:
            port = board.dispatch.port(transaction.worker)
            if port is not None:
                return board.deliver(request, port)
        agreed = board.answer(request.reply(transaction.tag), 200)
        if transaction.state is State.PENDING:
            board.count(Count.CANCELLED)
            return [agreed, WithdrawAdmission(transaction.key), self._end(transaction, 487, (), now)]
        if transaction.state in AT_WORKER:
            return [agreed, *self._lost(transaction, now)]
        return [agreed]

    def acknowledge(self, request: Request, transaction: InviteTransaction, now: float) -> list[Action]:
        """An ACK with the branch of that INVITE: to our refusal, or to the worker's."""
        if transaction.state in (State.REFUSED, State.CONFIRMED):
            self._transactions.acknowledge(transaction, now)
            return []
        port = self._board.dispatch.port(transaction.worker)
        if port is None or not request.in_dialog:  # an ACK without a To tag aborts pjsip (it answers a merged request)
            return []
        return self._board.deliver(request, port)

    # what admission says

    def answered(self, request: Request, answer: Admitted | Refused, now: float) -> list[Action]:
        """Admission has decided about an INVITE."""
        transaction = self._transactions.find(request.key)
        if transaction is None or transaction.state is not State.PENDING:
            return self._too_late(answer)
        if isinstance(answer, Refused):
            return self._refused(request, transaction, answer, now)
        board = self._board
        port = board.dispatch.port(answer.worker)
        if port is None:
            return [*self._lost(transaction, now), _ended(answer.call, 503, "worker lost")]
        board.dispatch.bind(request.sip_call_id, Dialog(answer.call, Leg.CUSTOMER, answer.worker))
        private = (
            (CALL_HEADER.encode(), answer.call.encode()),
            (MEDIA_HEADER.encode(), MEDIA_OFFER.encode_text(answer.media).encode()),
        )
        datagram = board.forwarder.request_to_worker(request.message, request.key, request.origin, private)
        self._transactions.forward(transaction, answer.call, answer.worker, datagram, now)
        board.count(Count.ADMITTED)
        board.count(Count.TO_WORKER)
        return [SendToWorker(datagram, port)]

    def failed(self, request: Request, now: float) -> list[Action]:
        """Admission broke while it was asked."""
        transaction = self._transactions.find(request.key)
        if transaction is None or transaction.state is not State.PENDING:
            return []
        return [self._end(transaction, 500, (), now)]

    def timed_out(self, transaction: InviteTransaction, now: float) -> list[Action]:
        """Admission has not answered for half a minute."""
        self._board.count(Count.TIMED_OUT)
        return [WithdrawAdmission(transaction.key), self._end(transaction, 503, self._board.busy_headers(), now)]

    def _too_late(self, answer: Admitted | Refused) -> list[Action]:
        if isinstance(answer, Refused):
            return []
        return [ReportEvent(LegEnded(answer.call, Leg.CUSTOMER, True, 487, "cancelled"))]

    def _refused(self, request: Request, transaction: InviteTransaction, answer: Refused, now: float) -> list[Action]:
        board = self._board
        board.count(Count.REFUSED)
        status = answer.status if 300 <= answer.status <= 699 else 500
        headers = board.warning(answer.reason) if answer.reason else ()
        if answer.retry_after is not None:
            headers = (*headers, ("Retry-After", b"%d" % answer.retry_after))
        return [self._end(transaction, status, headers, now), board.note(request, status, Count.REFUSED)]

    # what the workers do

    def responded(self, key: bytes, message: Message, now: float) -> tuple[bool, list[Action]]:
        """A worker's response to an INVITE: whether it may pass, and what to do besides.

        A 100 does not pass, the edge has sent it already; nothing passes once the edge has refused. A refusal without
        a ring before it is pjsip's own, of which the worker's code may know nothing: so it is reported here.
        """
        transaction = self._transactions.find(key)
        if transaction is None:
            return True, []
        if transaction.state in (State.REFUSED, State.CONFIRMED):
            return False, []
        status = message.status
        if status < 200:
            self._transactions.provisional_came(transaction, status, now)
            return status > 100, []
        unrung = transaction.state is State.FORWARDED
        callee = Address.parse(message.value(b"to") or b"")
        self._transactions.final_came(transaction, status, callee.tag if callee else b"", now)
        return True, [_ended(transaction.call, status, phrase(status))] if unrung and status >= 300 else []

    def worker_silent(self, transaction: InviteTransaction, now: float) -> list[Action]:
        """The worker said nothing to an INVITE: pjsip drops without a word what it cannot read."""
        self._board.count(Count.WORKER_SILENT)
        refusal = self._end(transaction, 500, self._board.warning("the worker did not take the INVITE"), now)
        return [refusal, _ended(transaction.call, 500, "worker silent")]

    def workers_lost(self, calls: set[str], now: float) -> list[Action]:
        """The worker of these calls is gone: INVITEs it had not answered get 503, so that LiveVox can route on."""
        actions: list[Action] = []
        for transaction in self._transactions.forwarded_to(calls):
            actions += self._lost(transaction, now)
        return actions

    def _lost(self, transaction: InviteTransaction, now: float) -> list[Action]:
        board = self._board
        board.count(Count.WORKER_LOST)
        return [self._end(transaction, 503, (*board.busy_headers(), *board.warning("worker lost")), now)]

    def _end(self, transaction: InviteTransaction, status: int, headers: Headers, now: float) -> SendToNetwork:
        response = self._board.answer(transaction.reply, status, headers)
        self._transactions.refuse(transaction, response.datagram, now)
        return response


def _ended(call: str, status: int, reason: str) -> ReportEvent:
    return ReportEvent(LegEnded(call, Leg.CUSTOMER, False, status, reason))


def read_invite(request: Request) -> Invite:
    """The INVITE as admission sees it."""
    message, caller = request.message, request.envelope.caller
    headers = tuple(Header(name.decode(), value.decode("utf-8", "replace")) for name, value in message.headers())
    return Invite(
        request_uri=message.uri.decode("utf-8", "replace"),
        caller=caller.user.decode("utf-8", "replace"),
        display_name=caller.display_name.decode("utf-8", "replace"),
        sip_call_id=request.sip_call_id,
        headers=headers,
        sdp=message.body,
        source=request.source,
    )
