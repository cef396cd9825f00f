import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.dialects.openai_events import (
    MAX_ID,
    Complaint,
    audio_in,
    count_in,
    id_in,
    object_in,
    objects_in,
    read_event,
    words_in,
    wrong_format,
)
from bridge.errors import InvalidEngineMessage
from tests.unit.openai_stage import talking

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                sorted(
                    {
                        "id",
                        "item",
                        "response",
                        "session",
                        "error",
                        "delta",
                        "item_id",
                        "response_id",
                        "call_id",
                        "name",
                        "usage",
                        "arguments",
                        "output",
                        "status",
                        "transcript",
                        "type",
                        "code",
                        "message",
                        "event_id",
                        "audio",
                        "format",
                        "input",
                        "status_details",
                        "input_tokens",
                        "input_token_details",
                    }
                )
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=12,
)
KINDS = st.sampled_from(
    [
        "session.created",
        "session.updated",
        "error",
        "input_audio_buffer.speech_started",
        "response.created",
        "input_audio_buffer.speech_stopped",
        "response.output_audio.delta",
        "response.output_audio_transcript.delta",
        "response.output_audio_transcript.done",
        "response.function_call_arguments.done",
        "response.output_item.done",
        "response.done",
        "conversation.item.input_audio_transcription.completed",
    ]
)


@given(
    st.lists(
        st.tuples(
            KINDS,
            st.dictionaries(
                st.sampled_from(
                    [
                        "response",
                        "item",
                        "delta",
                        "item_id",
                        "error",
                        "response_id",
                        "call_id",
                        "session",
                        "transcript",
                        "arguments",
                        "name",
                    ]
                ),
                JSON,
                max_size=6,
            ),
        ),
        max_size=8,
    )
)
def test_whatever_a_server_sends_nothing_but_invalid_messages_come_of_it(events: list[tuple[str, Any]]) -> None:
    stage = talking()
    for kind, fields in events:
        try:
            stage.dialect.text(json.dumps({**fields, "type": kind}), 0.0)
        except InvalidEngineMessage:
            continue
    stage.dialect.hang_up("finished")
    stage.said()


@given(st.text())
def test_any_text_is_an_event_or_invalid(text: str) -> None:
    try:
        assert isinstance(read_event(text)["type"], str)
    except InvalidEngineMessage:
        pass


def test_what_is_missing_is_empty_and_what_is_needed_is_said() -> None:
    event = {"type": "x", "n": 3, "o": {"p": {"q": 1}}, "l": [{"a": 1}, 2], "t": True, "long": "x" * (MAX_ID + 1)}
    assert (words_in(event, "n"), words_in(event, "no")) == ("", "")
    assert (object_in(event, "o", "p"), object_in(event, "n", "p"), object_in(event, "no")) == ({"q": 1}, {}, {})
    assert (objects_in(event, "l"), objects_in(event, "n")) == ([{"a": 1}], [])
    assert (count_in(event, "n"), count_in(event, "t"), count_in({"n": -4}, "n"), count_in(event, "no")) == (3, 0, 0, 0)
    for key in ("n", "no", "long"):
        with pytest.raises(InvalidEngineMessage, match=f"x has no {key}"):
            id_in(event, key)
    with pytest.raises(InvalidEngineMessage, match="x has no audio"):
        audio_in(event, "n")


@pytest.mark.parametrize(
    ("error", "words"),
    [
        ({"code": "a", "message": "b\nc"}, "a: b c"),
        ({"code": None, "type": "server_error", "message": ""}, "server_error"),
        ({}, "unknown"),
        ({"code": "bad", "message": "key top-secret and sk-proj-AbC_123 and xai-12345"}, "bad: key … and … and …"),
    ],
)
def test_a_complaint_is_said_without_secrets(error: dict[str, Any], words: str) -> None:
    assert Complaint.of(error).without("top-secret") == words


def test_a_complaint_is_short() -> None:
    assert len(Complaint.of({"code": "x" * 999, "message": "y" * 9999}).without("")) <= 200


@pytest.mark.parametrize(("code", "final"), [("insufficient_quota", True), ("session_expired", False), ("x", False)])
def test_some_complaints_are_final(code: str, final: bool) -> None:
    assert Complaint.of({"code": code}).final is final


def test_formats_are_compared_by_their_type() -> None:
    good = {"format": {"type": "audio/pcmu", "rate": 8000}}
    assert wrong_format({"input": good, "output": good}, "audio/pcmu") == ""
