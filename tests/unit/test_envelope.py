"""The five headers every message must carry."""

import pytest

from sip.envelope import Envelope
from sip.errors import InvalidMessage
from sip.message import Message

LINES = {
    "Via": "SIP/2.0/UDP 192.0.2.7:5066;branch=z9hG4bK1, SIP/2.0/UDP 192.0.2.8",
    "From": "<sip:a@b>;tag=f",
    "To": "<sip:c@d>;tag=t",
    "Call-ID": "id@h",
    "CSeq": "5 BYE",
}


def message(**changes: str | None) -> Message:
    lines = LINES | {name.replace("_", "-"): value for name, value in changes.items()}
    text = "".join(f"{name}: {value}\r\n" for name, value in lines.items() if value is not None)
    return Message.parse(f"BYE sip:x SIP/2.0\r\n{text}\r\n".encode())


def test_an_envelope_has_the_topmost_via_both_addresses_call_id_and_cseq() -> None:
    envelope = Envelope.read(message())
    assert (envelope.via.host, envelope.via.branch) == (b"192.0.2.7", b"z9hG4bK1")
    assert (envelope.caller.tag, envelope.callee.tag) == (b"f", b"t")
    assert (envelope.call_id, envelope.number, envelope.method) == (b"id@h", 5, b"BYE")


@pytest.mark.parametrize("name", ["Via", "From", "To", "Call-ID", "CSeq"])
def test_without_one_of_them_nobody_can_be_answered(name: str) -> None:
    with pytest.raises(InvalidMessage):
        Envelope.read(message(**{name: None}))


def test_with_a_via_that_is_none_nobody_can_be_answered() -> None:
    with pytest.raises(InvalidMessage):
        Envelope.read(message(Via="somewhere"))


@pytest.mark.parametrize(
    ("name", "value", "fault"),
    [
        ("From", '"open <sip:a@b>', "From or To is not an address"),
        ("To", "<sip:a@b", "From or To is not an address"),
        ("From", "<>;tag=f", "From or To is not an address"),
        ("To", '"Ann" < >', "From or To is not an address"),
        ("Call-ID", "two words", "Call-ID is not one word"),
        ("Call-ID", "", "Call-ID is not one word"),
        ("CSeq", "5 INVITE", "CSeq does not fit the request"),
        ("CSeq", "five BYE", "CSeq does not fit the request"),
    ],
)
def test_one_that_is_there_but_wrong_is_a_fault(name: str, value: str, fault: str) -> None:
    broken = message(**{name: value})
    Envelope.read(broken)
    assert broken.fault == fault


def test_the_fault_found_first_is_kept() -> None:
    broken = message(CSeq="five BYE", Content_Length="x")
    Envelope.read(broken)
    assert broken.fault == "Content-Length is not a number"
