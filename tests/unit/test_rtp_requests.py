"""What the simulated RTP bot minds in the bridge's requests."""

import json
from typing import Any

import pytest

from bridge.call_facts import CallFacts, ScreenPopRows
from bridge.engines.rtp_messages import call_message, encoded, screen_pop_message
from bridge.engines.signing import signed_headers
from bridge.simulator.rtp_requests import RtpRequests, read_request
from bridge.simulator.stream_bot import StreamBotRecord
from sip.messages import Codec, MediaOffer

NOW = 1_700_000_000
FACTS = CallFacts("c1", "8990000001", "+12134634007", "Ann", "108821676850", "U5@10.1.2.3", "46014")
CALL = call_message(FACTS, MediaOffer("127.0.0.1", 20002, (Codec.PCMA,), 101), "http://127.0.0.1:8080")
ENDED = {"event": "ended", "call": "c1", "fate": "finished"}


def headers(body: bytes, secret: str = "s3cret", at: int = NOW) -> dict[str, str]:
    return {name.lower(): value for name, value in signed_headers(secret, at, body).items()}


def bot(call: dict[str, Any] | None = None) -> tuple[RtpRequests, StreamBotRecord]:
    record = StreamBotRecord(0, 0.0)
    requests = RtpRequests(record)
    assert requests.take_call(json.loads(json.dumps(call or CALL)))
    return requests, record


def test_what_the_bridge_sends_has_no_fault() -> None:
    body = encoded(CALL)
    assert read_request(headers(body), body, "s3cret", NOW + 5.0) == (CALL, [])
    requests, record = bot()
    assert (requests.codec, requests.bridge, requests.telephone_event) == (Codec.PCMA, ("127.0.0.1", 20002), 101)
    assert requests.api == "http://127.0.0.1:8080/v1/calls/c1"
    assert record.facts["caller"] == "+12134634007"
    for event in ({"event": "answered"}, {"event": "dead_air", "silent_s": 15.0}):
        requests.take({"call": "c1", **event}, 1.0)
    requests.take(screen_pop_message("c1", ScreenPopRows((("Name", "Ann"),), {"name": "Ann"})), 1.0)
    requests.take({"event": "transfer_failed", "call": "c1", "status": 503}, 2.0)
    requests.take(ENDED, 3.0)
    assert (record.faults, record.screen_pop, record.goodbye) == ([], {"name": "Ann"}, True)


@pytest.mark.parametrize(
    ("secret", "at", "fault"),
    [
        ("another", NOW, "X-Bridge-Signature is missing or wrong"),
        ("", NOW, "X-Bridge-Signature is missing or wrong"),
        ("s3cret", NOW - 301, "X-Bridge-Timestamp is missing or not now"),
        ("s3cret", NOW + 301, "X-Bridge-Timestamp is missing or not now"),
    ],
)
def test_a_request_that_cannot_be_trusted_is_a_fault(secret: str, at: int, fault: str) -> None:
    body = encoded(ENDED)
    assert read_request(headers(body, secret, at), body, "s3cret", NOW)[1] == [fault]


def test_a_body_that_was_changed_on_the_way_is_a_fault() -> None:
    body = encoded(ENDED)
    assert read_request(headers(body), body + b" ", "s3cret", NOW)[1] == ["X-Bridge-Signature is missing or wrong"]


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"event": "call"}', b'{"call": 7}'])
def test_a_body_that_is_no_request_is_a_fault(body: bytes) -> None:
    said, faults = read_request(headers(body), body, "", NOW)
    assert (said, len(faults)) == ({}, 1)


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"caller": None}, "call: caller is missing or of another type"),
        ({"api": "http://127.0.0.1:8080/v1/calls/c2"}, "api is not the URL of the call"),
        ({"codec": "PCMU"}, "payload_type or ptime does not fit the codec"),
    ],
)
def test_a_call_that_is_told_wrongly_is_a_fault(changed: dict[str, Any], fault: str) -> None:
    assert bot({**CALL, **changed})[1].faults == [fault]


@pytest.mark.parametrize("changed", [{"rtp": None}, {"codec": "opus"}])
def test_a_call_without_an_endpoint_cannot_be_taken(changed: dict[str, Any]) -> None:
    record = StreamBotRecord(0, 0.0)
    assert not RtpRequests(record).take_call({**CALL, **changed})
    assert record.faults == ["no rtp or no codec we speak"]


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        ({"event": "dead_air"}, "dead_air: silent_s is missing or of another type"),
        ({"event": "transfer_failed", "status": 200}, "transfer_failed: status is 200"),
        ({"event": "screen_pop", "fields": {}}, "screen_pop without fields or rows"),
        ({"event": "screen_pop", "fields": {}, "rows": [["a", "b"]]}, "screen_pop: a row is not key and value"),
        ({"event": "ended"}, "ended: fate is missing or of another type"),
        ({"event": "hello"}, "an unknown event: hello"),
    ],
)
def test_a_notice_of_another_shape_is_a_fault(said: dict[str, Any], fault: str) -> None:
    requests, record = bot()
    requests.take({"call": "c1", **said}, 1.0)
    assert record.faults == [fault]


def test_an_answer_twice_and_words_after_the_end_are_faults() -> None:
    requests, record = bot()
    for event in ("answered", "answered"):
        requests.take({"event": event, "call": "c1"}, 1.0)
    requests.take(ENDED, 2.0)
    requests.take(ENDED, 2.0)
    assert record.faults == ["answered again", "ended after ended"]
