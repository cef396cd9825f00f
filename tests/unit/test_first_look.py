"""What can be told of a datagram before it is read."""

import pytest

from sip.first_look import begins_something, is_of, is_response
from tests.sip_texts import request

SENT_BY = "192.0.2.7:5060"


@pytest.mark.parametrize("method", ["INVITE", "OPTIONS", "REGISTER", "BYE", "NONSENSE"])
def test_a_request_whose_to_has_no_tag_begins_something(method: str) -> None:
    text = request(method, SENT_BY).encode()
    assert begins_something(text)
    assert begins_something(b"\r\n\r\n" + text)
    assert begins_something(text.replace(b"\r\nTo:", b"\r\nt  :"))


@pytest.mark.parametrize("tag", ["To: <sip:a@b>;tag=x", "t:<sip:a@b> ; TAG=x", "TO : <sip:a@b>\r\n ;tag=x"])
def test_a_request_inside_a_dialog_does_not(tag: str) -> None:
    text = f"BYE sip:a@b SIP/2.0\r\nFrom: <sip:c@d>;tag=1\r\n{tag}\r\nCSeq: 2 BYE\r\n\r\n"
    assert not begins_something(text.encode())


@pytest.mark.parametrize("method", ["ACK", "CANCEL"])
def test_what_belongs_to_an_invite_does_not(method: str) -> None:
    text = request(method, SENT_BY).encode()
    assert not begins_something(text)
    assert not begins_something(b"\r\n" + text)


@pytest.mark.parametrize(
    "text", [b"", b"\xff\xfe", b"INVITE sip:a@b SIP/2.0\r\n\r\n", b"SIP/2.0 200 OK\r\nTo: <sip:a@b>\r\n"]
)
def test_of_other_things_it_cannot_be_told(text: bytes) -> None:
    assert not begins_something(text)


def test_a_tag_elsewhere_is_no_tag_of_to() -> None:
    head = b"INVITE sip:a@b;tag=1 SIP/2.0\r\nFrom: <sip:c@d>;tag=1\r\nTo: <sip:a@b>\r\nX-To: a;tag=2\r\n\r\n"
    assert begins_something(head + b"To: a;tag=3\r\n")


def test_a_response_is_known_by_its_first_letters() -> None:
    assert is_response(b"SIP/2.0 200 OK\r\n\r\n") and is_response(b"\r\nsip/2.0 200 OK\r\n")
    assert not is_response(b"OPTIONS sip:a@b SIP/2.0\r\n\r\n")


@pytest.mark.parametrize(
    ("via", "expected"),
    [
        ("Via: SIP/2.0/UDP 203.0.113.1:5070;branch=1", True),
        ("v :SIP/2.0/UDP\r\n 203.0.113.1:5070;branch=1", True),
        ("Via: SIP/2.0/UDP 192.0.2.7;branch=1\r\nVia: SIP/2.0/UDP 203.0.113.1:5070;branch=1", False),
        ("To: <sip:a@203.0.113.1>", False),
    ],
)
def test_whose_request_a_response_answers_stands_in_its_topmost_via(via: str, expected: bool) -> None:
    assert is_of(f"SIP/2.0 200 OK\r\n{via}\r\nCSeq: 1 INVITE\r\n\r\n".encode(), b"203.0.113.1") is expected
