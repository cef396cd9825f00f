import json
from dataclasses import replace

import pytest

from bridge.admin.bodies import MAX_BODY, facts_body, read_contact, read_digits, read_hurry, read_nothing, read_verdict
from bridge.call_facts import ScreenPopRows
from bridge.errors import ApiRefused
from bridge.verdicts import Complete, Remarks, Transfer
from tests.ordered_call import VIEW


def refusal(action: str, body: bytes) -> tuple[int, str | int, str]:
    with pytest.raises(ApiRefused) as caught:
        read_verdict(action, body)
    return caught.value.status, caught.value.code, caught.value.message


def test_complete_takes_outcome_notes_and_amount() -> None:
    body = b'{"outcome": "paid", "notes": "by card", "payment_amount": 12.5}'
    assert read_verdict("complete", body) == Complete("paid", Remarks("by card", "12.5"))


def test_complete_takes_what_is_to_be_written_of_the_customer() -> None:
    body = b'{"contact": {"city": "Oxnard", "state": null}, "context": {"promise": 12.5, "sure": true}}'
    written = Remarks(contact=(("city", "Oxnard"),), context=(("promise", "12.5"), ("sure", "true")))
    assert read_verdict("complete", body) == Complete("", written)


def test_a_contact_is_an_object_of_fields_and_values() -> None:
    assert read_contact(b'{"city": " Oxnard ", "state": "", "zip_code": 93030}') == (
        ("city", "Oxnard"),
        ("zip_code", "93030"),
    )


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b"x", b'{"city": null}', b'{"city": []}', b'{"": "x"}'])
def test_a_contact_that_says_nothing_or_cannot_be_read_is_refused(body: bytes) -> None:
    with pytest.raises(ApiRefused) as caught:
        read_contact(body)
    assert (caught.value.status, caught.value.code) == (400, "invalid_body")


@pytest.mark.parametrize("body", [b"", b"  \r\n", b"{}", b'{"outcome": null}'])
def test_complete_needs_no_word(body: bytes) -> None:
    assert read_verdict("complete", body) == Complete()


def test_transfer_takes_a_target_and_the_same() -> None:
    body = b'{"target": "collections", "outcome": "promised", "notes": "wants a plan"}'
    assert read_verdict("transfer", body) == Transfer("collections", "promised", Remarks("wants a plan"))


@pytest.mark.parametrize("body", [b"", b"{}", b'{"target": ""}', b'{"target": null}'])
def test_a_transfer_without_a_target_is_refused(body: bytes) -> None:
    assert refusal("transfer", body) == (400, "invalid_body", "a transfer names no target")


@pytest.mark.parametrize(
    "body",
    [
        b"x",
        b"[]",
        b"null",
        b'"paid"',
        b'{"outcome": ["paid"]}',
        b'{"outcome": true}',
        b'{"notes": {}}',
        b"\xff",
        b'{"outcome": ' + b"9" * 5000 + b"}",
        b"[" * (MAX_BODY - 1),
        b'{"outcome": 1' + b" " * MAX_BODY + b"}",
    ],
)
def test_a_body_that_is_no_such_object_is_refused(body: bytes) -> None:
    assert refusal("complete", body)[:2] == (400, "invalid_body")


def test_an_unknown_field_is_refused_by_its_name() -> None:
    status, code, message = refusal("complete", b'{"outcom": "paid"}')
    assert (status, code) == (400, "unknown_field")
    assert message == "unknown here: 'outcom'; known: outcome, notes, payment_amount, contact, context"
    assert refusal("complete", b'{"target": "collections"}')[1] == "unknown_field"


def test_hostile_names_of_fields_are_shown_short_and_plain() -> None:
    body = json.dumps({"\u202e" + "x" * 500: 1} | {f"n{number}": 1 for number in range(50)}).encode()
    message = refusal("complete", body)[2]
    assert message.isascii() and len(message) < 200


@pytest.mark.parametrize(("digits", "keys"), [("12#", "12#"), ("*abcd0", "*ABCD0"), ("9" * 64, "9" * 64)])
def test_digits_are_keys(digits: str, keys: str) -> None:
    assert read_digits(json.dumps({"digits": digits}).encode()) == keys


@pytest.mark.parametrize("digits", ["", "12 3", "12,", "e", "w1", "1" * 65, "١", 12, None, ["1"]])
def test_what_is_no_key_is_refused(digits: object) -> None:
    with pytest.raises(ApiRefused) as caught:
        read_digits(json.dumps({"digits": digits}).encode())
    assert (caught.value.status, caught.value.code) == (400, "invalid_body")


def test_a_hang_up_has_nothing_to_say() -> None:
    read_nothing(b"")
    read_nothing(b"{}")
    with pytest.raises(ApiRefused, match="unknown here: 'outcome'; known: nothing"):
        read_nothing(b'{"outcome": "paid"}')


@pytest.mark.parametrize(
    ("body", "hurry"), [(b"", False), (b"{}", False), (b'{"hurry": false}', False), (b'{"hurry": true}', True)]
)
def test_a_drain_hurries_when_it_says_so(body: bytes, hurry: bool) -> None:
    assert read_hurry(body) is hurry


@pytest.mark.parametrize("body", [b'{"hurry": 1}', b'{"hurry": "true"}', b'{"hurry": null}', b'{"hury": true}', b"[]"])
def test_a_drain_that_is_not_understood_is_refused(body: bytes) -> None:
    with pytest.raises(ApiRefused) as caught:
        read_hurry(body)
    assert caught.value.status == 400


def test_the_facts_of_a_call_are_all_there() -> None:
    assert facts_body(VIEW) == {
        "call": "0123456789abcdef0123",
        "agent_number": "8990000001",
        "caller": "+12134634007",
        "caller_name": "JANE DOE",
        "transaction_id": "T1",
        "session_id": "S1",
        "service_id": "46014",
        "state": "talking",
        "started_at": "2023-11-14T22:13:20.000Z",
        "since": "2023-11-14T22:13:25.500Z",
        "engine": "bot",
        "screen_pop": None,
        "transcript": [],
        "recording": "off",
        "quality": {},
    }


def test_a_screen_pop_and_a_transcript_keep_their_order() -> None:
    pop = ScreenPopRows((("First Name", "Jane"), ("Balance", "12.50")), {"first_name": "Jane", "balance": "12.50"})
    body = facts_body(replace(VIEW, screen_pop=pop, transcript=(("bot", "Hello"), ("customer", "Hi"))))
    assert body["screen_pop"] == {
        "fields": {"first_name": "Jane", "balance": "12.50"},
        "rows": [["First Name", "Jane"], ["Balance", "12.50"]],
    }
    assert body["transcript"] == [{"role": "bot", "text": "Hello"}, {"role": "customer", "text": "Hi"}]
