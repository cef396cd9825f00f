"""[sans-IO] Requests from the network inside a dialog: to its worker, or answered here and reported."""

import re

from sip.actions import Action, ReportEvent, SendToNetwork
from sip.address import Address
from sip.counters import Count
from sip.dispatch import Dialog
from sip.messages import WORKER_PARAMETER, Header, InfoReceived, LegEnded, ReferReceived
from sip.request import Request
from sip.responses import ALLOW, SUPPORTED, Headers
from sip.switchboard import Switchboard

#: Methods a worker handles inside a dialog.
_FOR_WORKERS = (b"INVITE", b"ACK", b"BYE", b"CANCEL", b"UPDATE", b"PRACK")

_WORKER = re.compile(rb";" + WORKER_PARAMETER.encode() + rb"=(\d{1,9})(?=[;?>]|$)")


class DialogRequests:
    """Decides about requests whose To has a tag."""

    def __init__(self, board: Switchboard) -> None:
        self._board = board

    def handle(self, request: Request, now: float) -> list[Action]:
        """The worker is named by the parameter of our Contact in the request URI, else by the Call-ID."""
        board, method = self._board, request.message.method
        dialog = board.dispatch.dialog(request.sip_call_id)
        port = self._port(request, dialog)
        if method in _FOR_WORKERS:
            if port is not None:
                return board.deliver(request, port)
            return self._orphaned(request, dialog, now)
        if method not in (b"INFO", b"REFER", b"OPTIONS", b"NOTIFY"):
            return board.refuse_charged(request, 405, Count.BAD_METHOD, (("Allow", ALLOW),))
        if dialog is None or port is None or method == b"NOTIFY":  # no subscription is ever ours (RFC 6665 4.1.3)
            return board.refuse_charged(request, 481, Count.NO_DIALOG)
        if method == b"INFO":
            return self._info(request, dialog, now)
        if method == b"REFER":
            return self._refer(request, dialog, now)
        board.count(Count.OPTIONS)
        return [board.answer(request.reply(), 200, options_headers())]

    def _port(self, request: Request, dialog: Dialog | None) -> int | None:
        found = _WORKER.search(request.message.uri)
        port = self._board.dispatch.port(int(found[1])) if found else None
        if port is None and dialog is not None:
            port = self._board.dispatch.port(dialog.worker)
        return port

    def _orphaned(self, request: Request, dialog: Dialog | None, now: float) -> list[Action]:
        """Its worker is dead, or there never was such a dialog."""
        board, method = self._board, request.message.method
        if method == b"ACK":
            return []
        if dialog is None or method != b"BYE":
            return board.refuse_charged(request, 481, Count.NO_DIALOG)
        board.count(Count.WORKER_LOST)
        answer = self._answer_once(request, 481, (), now)
        headers = _headers_of_interest(request)
        return [answer, ReportEvent(LegEnded(dialog.call, dialog.leg, True, 481, "worker lost", headers))]

    def _info(self, request: Request, dialog: Dialog, now: float) -> list[Action]:
        self._board.count(Count.INFO)
        content_type = (request.message.value(b"content-type") or b"").decode("utf-8", "replace")
        event = InfoReceived(dialog.call, dialog.leg, content_type, request.message.body)
        return [self._answer_once(request, 200, (), now), ReportEvent(event)]

    def _refer(self, request: Request, dialog: Dialog, now: float) -> list[Action]:
        """RFC 3515 section 2.4.2: just one Refer-To."""
        targets = request.message.values(b"refer-to")
        target = Address.parse(targets[0]) if len(targets) == 1 else None
        if target is None:
            return self._board.refuse_charged(request, 400, Count.MALFORMED)
        self._board.count(Count.REFER)
        wanted = (request.message.value(b"refer-sub") or b"").partition(b";")[0].strip().lower() != b"false"
        headers: Headers = (("Contact", b"<%s>" % request.message.uri),)
        if not wanted:
            headers = (*headers, ("Refer-Sub", b"false"))
        refer_to = target.uri.decode("utf-8", "replace")
        event = ReferReceived(dialog.call, dialog.leg, refer_to, request.envelope.number, wanted)
        return [self._answer_once(request, 202, headers, now), ReportEvent(event)]

    def _answer_once(self, request: Request, status: int, headers: Headers, now: float) -> SendToNetwork:
        """Answer, and remember it for retransmissions: what the request asked for must not happen twice."""
        answer = self._board.answer(request.reply(), status, headers)
        self._board.answered.remember(request.key + request.message.method, answer.datagram, now)
        return answer


def options_headers() -> Headers:
    """What we can do (RFC 3261 section 11.2)."""
    return (("Allow", ALLOW), ("Accept", b"application/sdp"), ("Supported", SUPPORTED))


def _headers_of_interest(request: Request) -> tuple[Header, ...]:
    """The headers LegEnded carries."""
    return tuple(
        Header(name.decode(), value.decode("utf-8", "replace"))
        for name, value in request.message.headers()
        if name.lower().startswith(b"x-") or name.lower() in (b"reason", b"retry-after")
    )
