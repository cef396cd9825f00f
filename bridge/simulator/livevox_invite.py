"""[sans-IO] LiveVox's INVITE as its integration guide shows it: order of headers, three Record-Routes, its own ids."""

from collections.abc import Iterable
from dataclasses import dataclass

from bridge.simulator.proxy_path import Address
from bridge.simulator.sip_fields import NameAddress, SipUri
from bridge.simulator.sip_text import Request
from bridge.simulator.telephony import CallToPlace, HeaderStyle
from sip.messages import Header

#: The CSeq number of the sample INVITE.
FIRST_CSEQ = 13096450


@dataclass(frozen=True)
class LiveVoxInvite:
    """One call's INVITE; `make` is an InviteMaker."""

    call: CallToPlace
    sip_call_id: str
    caller: Address
    """LiveVox's side: user agent and proxies."""
    bridge: Address
    record_routes: tuple[str, ...]
    now: int
    """Unix time in seconds: LiveVox's user agent writes it into its tag."""

    def make(self, cseq: int, headers: Iterable[Header], body: bytes) -> Request:
        """The INVITE without Via."""
        host, port = self.caller
        called = SipUri(*self.bridge, user=f"+1{self.call.agent_number}")
        caller = SipUri(host, port, user=self.call.caller_number)
        contact = SipUri(host, port, self.call.caller_number, (("transport", "udp"),))
        tag = f"telstage-4c11af6920f7cc4e-{self.now & 0xFFFFFFFF:08x}"
        lines = [Header("Record-Route", value) for value in self.record_routes]
        lines += [
            Header("To", str(NameAddress(called))),
            Header("From", str(NameAddress(caller, self.call.caller_name).with_tag(tag))),
            Header("Contact", str(NameAddress(contact))),
            Header("Call-ID", self.sip_call_id),
            Header("CSeq", f"{cseq} INVITE"),
            Header("Max-Forwards", "68"),
            Header("Allow", "INVITE, ACK, BYE, CANCEL, UPDATE, INFO, REFER, NOTIFY, OPTIONS, PRACK"),
            Header("Supported", "timer, 100rel"),
            *headers,
            *livevox_headers(self.call),
        ]
        if body:
            lines.append(Header("Content-Type", "application/sdp"))
        return Request("INVITE", str(called), tuple(lines), body)


def livevox_headers(call: CallToPlace) -> tuple[Header, ...]:
    """LiveVox's ids as the deployment's INVITEs carry them, or not."""
    if call.header_style is HeaderStyle.NONE:
        return ()
    login, transaction = {
        HeaderStyle.LV: ("LV-Agent-Login-Id", "LV-Transaction-Id"),
        HeaderStyle.X: ("X-agent-login-id", "X-transaction-id"),
    }[call.header_style]
    return (
        Header(login, call.agent_login),
        Header(transaction, call.transaction_id),
        Header("Session-ID", call.session_id),
        Header("DNIS", f"+1{call.agent_number}"),
    )
