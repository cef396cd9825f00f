"""What a bot may say of its call."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.errors import InvalidVerdict
from bridge.media.stream_messages import StreamVerdict
from bridge.verdicts import Complete, Remarks, Transfer, verdict_of_fields, verdict_of_headers, verdict_of_json
from sip.channel import MAX_FRAME, MessageCodec
from sip.messages import Header


def test_a_bye_with_an_outcome_completes_the_call() -> None:
    headers = [Header("x-outcome", " paid "), Header("X-Notes", "thanks"), Header("X-Payment-Amount", "12.50")]
    assert verdict_of_headers(headers) == Complete("paid", Remarks("thanks", "12.50"))


def test_a_plain_bye_says_nothing() -> None:
    assert verdict_of_headers([Header("Reason", "SIP;cause=200")]) is None


def test_json_completes() -> None:
    body = b'{"action": "complete", "outcome": "paid", "notes": "x", "payment_amount": 12.5}'
    assert verdict_of_json(body) == Complete("paid", Remarks("x", "12.5"))


def test_json_transfers() -> None:
    assert verdict_of_json(b'{"action": "transfer", "target": "collections"}') == Transfer("collections")


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (b"{", "the body is not JSON: "),
        (b"\xff\xfe", "the body is not JSON: "),
        (b"[]", "the body is not a JSON object"),
        (b"{}", '"action" must be "complete" or "transfer", not \'None\''),
        (b'{"action": "transfer"}', "a transfer names no target"),
        (b'{"action": "complete", "outcome": []}', '"outcome" must be text'),
        (b'{"action": "complete", "notes": true}', '"notes" must be text'),
        (b"[" * 20_000, "the body has 20000 bytes, more than 16384"),
        (b"[" * 16_000, "the body is not JSON: "),
    ],
)
def test_what_cannot_be_used_is_named(body: bytes, detail: str) -> None:
    with pytest.raises(InvalidVerdict) as caught:
        verdict_of_json(body)
    assert caught.value.detail.startswith(detail)


@given(st.binary(max_size=200) | st.recursive(st.none() | st.text(), st.lists).map(lambda v: repr(v).encode()))
def test_any_bytes_are_a_verdict_or_a_named_error(body: bytes) -> None:
    try:
        verdict_of_json(body)
    except InvalidVerdict:
        pass


def test_notes_are_cut_to_what_people_read() -> None:
    verdict = verdict_of_headers([Header("X-Notes", "n" * 5_000)])
    assert verdict is not None and len(verdict.remarks.notes) == 2_000


@pytest.mark.parametrize("amount", ["12,50", "$12", "-1", "1e3", "twelve", "inf", "9" * 50])
def test_an_amount_that_livevox_would_refuse_goes_into_the_notes(amount: str) -> None:
    verdict = verdict_of_headers([Header("X-Payment-Amount", amount), Header("X-Notes", "thanks")])
    assert verdict == Complete("", Remarks(f"thanks\nPayment amount: {amount}", ""))


def test_what_cannot_be_printed_is_left_out() -> None:
    body = b'{"action": "complete", "outcome": "pa\\u0000id\\ud800", "notes": "a\\r\\nb\\u001b[2J\\u202e"}'
    assert verdict_of_json(body) == Complete("pa id", Remarks("a\nb [2J", ""))
    verdict = verdict_of_headers([Header("X-Outcome", "x" * 2_000)])
    assert verdict == Complete("x" * 100)


def test_what_is_to_be_written_of_the_customer_is_named_values() -> None:
    body = {"action": "transfer", "target": "desk", "contact": {"city": "Oxnard", "zip": 93030}, "context": {"a": None}}
    written = Remarks(contact=(("city", "Oxnard"), ("zip", "93030")))
    assert verdict_of_json(json.dumps(body).encode()) == Transfer("desk", "", written)


@pytest.mark.parametrize(
    ("values", "detail"),
    [
        (["city"], '"contact" must be an object of names and values'),
        ({"person": {"email": "a"}}, '"contact.person" must be text or a number'),
        ({"city": "x" * 501}, '"contact.city" has 501 characters, more than 500'),
        ({"x" * 101: "x"}, '"contact" has a name that is empty, too long or there twice: '),
        ({"city": "a", "city ": "b"}, '"contact" has a name that is empty, too long or there twice: '),
        ({f"f{n}": "x" for n in range(31)}, '"contact" has 31 names, more than 30'),
        ({f"f{n}": "x" * 400 for n in range(4)}, '"contact" has 1608 characters, more than 1500'),
    ],
)
def test_of_the_customers_record_the_error_names_the_value(values: object, detail: str) -> None:
    with pytest.raises(InvalidVerdict) as caught:
        verdict_of_json(json.dumps({"action": "complete", "contact": values}).encode())
    assert caught.value.detail.startswith(detail)


def test_the_longest_verdict_fits_into_a_frame_of_the_media_process() -> None:
    wide = "\U0001f600"
    values = {f"{wide * 10}{n}": wide * 470 for n in range(3)}
    said = {"action": "transfer", "target": wide * 100, "outcome": wide * 100, "notes": wide * 2_000}
    verdict = verdict_of_fields("transfer", {**said, "contact": values, "context": values})
    assert isinstance(verdict, Transfer) and len(verdict.remarks.contact) == 3
    message = StreamVerdict("0123456789abcdef0123", 1, transfer=verdict)
    frame = MessageCodec(StreamVerdict).encode(message)
    assert len(frame) < MAX_FRAME
    assert MessageCodec(StreamVerdict).decode(frame) == message


def test_a_target_is_a_line_of_no_great_length() -> None:
    assert verdict_of_json(b'{"action": "transfer", "target": "a\\nb"}') == Transfer("a b")
    with pytest.raises(InvalidVerdict, match="names no target"):
        verdict_of_json(b'{"action": "transfer", "target": "\\n"}')
