"""sip.worker.received: headers and bodies of whole messages."""

import pytest

from sip.messages import Header
from sip.worker.received import description, header, headers, readable, reported_headers

MESSAGE = (
    "BYE sip:bridge@192.0.2.1 SIP/2.0\r\n"
    "Via: SIP/2.0/UDP 192.0.2.2;branch=z9hG4bK1\r\n"
    "reason : Q.850;cause=16;\r\n"
    '\ttext="Normal call\r\n'
    ' clearing"\r\n'
    "X-Outcome: paid: in full\r\n"
    "X-Bridge-Call: secret\r\n"
    "x-notes:\r\n"
    "Retry-After: 5\r\n"
    "nonsense\r\n"
    "Content-Length: 0\r\n"
    "\r\n"
    "X-Body: no header\r\n"
)


def test_folded_lines_are_one_header() -> None:
    assert header(MESSAGE, "Reason") == 'Q.850;cause=16; text="Normal call clearing"'


def test_a_header_is_found_whatever_its_case_and_missing_ones_are_empty() -> None:
    assert header(MESSAGE, "x-OUTCOME") == "paid: in full"
    assert header(MESSAGE, "X-Body") == ""


def test_only_what_the_bridge_is_told_is_reported() -> None:
    assert reported_headers(MESSAGE) == (
        Header("reason", 'Q.850;cause=16; text="Normal call clearing"'),
        Header("X-Outcome", "paid: in full"),
        Header("x-notes", ""),
        Header("Retry-After", "5"),
    )


def test_bytes_that_are_not_text_become_replacement_characters() -> None:
    assert readable("Zo\xeb \U0001f600 \ud800") == "Zo\xeb \U0001f600 \ufffd"
    assert readable(b"caf\xe9".decode("utf-8", "surrogateescape")) == "caf\ufffd"
    assert headers("OPTIONS sip:a SIP/2.0\r\nX-A: \udcff\r\n\r\n") == [Header("X-A", "\ufffd")]


@pytest.mark.parametrize("message", ["", "\r\n\r\n", "garbage", "BYE sip:a SIP/2.0\r\n: \r\n:::\r\n\r\n"])
def test_odd_messages_are_read_without_a_fault(message: str) -> None:
    assert reported_headers(message) == ()
    assert description(message) == ""


SDP = "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\n"


def test_the_description_is_the_body() -> None:
    for content_type in ("Content-Type: application/sdp", "c: Application/SDP;x=y"):
        assert description(f"INVITE sip:a SIP/2.0\r\n{content_type}\r\n\r\n{SDP}") == SDP


def test_a_body_of_another_kind_is_no_description() -> None:
    assert description(f"INVITE sip:a SIP/2.0\r\n\r\n{SDP}") == ""
    assert description(f"INFO sip:a SIP/2.0\r\nContent-Type: text/plain\r\n\r\n{SDP}") == ""


def test_the_description_is_found_among_several_parts() -> None:
    body = (
        f"--b\r\nContent-Type: application/isup\r\n\r\n??\r\n--b\r\nContent-Type: application/sdp\r\n\r\n{SDP}\r\n--b--"
    )
    head = "INVITE sip:a SIP/2.0\r\nContent-Type: multipart/mixed;boundary=b"
    assert description(f"{head}\r\n\r\n{body}\r\n") == SDP
