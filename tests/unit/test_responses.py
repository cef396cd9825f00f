"""Responses the edge makes itself."""

from sip.envelope import Envelope
from sip.message import Message
from sip.responses import Reply, phrase, unsupported, warning
from tests.sip_texts import request


def reply(text: str) -> Reply:
    message = Message.parse(text.encode())
    tagged = bool(Envelope.read(message).callee.tag)
    return Reply.to_request(message, b"ours", tagged, ("192.0.2.7", 6000))


def test_a_response_repeats_what_it_must_and_adds_our_tag() -> None:
    response = Message.parse(reply(request("OPTIONS", "192.0.2.7:5060", headers=("v: SIP/2.0/UDP b",))).response(200))
    assert response.start == b"SIP/2.0 200 OK"
    assert response.lines == [
        b"Via: SIP/2.0/UDP 192.0.2.7:5060;rport;branch=z9hG4bK-one",
        b'From: "Ann, \\"A\\" <x>" <sip:+12135550100@192.0.2.50>;tag=from1',
        b"Call-ID: call-a@192.0.2.50",
        b"CSeq: 1 OPTIONS",
        b"v: SIP/2.0/UDP b",
        b"To: <sip:+18990000001@192.0.2.1:5070>;tag=ours",
        b"Content-Length: 0",
    ]


def test_a_tag_that_is_there_stays() -> None:
    text = reply(request("BYE", "192.0.2.7:5060", to_tag="theirs")).response(481)
    assert text.count(b"tag=theirs") == 1
    assert b"tag=ours" not in text


def test_100_has_no_tag_of_ours_and_repeats_the_timestamp() -> None:
    trying = reply(request("INVITE", "192.0.2.7", headers=("Timestamp: 54",)))
    assert b"tag=ours" not in trying.response(100)
    assert b"\r\nTimestamp: 54\r\n" in trying.response(100)
    assert b"Timestamp" not in trying.response(486)


def test_a_folded_to_keeps_its_form() -> None:
    text = request("OPTIONS", "192.0.2.7").replace("To: ", "To:\r\n  ")
    assert b"To:\r\n  <sip:+18990000001@192.0.2.1:5070>;tag=ours\r\n" in reply(text).response(200)


def test_a_reply_knows_where_it_goes() -> None:
    answer = reply(request("OPTIONS", "10.0.0.1:5066"))
    assert (answer.host, answer.port) == ("192.0.2.7", 6000)


def test_headers_are_added_before_the_length() -> None:
    text = reply(request("OPTIONS", "192.0.2.7")).response(503, (("Retry-After", b"5"),))
    assert text.endswith(b"\r\nRetry-After: 5\r\nContent-Length: 0\r\n\r\n")


def test_phrases_are_sips_own() -> None:
    assert [phrase(status) for status in (404, 481, 486, 513, 606, 498)] == [
        "Not Found",
        "Call/Transaction Does Not Exist",
        "Busy Here",
        "Message Too Large",
        "Not Acceptable",
        "Refused",
    ]


def test_a_warning_cannot_break_out_of_its_quotes() -> None:
    assert warning("192.0.2.1", 'a"b\\c\r\nX: y\tü') == '399 192.0.2.1 "a b c  X: y ü"'.encode()


def test_extensions_we_lack_are_named() -> None:
    message = Message.parse(request("OPTIONS", "192.0.2.7", headers=("Require: timer, foo", "Require: bar")).encode())
    assert unsupported(message) == b"foo, bar"
