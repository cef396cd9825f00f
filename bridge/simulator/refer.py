"""[sans-IO] REFER and the NOTIFYs that follow it, as values (RFC 3515, RFC 4488)."""

import re
from collections.abc import Iterable

from bridge.simulator.errors import InvalidDatagram
from bridge.simulator.session_events import NotifyArrived, ReferArrived
from bridge.simulator.sip_fields import NameAddress
from bridge.simulator.sip_text import PHRASES, Request
from sip.messages import Header

_FRAGMENT = re.compile(rb"SIP/2\.0 ([1-6]\d\d)\b")


def read_refer(request: Request) -> ReferArrived | None:
    """What a REFER asks for; None unless it has exactly one Refer-To that can be read."""
    targets = request.every("Refer-To")
    if len(targets) != 1:
        return None
    try:
        target = NameAddress.parse(targets[0]).uri
    except InvalidDatagram:
        return None
    wants_notify = (request.first("Refer-Sub") or "true").strip().lower() != "false"
    return ReferArrived(str(target), request.cseq.number, wants_notify)


def read_notify(request: Request) -> NotifyArrived | None:
    """What a NOTIFY says of a REFER; None when it is of another event, or says nothing."""
    event = (request.first("Event") or "").partition(";")[0].strip().lower()
    found = _FRAGMENT.match(request.body)
    if event != "refer" or found is None:
        return None
    state = (request.first("Subscription-State") or "").partition(";")[0].strip().lower()
    return NotifyArrived(int(found[1]), state == "terminated")


def notify_headers(refer_cseq: int, final: bool) -> Iterable[Header]:
    """The headers of a NOTIFY of ours about the REFER with this sequence number."""
    state = "terminated;reason=noresource" if final else "active;expires=60"
    return (
        Header("Event", f"refer;id={refer_cseq}"),
        Header("Subscription-State", state),
        Header("Content-Type", "message/sipfrag;version=2.0"),
    )


def notify_body(status: int) -> bytes:
    """The body of a NOTIFY: one status line."""
    return f"SIP/2.0 {status} {PHRASES.get(status, 'Unknown')}\r\n".encode()
