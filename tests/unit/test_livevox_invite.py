"""LiveVox's INVITE, header by header."""

import pytest

from bridge.simulator.livevox_invite import LiveVoxInvite, livevox_headers
from bridge.simulator.proxy_path import ProxyPath
from bridge.simulator.sip_text import Request, parse
from bridge.simulator.telephony import CallToPlace, HeaderStyle
from sip.messages import Header

PATH = ProxyPath(("192.0.2.7", 5060), lambda: "0123456789abcdef0123456789abcdef")


def call(style: HeaderStyle = HeaderStyle.LV) -> CallToPlace:
    return CallToPlace(
        call_id="c1",
        agent_number="8990000001",
        caller_number="2135551234",
        caller_name='Ann "A" Example',
        transaction_id="147516594361",
        session_id="UF200T64DE3A63@192.0.2.7",
        agent_login="AIVA5",
        account="100200300",
        service_id="46014",
        header_style=style,
        hang_up_after_s=None,
        digits="",
        codec="PCMU",
    )


def invite(style: HeaderStyle = HeaderStyle.LV, body: bytes = b"v=0\r\n") -> Request:
    routes = PATH.record_routes("one@192.0.2.7")
    made = LiveVoxInvite(call(style), "one@192.0.2.7", ("192.0.2.7", 5060), ("192.0.2.1", 5070), routes, 0x5E18E8DC)
    return PATH.outbound(made.make(13096450, (Header("Session-Expires", "90"),), body))


def test_the_layout_is_the_guide_s() -> None:
    lines = invite().encode().decode().split("\r\n")
    assert lines[0] == "INVITE sip:+18990000001@192.0.2.1:5070 SIP/2.0"
    names = [line.partition(":")[0] for line in lines[1:9]]
    assert names == ["Record-Route", "Record-Route", "Record-Route", "To", "From", "Contact", "Call-ID", "CSeq"]
    assert lines[4:9] == [
        "To: <sip:+18990000001@192.0.2.1:5070>",
        'From: "Ann \\"A\\" Example" <sip:2135551234@192.0.2.7:5060>;tag=telstage-4c11af6920f7cc4e-5e18e8dc',
        "Contact: <sip:2135551234@192.0.2.7:5060;transport=udp>",
        "Call-ID: one@192.0.2.7",
        "CSeq: 13096450 INVITE",
    ]
    assert [line for line in lines if line.startswith("Via: ")] == [
        "Via: SIP/2.0/UDP 192.0.2.7:5060;branch=z9hG4bK0123.456789ab.0",
        "Via: SIP/2.0/UDP 192.0.2.7:5060;received=192.0.2.7;branch=z9hG4bKcdef.01234567.0",
        "Via: SIP/2.0/UDP 192.0.2.7:5060;branch=z9hG4bK01234567-0000-89abcdef-01234567-89abcdef",
    ]


def test_it_reads_as_sip() -> None:
    assert parse(invite().encode()) == invite()


def test_a_late_offer_has_no_body_and_no_type() -> None:
    late = invite(body=b"")
    assert (late.body, late.content_type) == (b"", "")
    assert invite().content_type == "application/sdp"


@pytest.mark.parametrize(
    ("style", "names"),
    [
        (HeaderStyle.LV, ["LV-Agent-Login-Id", "LV-Transaction-Id", "Session-ID", "DNIS"]),
        (HeaderStyle.X, ["X-agent-login-id", "X-transaction-id", "Session-ID", "DNIS"]),
        (HeaderStyle.NONE, []),
    ],
)
def test_livevox_s_ids_come_in_the_deployment_s_style(style: HeaderStyle, names: list[str]) -> None:
    headers = livevox_headers(call(style))
    assert [header.name for header in headers] == names
    values = ["AIVA5", "147516594361", "UF200T64DE3A63@192.0.2.7", "+18990000001"]
    assert [header.value for header in headers] == values[: len(names)]
