"""The SIP of the benchmark's telephones: what they write, they and the bridge's own parser can read."""

import pytest

from bridge.simulator.sip_text import Request, Response, parse
from tests.benchmarks.sip_texts import Dialog, Invite, Unreadable, media, refusal_ack, response, routes, uri, value

HERE, THERE, BOT = ("127.0.0.1", 5061), ("127.0.0.1", 5070), ("127.0.0.1", 5092)
INVITE = Invite("8990000001", HERE, THERE, "1@load", "z9hG4bK01", ("LV-Agent-Login-Id: VA0001",)).encode(
    ("127.0.0.1", 4000)
)
OK = response(
    "200 OK",
    INVITE,
    "Contact: <sip:bridge@127.0.0.1:5070;w=3>",
    tag="b",
    body="c=IN IP4 127.0.0.1\r\nm=audio 6000 RTP/AVP 0\r\n",
)


def test_an_invite_names_the_agent_the_audio_and_livevoxs_ids() -> None:
    read = parse(INVITE)
    assert isinstance(read, Request)
    assert read.uri == "sip:+18990000001@127.0.0.1:5070"
    assert read.first("LV-Agent-Login-Id") == "VA0001"
    assert media(INVITE) == ("127.0.0.1", 4000)


def test_a_response_has_what_the_request_had_and_one_tag() -> None:
    read = parse(OK)
    assert isinstance(read, Response)
    assert (read.status, read.first("Call-ID"), read.first("Via")) == (200, "1@load", value(INVITE, b"Via"))
    assert value(OK, b"To").count(";tag=") == 1
    again = response("200 OK", OK.replace(b"SIP/2.0 200 OK", b"BYE sip:x SIP/2.0"), tag="other")
    assert value(again, b"To") == value(OK, b"To")


def test_a_callers_dialog_goes_to_the_contact_of_the_200() -> None:
    dialog = Dialog.of_caller(HERE, OK)
    assert (dialog.target, dialog.next_hop) == ("sip:bridge@127.0.0.1:5070;w=3", THERE)
    read = parse(dialog.request("BYE", 2, "z9hG4bK02"))
    assert isinstance(read, Request)
    assert (read.method, str(read.cseq.number), read.first("To")) == ("BYE", "2", value(OK, b"To"))


def test_a_route_is_taken_backwards_by_the_caller_and_forwards_by_the_callee() -> None:
    recorded = b"Record-Route: <sip:10.0.0.1:5062;lr>, <sip:10.0.0.2:5063;lr>\r\nTo:"
    ok, invite = (each.replace(b"To:", recorded, 1) for each in (OK, INVITE))
    assert routes(ok) == ("<sip:10.0.0.1:5062;lr>", "<sip:10.0.0.2:5063;lr>")
    assert Dialog.of_caller(HERE, ok).next_hop == ("10.0.0.2", 5063)
    callee = Dialog.of_callee(BOT, invite, "bot")
    assert callee.next_hop == ("10.0.0.1", 5062)
    assert callee.request("BYE", 1, "z9hG4bK03").count(b"\r\nRoute: ") == 2


def test_a_callees_dialog_has_the_sides_exchanged() -> None:
    dialog = Dialog.of_callee(BOT, INVITE, "bot")
    assert dialog.local == f"{value(INVITE, b'To')};tag=bot"
    assert dialog.remote == value(INVITE, b"From")


def test_a_refusal_is_acknowledged_in_the_invites_own_transaction() -> None:
    refused = response("486 Busy Here", INVITE, tag="b")
    ack = refusal_ack(INVITE, refused)
    assert ack.startswith(b"ACK sip:+18990000001@127.0.0.1:5070 SIP/2.0\r\n")
    assert value(ack, b"Via") == value(INVITE, b"Via")
    assert value(ack, b"To") == value(refused, b"To")


@pytest.mark.parametrize("text", ["<sip:a@b:1;lr>;x=y", '"Bot" <sip:a@b:1;lr>', "sip:a@b:1;lr"])
def test_a_uri_is_found_with_and_without_brackets(text: str) -> None:
    assert uri(text).startswith("sip:a@b:1")


def test_what_cannot_be_read_is_said() -> None:
    with pytest.raises(Unreadable, match="no Call-ID"):
        value(b"SIP/2.0 200 OK\r\n\r\n", b"Call-ID")
    with pytest.raises(Unreadable, match="no SDP"):
        media(b"SIP/2.0 200 OK\r\n\r\n")
