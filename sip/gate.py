"""[sans-IO] The whole edge without its sockets: a datagram in, what to do about it out."""

from sip.actions import Action, NoteRefusal, SendToNetwork, SendToWorker
from sip.address import scheme
from sip.admission import Admitted, Refused
from sip.counters import Count
from sip.dialog_requests import DialogRequests, options_headers
from sip.errors import InvalidMessage
from sip.first_look import begins_something, is_of, is_response
from sip.forwarding import hops
from sip.invitations import Invitations
from sip.message import Message
from sip.request import Request
from sip.responses import ALLOW, unsupported
from sip.sources import Standing, Verdict
from sip.switchboard import WORKER_LIMIT, Switchboard
from sip.transactions import AdmissionTimedOut, Resend, WorkerSilent
from sip.worker_traffic import WorkerTraffic

#: Methods that mean nothing outside a dialog.
_NEED_DIALOG = (b"BYE", b"UPDATE", b"PRACK", b"INFO", b"REFER", b"NOTIFY")

#: Methods no worker sees; what the others require, pjsua answers for.
_ANSWERED_HERE = (b"OPTIONS", b"INFO", b"REFER")


class Gate:
    """Decides about every datagram, from the network and from the workers.

    Each method returns what its driver must do, in order. Times are seconds of one monotonic clock.
    """

    def __init__(self, board: Switchboard) -> None:
        self._board = board
        self._invitations = Invitations(board)
        self._dialogs = DialogRequests(board)
        self._workers = WorkerTraffic(board, self._invitations)
        self._public_host = board.settings.public_address.encode()

    # datagrams

    def from_network(self, datagram: bytes, source: tuple[str, int], now: float) -> list[Action]:
        """A datagram of the outside socket. A stranger's is not even read once enough of them have been told so."""
        board = self._board
        standing = board.sources.standing(source[0], now)
        why = self._not_worth_reading(datagram, source[0], standing, now)
        if why is not None:
            board.count(why)
            return []
        if standing is Standing.STRANGER and not board.settings.refuse_strangers:
            board.count(Count.STRANGERS)
            return [NoteRefusal(Count.STRANGERS, 0, source, "", "")]
        try:
            message = Message.parse(datagram)
            if board.tap is not None and standing is not Standing.STRANGER:
                board.tap((message.value(b"call-id") or b"").decode("latin-1"), False, source, datagram)
            if message.status:
                return self._response(message, standing)
            request = Request.read(message, source, board.forwarder, now)
        except InvalidMessage:
            board.count(Count.UNREADABLE)
            return []
        if standing is Standing.STRANGER:
            return [] if message.method == b"ACK" else self._forbid(request)
        return self._request(request, standing, now)

    def from_worker(self, datagram: bytes, port: int, now: float) -> list[Action]:
        """A datagram of the inside socket, from this loopback port; raises InvalidMessage for what is not SIP."""
        return self._workers.handle(datagram, port, now)

    # what else happens

    def admission_answered(self, request: Request, answer: Admitted | Refused, now: float) -> list[Action]:
        """The answer to an AskAdmission."""
        return self._invitations.answered(request, answer, now)

    def admission_failed(self, request: Request, now: float) -> list[Action]:
        """An AskAdmission that ended in an error."""
        return self._invitations.failed(request, now)

    def worker_lost(self, calls: list[str], now: float) -> list[Action]:
        """The worker that had these calls is gone from Dispatch."""
        return self._invitations.workers_lost(set(calls), now)

    def resolved(self, host: str, port: int, now: float) -> bool:
        """A worker's request is about to go to this address its target's name has; False when it must not."""
        return self._workers.may_go(host, port, now)

    @property
    def deadline(self) -> float | None:
        """When to call expire; None when nothing waits."""
        invites, answers = self._board.transactions.deadline, self._board.answered.deadline
        if invites is None or answers is None:
            return answers if invites is None else invites
        return min(invites, answers)

    def expire(self, now: float) -> list[Action]:
        """Time has passed."""
        self._board.answered.expire(now)
        actions: list[Action] = []
        for due in self._board.transactions.expire(now):
            match due:
                case Resend():
                    actions += self._invitations.repeat(due.transaction)
                case AdmissionTimedOut():
                    actions += self._invitations.timed_out(due.transaction, now)
                case WorkerSilent():
                    actions += self._invitations.worker_silent(due.transaction, now)
        return actions

    # from the network

    def _not_worth_reading(self, datagram: bytes, host: str, standing: Standing, now: float) -> Count | None:
        """What it is counted as; None: it must be read."""
        board = self._board
        if standing is Standing.STRANGER and not board.sources.answer_stranger(now):
            return Count.STRANGERS
        if not datagram.strip(b"\r\n\0 "):
            return Count.KEEPALIVES
        if is_response(datagram) and not is_of(datagram, self._public_host):
            return Count.STRANGERS if standing is Standing.STRANGER else Count.UNMATCHED_RESPONSES
        if board.sources.is_ignored(host, now) and begins_something(datagram):
            return Count.RATE_LIMITED
        return None

    def _response(self, message: Message, standing: Standing) -> list[Action]:
        board = self._board
        if standing is Standing.STRANGER:
            board.count(Count.STRANGERS)
            return []
        try:
            forwarded = board.forwarder.response_to_worker(message)
        except InvalidMessage:
            forwarded = None
        if forwarded is None or board.dispatch.worker_at(forwarded[1]) is None:
            board.count(Count.UNMATCHED_RESPONSES)
            return []
        if len(forwarded[0]) > WORKER_LIMIT:
            board.count(Count.TOO_LARGE)
            return []
        board.count(Count.TO_WORKER)
        return [SendToWorker(*forwarded)]

    def _request(self, request: Request, standing: Standing, now: float) -> list[Action]:
        """What must be looked at before anything else, in the order of RFC 3261 sections 8.2 and 16.3."""
        board, message, method = self._board, request.message, request.message.method
        if method == b"ACK":
            return self._ack(request, now)
        left = hops(message)
        if message.fault or left < 0:
            return board.refuse_charged(request, 400, Count.MALFORMED, board.warning(message.fault or "Max-Forwards"))
        if message.version.upper() != b"SIP/2.0":
            return board.refuse_charged(request, 505, Count.BAD_VERSION)
        if (again := self._again(request)) is not None:
            return again
        if method == b"CANCEL":
            return self._cancel(request, now)
        if scheme(message.uri) not in (b"sip", b"sips", b"tel"):
            status, why = (416, Count.BAD_SCHEME) if scheme(message.uri) else (400, Count.MALFORMED)
            return board.refuse_charged(request, status, why)
        if left == 0 and method != b"OPTIONS":
            return board.refuse_charged(request, 483, Count.TOO_MANY_HOPS)
        if method in _ANSWERED_HERE and (unknown := unsupported(message)):
            return board.refuse_charged(request, 420, Count.BAD_EXTENSION, (("Unsupported", unknown),))
        if request.in_dialog:
            return self._dialogs.handle(request, now)
        return self._new(request, standing, now)

    def _again(self, request: Request) -> list[Action] | None:
        """Something seen before: the same INVITE, or a request answered here whose effect must not come twice."""
        board = self._board
        if request.message.method == b"INVITE":
            transaction = board.transactions.find(request.key)
            return None if transaction is None else self._invitations.again(transaction)
        answer = board.answered.find(request.key + request.message.method)
        if answer is None:
            return None
        board.count(Count.RETRANSMISSIONS)
        reply = request.reply()
        return [SendToNetwork(answer, reply.host, reply.port)]

    def _ack(self, request: Request, now: float) -> list[Action]:
        """Never answered, whatever is wrong with it."""
        if request.message.fault:
            self._board.count(Count.MALFORMED)
            return []
        transaction = self._board.transactions.find(request.key)
        if transaction is not None:
            return self._invitations.acknowledge(request, transaction, now)
        return self._dialogs.handle(request, now) if request.in_dialog else []

    def _cancel(self, request: Request, now: float) -> list[Action]:
        transaction = self._board.transactions.find(request.key)
        if transaction is not None:
            return self._invitations.cancel(request, transaction, now)
        if request.in_dialog:
            return self._dialogs.handle(request, now)
        return self._board.refuse_charged(request, 481, Count.NO_DIALOG)

    def _new(self, request: Request, standing: Standing, now: float) -> list[Action]:
        """A request outside any dialog."""
        board, method = self._board, request.message.method
        verdict = board.sources.charge(request.source[0], now)
        if verdict is not Verdict.SERVE:
            if verdict is Verdict.REFUSE and method == b"INVITE":
                return board.refuse(request, 503, Count.RATE_LIMITED, board.busy_headers())
            board.count(Count.RATE_LIMITED)
            return [board.note(request, 0, Count.RATE_LIMITED)]
        if method == b"INVITE":
            if standing is not Standing.ALLOWED:
                return self._forbid(request)
            return self._invitations.invite(request, now)
        if method == b"OPTIONS":
            return self._options(request)
        if method in _NEED_DIALOG:
            return board.refuse(request, 481, Count.NO_DIALOG)
        return board.refuse(request, 405, Count.BAD_METHOD, (("Allow", ALLOW),))

    def _options(self, request: Request) -> list[Action]:
        """How LiveVox sees whether we are there (RFC 3261 section 11.2)."""
        board = self._board
        if not board.accepts_calls():
            return board.refuse(request, 503, Count.DRAINING, board.busy_headers())
        board.count(Count.OPTIONS)
        return [board.answer(request.reply(), 200, options_headers())]

    def _forbid(self, request: Request) -> list[Action]:
        """A source that may not call us."""
        return self._board.refuse(request, 403, Count.STRANGERS)
