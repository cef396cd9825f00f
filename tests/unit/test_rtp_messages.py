"""What an RTP engine is told, and what its answer to a call means."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.call_facts import CallFacts, ScreenPopRows
from bridge.engines.events import EngineMedia
from bridge.engines.rtp_messages import call_message, encoded, engine_media, screen_pop_message
from bridge.errors import EngineDeclined
from sip.messages import Codec, MediaOffer

FACTS = CallFacts("c1", "8990000001", "+12134634007", "Ann", "108821676850", "U5@10.1.2.3", "46014")
MEDIA = MediaOffer("203.0.113.10", 20002, (Codec.PCMA, Codec.PCMU), 101)


def answered(content: Any, status: int = 200, media: MediaOffer = MEDIA) -> EngineMedia:
    raw = content if isinstance(content, bytes) else json.dumps(content).encode()
    return engine_media(status, raw, False, media)


def declined(content: Any, status: int = 200, *, cut: bool = False) -> EngineDeclined:
    raw = content if isinstance(content, bytes) else json.dumps(content).encode()
    with pytest.raises(EngineDeclined) as caught:
        engine_media(status, raw, cut, MEDIA)
    return caught.value


def test_the_call_is_told_with_its_facts_and_our_endpoint() -> None:
    assert call_message(FACTS, MEDIA, "https://bridge.example.com/") == {
        "event": "call",
        "call": "c1",
        "agent_number": "8990000001",
        "caller": "+12134634007",
        "caller_name": "Ann",
        "transaction_id": "108821676850",
        "session_id": "U5@10.1.2.3",
        "service_id": "46014",
        "codec": "PCMA",
        "rtp": {"address": "203.0.113.10", "port": 20002, "payload_type": 8, "telephone_event": 101, "ptime": 20},
        "api": "https://bridge.example.com/v1/calls/c1",
    }


def test_the_screen_pop_keeps_its_rows_in_order() -> None:
    pop = ScreenPopRows((("First Name", "Ann"), ("Account", "7")), {"first_name": "Ann", "account": "7"})
    assert screen_pop_message("c1", pop) == {
        "event": "screen_pop",
        "call": "c1",
        "fields": {"first_name": "Ann", "account": "7"},
        "rows": [{"key": "First Name", "value": "Ann"}, {"key": "Account", "value": "7"}],
    }


def test_a_name_that_is_no_utf_8_can_be_told_all_the_same() -> None:
    assert json.loads(encoded({"caller_name": "\ud800Ann"})) == {"caller_name": "\ud800Ann"}


def test_the_engine_says_where_its_rtp_is() -> None:
    said = answered({"rtp": {"address": "198.51.100.7", "port": 4000, "telephone_event": 96}, "more": 1})
    assert said == EngineMedia("198.51.100.7", 4000, Codec.PCMA, 96)


@pytest.mark.parametrize(("rtp", "payload_type"), [({}, 101), ({"telephone_event": None}, None)])
def test_keys_come_as_we_offered_unless_the_engine_wants_none(rtp: dict[str, Any], payload_type: int | None) -> None:
    said = answered({"rtp": {"address": "127.0.0.1", "port": 4000, **rtp}})
    assert said.telephone_event == payload_type


def test_no_keys_were_offered_and_none_are_asked_for() -> None:
    media = MediaOffer("203.0.113.10", 20002, (Codec.PCMU,), None)
    assert answered({"rtp": {"address": "127.0.0.1", "port": 4000}}, media=media).telephone_event is None


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ({"reason": "busy"}, "the engine declined with 409: busy"),
        ({"reason": " two\r\nlines\x00"}, "the engine declined with 409: two  lines"),
        ({"reason": "a" * 300}, "the engine declined with 409: " + "a" * 200),
        ({"reason": 7}, "the engine declined with 409"),
        (b"busy", "the engine declined with 409"),
        (b"", "the engine declined with 409"),
    ],
)
def test_4xx_declines_with_a_reason_if_there_is_one(content: Any, reason: str) -> None:
    refusal = declined(content, 409)
    assert (str(refusal), refusal.maybe_taken) == (reason, False)


@pytest.mark.parametrize("status", [201, 204, 302, 500, 503])
def test_any_other_status_is_no_engine(status: int) -> None:
    assert str(declined({"rtp": {"address": "127.0.0.1", "port": 4000}}, status)) == (
        f"the engine answered {status} instead of 200"
    )


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe",
        b"[" * 10_000,
        [],
        {},
        {"rtp": "127.0.0.1:4000"},
        {"rtp": {"address": "127.0.0.1"}},
        {"rtp": {"address": "127.0.0.1", "port": "4000"}},
        {"rtp": {"address": "127.0.0.1", "port": True}},
        {"rtp": {"address": "127.0.0.1", "port": 4000.0}},
        {"rtp": {"address": 2130706433, "port": 4000}},
        {"rtp": {"address": "localhost", "port": 4000}},
        {"rtp": {"address": "::1", "port": 4000}},
        {"rtp": {"address": "0.0.0.0", "port": 4000}},
        {"rtp": {"address": "224.0.0.1", "port": 4000}},
        {"rtp": {"address": "255.255.255.255", "port": 4000}},
        {"rtp": {"address": "127.0.0.1", "port": 0}},
        {"rtp": {"address": "127.0.0.1", "port": 65536}},
        {"rtp": {"address": "127.0.0.1", "port": -1}},
        {"rtp": {"address": "127.0.0.1", "port": 4000, "telephone_event": 0}},
        {"rtp": {"address": "127.0.0.1", "port": 4000, "telephone_event": 128}},
        {"rtp": {"address": "127.0.0.1", "port": 4000, "telephone_event": "101"}},
        {"rtp": {"address": "127.0.0.1", "port": 4000, "telephone_event": False}},
    ],
)
def test_an_answer_without_a_usable_endpoint_is_refused_and_the_engine_may_think_otherwise(content: Any) -> None:
    assert declined(content).maybe_taken


def test_an_answer_that_is_too_long_is_refused() -> None:
    assert "more than 16384 bytes" in str(declined({"rtp": {"address": "127.0.0.1", "port": 4000}}, cut=True))


@given(st.integers(100, 599), st.binary(max_size=200))
def test_whatever_is_answered_is_an_endpoint_or_a_reason(status: int, content: bytes) -> None:
    try:
        engine_media(status, content, False, MEDIA)
    except EngineDeclined as exc:
        assert exc.reason.isprintable()
