"""[sans-IO] Datagrams from the workers: their requests and responses on the way out."""

import re

from sip.actions import Action, SendToNetwork, SendToWorker
from sip.counters import Count
from sip.dispatch import Dialog
from sip.errors import InvalidMessage
from sip.invitations import Invitations
from sip.message import Message
from sip.messages import CALL_HEADER, Leg
from sip.request import Request
from sip.responses import Reply
from sip.switchboard import Switchboard

_CALL_KEY = CALL_HEADER.lower().encode()
_BYTE = r"(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"
_LITERAL = re.compile(rf"{_BYTE}(?:\.{_BYTE}){{3}}")


class WorkerTraffic:
    """Decides about what arrives on the inside socket."""

    def __init__(self, board: Switchboard, invitations: Invitations) -> None:
        self._board = board
        self._invitations = invitations

    def handle(self, datagram: bytes, port: int, now: float) -> list[Action]:
        """Only a living worker is listened to; raises InvalidMessage for what is not SIP."""
        worker = self._board.dispatch.worker_at(port)
        if worker is None:
            self._board.count(Count.NOT_A_WORKER)
            return []
        message = Message.parse(datagram)
        if message.status:
            return self._response(message, now)
        request = Request.read(message, ("127.0.0.1", port), self._board.forwarder, now)
        if message.fault:
            raise InvalidMessage(message.fault)
        return self._request(request, worker, now)

    def _response(self, message: Message, now: float) -> list[Action]:
        board = self._board
        to_invite = (message.value(b"cseq") or b"").endswith(b"INVITE")
        found = board.forwarder.response_from_worker(message)
        if found is None:
            raise InvalidMessage("a worker's response to no request of ours")
        key, departure = found
        passes, actions = self._invitations.responded(key, message, now) if to_invite else (True, [])
        if not passes:
            return actions
        board.count(Count.FROM_WORKER)
        return [SendToNetwork(departure.datagram, departure.host, departure.port), *actions]

    def _request(self, request: Request, worker: int, now: float) -> list[Action]:
        board, message = self._board, request.message
        reply = request.reply() if message.method != b"ACK" else None
        call = message.value(_CALL_KEY)
        departure = board.forwarder.request_from_worker(message, request.key)
        if departure is None:
            return self._undeliverable(request, reply, "the target cannot be reached by UDP over IPv4")
        literal = is_literal(departure.host)
        if literal and not self.may_go(departure.host, departure.port, now):
            return self._undeliverable(request, reply, "the target is not another host")
        if message.method == b"INVITE" and not request.in_dialog:
            self._bind(request, worker, (call or b"").decode("latin-1"))
        board.count(Count.FROM_WORKER)
        otherwise = None
        if reply is not None and not literal:
            refusal = reply.response(503, board.warning("the target's name has no address"))
            otherwise = SendToWorker(refusal, request.source[1])
        return [SendToNetwork(departure.datagram, departure.host, departure.port, otherwise)]

    def may_go(self, host: str, port: int, now: float) -> bool:
        """Whether a worker's request may go to this IPv4 address, which then may answer it.

        False when a peer's Contact or Route leads back to us, to a worker, or to no single host.
        """
        first = int(host.partition(".")[0])
        inside = port == self._board.inside_port or self._board.dispatch.worker_at(port) is not None
        if first == 0 or first >= 224 or (first == 127 and inside):
            return False
        self._board.sources.sent_to(host, now)
        return True

    def _bind(self, request: Request, worker: int, call: str) -> None:
        """An engine's leg; not of a call that is over already, since nobody would forget it again."""
        if self._board.dispatch.worker_of_call(call) == worker:
            self._board.dispatch.bind(request.sip_call_id, Dialog(call, Leg.ENGINE, worker))

    def _undeliverable(self, request: Request, reply: Reply | None, why: str) -> list[Action]:
        self._board.count(Count.UNDELIVERABLE)
        if reply is None:
            return []
        return [SendToWorker(reply.response(503, self._board.warning(why)), request.source[1])]


def is_literal(host: str) -> bool:
    """An IPv4 address, not a name."""
    return _LITERAL.fullmatch(host) is not None
