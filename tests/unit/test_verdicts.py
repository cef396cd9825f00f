"""What a bot may say of its call."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.errors import InvalidVerdict
from bridge.verdicts import Complete, Remarks, Transfer, verdict_of_headers, verdict_of_json
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


def test_a_target_is_a_line_of_no_great_length() -> None:
    assert verdict_of_json(b'{"action": "transfer", "target": "a\\nb"}') == Transfer("a b")
    with pytest.raises(InvalidVerdict, match="names no target"):
        verdict_of_json(b'{"action": "transfer", "target": "\\n"}')
