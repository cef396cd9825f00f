"""What of a JSON body goes into the journal."""

import json

import pytest

from bridge.capture.kept_json import MAX_BODY, kept_json


def kept(value: object) -> object:
    text = kept_json(json.dumps(value).encode())
    assert text is not None
    return json.loads(text)


@pytest.mark.parametrize(
    "key", ["sessionId", "password", "token", "LV-Session", "api_key", "Authorization", "lvSession"]
)
def test_a_secret_is_not_kept_however_deep(key: str) -> None:
    assert kept({"a": [{key: "SESAME"}]}) == {"a": [{key: "[secret]"}]}


def test_the_ids_of_a_call_are_no_secrets() -> None:
    ids = {"callSessionId": "U5@10.0.0.1", "callTransactionId": "1088"}
    assert kept(ids) == ids


def test_pressed_keys_are_not_kept() -> None:
    assert kept({"event": "digits", "digits": "4111"}) == {"event": "digits", "digits": "[not kept]"}


def test_of_livevoxs_screen_pop_the_labels_are_kept() -> None:
    answer = {"screenPopRow": [{"key": "FIRST NAME", "value": "Jane"}, {"key": 7, "value": {"deep": "Jane"}}, "Jane"]}
    assert "Jane" not in str(kept(answer))
    assert "FIRST NAME" in str(kept(answer))


@pytest.mark.parametrize(
    ("body", "label"),
    [
        ({"action": "complete", "contact": {"city": "Oxnard"}}, "city"),
        ({"event": "complete", "context": {"promise": "Oxnard"}}, "promise"),
        ({"updateContactDetails": {"person": {"email": "Oxnard"}, "city": "Oxnard"}}, "city"),
        ({"updateContactDetails": {"customFields": [{"field": "COL1", "value": "Oxnard"}]}}, "customFields"),
        ({"entry": [{"key": "promise", "value": "Oxnard"}]}, "promise"),
    ],
)
def test_of_what_a_bot_has_collected_the_labels_are_kept(body: dict[str, object], label: str) -> None:
    assert "Oxnard" not in str(kept(body))
    assert label in str(kept(body))


@pytest.mark.parametrize("body", [b"", b"no", b"[" * 100_000, b'"\xff"', b" " * (MAX_BODY + 1)])
def test_what_is_no_json_or_too_long_is_none(body: bytes) -> None:
    assert kept_json(body) is None
