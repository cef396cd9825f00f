"""The simulated API is as strict as the vendor's: what it takes and refuses of a client."""

from typing import Any

import pytest

from bridge.simulator.errors import EventRefused
from bridge.simulator.openai_schema import EVENTS, ITEMS


def refusal(event: dict[str, Any]) -> tuple[str, str | None]:
    with pytest.raises(EventRefused) as caught:
        EVENTS[event["type"]].check(event, "")
    return caught.value.code, caught.value.param


def update(**session: Any) -> dict[str, Any]:
    return {"type": "session.update", "session": {"type": "realtime", **session}}


@pytest.mark.parametrize(
    "event",
    [
        update(),
        update(audio={"input": {"turn_detection": None, "transcription": None, "noise_reduction": None}}),
        update(audio={"output": {"speed": 1, "voice": "marin", "format": {"type": "audio/pcm", "rate": 24000}}}),
        {"type": "response.create", "event_id": "e1"},
        {"type": "response.create", "response": {"instructions": "x", "conversation": "none"}},
        {"type": "response.cancel", "response_id": "r1"},
    ],
)
def test_what_the_api_knows_is_taken(event: dict[str, Any]) -> None:
    EVENTS[event["type"]].check(event, "")


@pytest.mark.parametrize(
    ("event", "code", "param"),
    [
        ({"type": "session.update"}, "missing_required_parameter", "session"),
        ({"type": "session.update", "session": {}}, "missing_required_parameter", "session.type"),
        (update(modalities=["audio"]), "unknown_parameter", "session.modalities"),
        (update(input_audio_format="g711_ulaw"), "unknown_parameter", "session.input_audio_format"),
        (update(audio={"output": {"speed": 2}}), "invalid_value", "session.audio.output.speed"),
        (update(audio={"output": {"speed": True}}), "invalid_value", "session.audio.output.speed"),
        (update(audio={"input": {"format": {"type": "pcmu"}}}), "invalid_value", "session.audio.input.format.type"),
        (update(audio={"input": 3}), "invalid_value", "session.audio.input"),
        (update(tools=[{"type": "function"}]), "missing_required_parameter", "session.tools[0].name"),
        (update(tools={}), "invalid_value", "session.tools"),
        ({"type": "response.cancel", "response": "r1"}, "unknown_parameter", "response"),
        (
            {"type": "conversation.item.truncate", "item_id": "i", "content_index": 0, "audio_end_ms": True},
            "invalid_value",
            "audio_end_ms",
        ),
        (
            {"type": "conversation.item.truncate", "item_id": "i", "content_index": 0, "audio_end_ms": 1.5},
            "invalid_value",
            "audio_end_ms",
        ),
    ],
)
def test_what_it_does_not_know_is_refused_with_its_place(event: dict[str, Any], code: str, param: str) -> None:
    assert refusal(event) == (code, param)


def test_an_assistants_words_are_output() -> None:
    shape = ITEMS["message", "assistant"]
    shape.check({"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "x"}]}, "item")
    with pytest.raises(EventRefused):
        shape.check({"type": "message", "role": "assistant", "content": [{"type": "input_text", "text": "x"}]}, "item")
