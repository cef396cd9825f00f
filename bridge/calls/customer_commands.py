"""[sans-IO] What is said on LiveVox's leg, as commands to its worker."""

from bridge.engines.events import Fate
from sip.messages import HangUp, Header, Leg, ReferReceived, Refuse, SendRequest


def refusal(call: str, status: int, retry_after_s: int) -> Refuse:
    """A final response to the INVITE; a 503 says when to try again."""
    headers = (Header("Retry-After", str(retry_after_s)),) if status == 503 else ()
    return Refuse(call, status, headers)


def hang_up(call: str, leg: Leg, fate: Fate) -> HangUp:
    """The end of a leg, with the reason (RFC 3326)."""
    text = fate.replace("_", " ")
    return HangUp(call, leg, (Header("Reason", f'SIP;cause=200;text="{text}"'),))


def refer_declined(event: ReferReceived) -> SendRequest:
    """How a REFER ended that the edge has answered with 202: LiveVox has no reason to send us elsewhere."""
    headers = (
        Header("Event", f"refer;id={event.cseq}"),
        Header("Subscription-State", "terminated;reason=noresource"),
    )
    body = "SIP/2.0 603 Decline\r\n"
    return SendRequest(event.call, event.leg, "NOTIFY", headers, "message/sipfrag;version=2.0", body)
