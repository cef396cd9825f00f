"""SIP messages as text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.simulator.errors import InvalidDatagram
from bridge.simulator.sip_text import CSeq, Request, Response, answer, parse, without
from sip.messages import Header

INVITE = (
    b"INVITE sip:+18990000001@192.0.2.1:5070 SIP/2.0\r\n"
    b"Record-Route: <sip:192.0.2.7:5060;r2=on;lr;did=0c.a75cb3e7>\r\n"
    b"Record-Route: <sip:192.0.2.7;r2=on;lr>, <sip:192.0.2.8;lr>\r\n"
    b"v: SIP/2.0/UDP 192.0.2.7:5060;branch=z9hG4bK623f.ac426ea3.0, SIP/2.0/UDP 192.0.2.8;branch=z9hG4bKb\r\n"
    b"VIA: SIP/2.0/UDP\r\n 192.0.2.9;branch=z9hG4bKc\r\n"
    b"f: <sip:2135551234@192.0.2.9>;tag=telstage-1\r\n"
    b"To:<sip:+18990000001@192.0.2.1:5070>\r\n"
    b"i: one@192.0.2.9\r\n"
    b"CSeq: 13096450   INVITE\r\n"
    b"m: <sip:2135551234@192.0.2.9:5060;transport=udp>\r\n"
    b"l: 4\r\n"
    b"\r\n"
    b"v=0\nrest"
)


def invite() -> Request:
    message = parse(INVITE)
    assert isinstance(message, Request)
    return message


def test_compact_folded_and_combined_headers_are_read() -> None:
    request = invite()
    assert (request.method, request.uri) == ("INVITE", "sip:+18990000001@192.0.2.1:5070")
    assert [via.branch for via in request.vias] == ["z9hG4bK623f.ac426ea3.0", "z9hG4bKb", "z9hG4bKc"]
    assert request.cseq == CSeq(13096450, "INVITE")
    assert (request.call_id, request.sender.tag, request.recipient.tag) == ("one@192.0.2.9", "telstage-1", "")
    assert request.contact is not None and str(request.contact.uri) == "sip:2135551234@192.0.2.9:5060;transport=udp"
    assert len(request.every("Record-Route")) == 3


def test_the_body_ends_where_content_length_says() -> None:
    assert invite().body == b"v=0\n"


def test_a_written_message_reads_as_the_same_values() -> None:
    request = invite()
    assert parse(request.encode()) == request
    response = answer(request, 200, (Header("Contact", "<sip:b@192.0.2.1>"),), b"v=0\r\n", tag="t1")
    assert parse(response.encode()) == response


def test_a_response_repeats_what_rfc_3261_section_8_2_6_names() -> None:
    request = invite()
    response = answer(request, 180, tag="t1")
    assert response.vias == request.vias
    assert response.every("Record-Route") == request.every("Record-Route")
    assert (response.call_id, response.cseq, response.sender) == (request.call_id, request.cseq, request.sender)
    assert response.recipient.tag == "t1"


def test_trying_and_refusals_carry_no_record_route() -> None:
    assert answer(invite(), 100).every("Record-Route") == []
    assert answer(invite(), 486, tag="x").every("Record-Route") == []


def test_headers_are_left_out_in_any_case_and_form() -> None:
    assert without(invite(), "via").every("Via") == []
    assert without(invite(), "via").call_id == "one@192.0.2.9"


def test_a_list_header_is_read_as_tokens() -> None:
    request = parse(INVITE.replace(b"l: 4", b"k: Timer,100rel\r\nSupported: norefersub\r\nl: 4"))
    assert request.tokens("Supported") == {"timer", "100rel", "norefersub"}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"l: 4", b"l: 400"),
        (b"l: 4", b"l: -1"),
        (b"l: 4", b"l: \xc2\xb2"),
        (b"SIP/2.0\r\nRecord", b"SIP/3.0\r\nRecord"),
        (b"13096450   INVITE", b"13096450 BYE"),
        (b"13096450", b"99999999999"),
        (b"13096450", b"4294967296"),
        (b"i: one@192.0.2.9", b"j: one"),
        (b"f: <sip:", b"f: <sop:"),
        (b"To:<sip:+18990000001", b"To:<"),
        (b"To:<sip", b"To <sip"),
        (b"\r\n\r\n", b"\r\n"),
        (b"telstage", b"\xff\xfe"),
        (b"SIP/2.0/UDP 192.0.2.7:5060", b"SIP 192.0.2.7"),
    ],
)
def test_a_broken_message_is_refused_by_name(old: bytes, new: bytes) -> None:
    assert old in INVITE
    with pytest.raises(InvalidDatagram):
        parse(INVITE.replace(old, new, 1))


def test_a_status_line_may_lack_its_phrase() -> None:
    head = b"SIP/2.0 200\r\n" + INVITE.partition(b"\r\n")[2]
    message = parse(head)
    assert isinstance(message, Response) and (message.status, message.phrase) == (200, "")


@given(st.binary())
def test_garbage_is_refused_by_name(datagram: bytes) -> None:
    with pytest.raises(InvalidDatagram):
        parse(datagram)


@given(st.integers(0, len(INVITE) - 1), st.binary(max_size=3), st.integers(0, 20))
def test_a_mutated_message_is_read_or_refused_by_name(place: int, put: bytes, cut: int) -> None:
    try:
        message = parse(INVITE[:place] + put + INVITE[place + cut :])
    except InvalidDatagram:
        return
    assert parse(message.encode()).call_id == message.call_id
