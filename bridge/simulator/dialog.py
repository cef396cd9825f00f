"""[sans-IO] A SIP dialog as one end sees it: tags, sequence numbers, route set, remote target (RFC 3261 section 12)."""

from collections.abc import Iterable
from dataclasses import dataclass

from bridge.simulator.errors import InvalidDatagram
from bridge.simulator.sip_fields import NameAddress
from bridge.simulator.sip_text import Request, Response
from sip.messages import Header

#: Methods that may change the remote target (RFC 3261 section 12.2, RFC 3311).
_TARGET_REFRESH = frozenset({"INVITE", "UPDATE"})


@dataclass
class Dialog:
    """One end of a dialog."""

    call_id: str
    local: NameAddress
    """Our From or To, with our tag."""
    remote: NameAddress
    target: str
    """The other side's Contact URI: the request URI of what we send."""
    contact: str
    """Our Contact header value."""
    local_cseq: int
    remote_cseq: int | None
    routes: tuple[str, ...] = ()
    """The route set, our next hop first."""

    @classmethod
    def of_caller(cls, invite: Request, response: Response) -> "Dialog":
        """The dialog that a response to our INVITE makes; raises InvalidDatagram without Contact or tag."""
        if not response.recipient.tag:
            raise InvalidDatagram(f"a {response.status} to INVITE without a To tag")
        return cls(
            call_id=invite.call_id,
            local=invite.sender,
            remote=response.recipient,
            target=_contact_uri(response),
            contact=invite.first("Contact") or "",
            local_cseq=invite.cseq.number,
            remote_cseq=None,
            routes=tuple(reversed(response.every("Record-Route"))),
        )

    @classmethod
    def of_callee(cls, invite: Request, tag: str, contact: str) -> "Dialog":
        """The dialog that our answer to an INVITE makes; raises InvalidDatagram without Contact."""
        return cls(
            call_id=invite.call_id,
            local=invite.recipient.with_tag(tag),
            remote=invite.sender,
            target=_contact_uri(invite),
            contact=contact,
            local_cseq=0,
            remote_cseq=invite.cseq.number,
            routes=tuple(invite.every("Record-Route")),
        )

    @property
    def key(self) -> tuple[str, str]:
        """Call-ID and our tag: what finds this dialog."""
        return self.call_id, self.local.tag

    def request(self, method: str, headers: Iterable[Header] = (), body: bytes = b"") -> Request:
        """The next request of ours, without Via. Not for ACK."""
        self.local_cseq += 1
        return self._request(method, self.local_cseq, headers, body)

    def ack(self, cseq: int, body: bytes = b"") -> Request:
        """The ACK of a 2xx to our INVITE with this sequence number, without Via."""
        headers = (Header("Content-Type", "application/sdp"),) if body else ()
        return self._request("ACK", cseq, headers, body)

    def takes(self, request: Request) -> bool:
        """Whether a request of the other side is in order; remembers its number and its Contact."""
        if request.method not in ("ACK", "CANCEL"):
            if self.remote_cseq is not None and request.cseq.number <= self.remote_cseq:
                return False
            self.remote_cseq = request.cseq.number
        self.refresh_target(request)
        return True

    def refresh_target(self, message: Request | Response) -> None:
        """Follow the other side's Contact, where such a message may change it."""
        if message.cseq.method in _TARGET_REFRESH and message.contact is not None:
            self.target = str(message.contact.uri)

    def _request(self, method: str, cseq: int, headers: Iterable[Header], body: bytes) -> Request:
        lines = [Header("Route", route) for route in self.routes]
        lines += [
            Header("Max-Forwards", "70"),
            Header("From", str(self.local)),
            Header("To", str(self.remote)),
            Header("Call-ID", self.call_id),
            Header("CSeq", f"{cseq} {method}"),
        ]
        if method in ("INVITE", "UPDATE", "REFER", "NOTIFY"):
            lines.append(Header("Contact", self.contact))
        return Request(method, self.target, (*lines, *headers), body)


def _contact_uri(message: Request | Response) -> str:
    if message.contact is None:
        raise InvalidDatagram("no Contact to send later requests to")
    return str(message.contact.uri)
