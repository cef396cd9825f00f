"""Every client event that the dialect can send is one of the API's, with no field that the API does not know."""

import base64
import json
from typing import Any

import pytest
from pydantic import ValidationError

from bridge.dialects import openai_messages as messages
from bridge.dialects.openai_functions import functions
from bridge.dialects.openai_section import OpenAISection
from tests.openai_types import check_client_event, check_server_event
from tests.unit.openai_stage import TERMS

FULL: dict[str, Any] = {
    "voice": "cedar",
    "speed": 1.1,
    "noise_reduction": "far_field",
    "transcription": "gpt-transcribe",
    "send_digits": True,
    "turn_detection": {"type": "semantic_vad", "eagerness": "low", "create_response": True, "interrupt_response": True},
    "session": {
        "max_output_tokens": 4096,
        "reasoning": {"effort": "low"},
        "truncation": {"type": "retention_ratio", "retention_ratio": 0.8},
        "parallel_tool_calls": True,
    },
    "tools": [{"name": "find_order", "description": "Finds it.", "url": "https://crm.test/order"}],
}


def section(**settings: Any) -> OpenAISection:
    return OpenAISection.model_validate({"kind": "openai", **settings})


@pytest.mark.parametrize("settings", [{}, FULL, {"voice": "", "transcription": ""}])
def test_the_session_update_is_the_apis(settings: dict[str, Any]) -> None:
    chosen = section(**settings)
    check_client_event(messages.session_update(chosen, "Be brief.", functions(chosen, TERMS)))


def test_the_session_update_says_what_the_settings_say() -> None:
    chosen = section(**FULL)
    session = json.loads(messages.session_update(chosen, "Be brief.", functions(chosen, TERMS)))["session"]
    assert session["audio"] == {
        "input": {
            "format": {"type": "audio/pcmu"},
            "turn_detection": FULL["turn_detection"],
            "noise_reduction": {"type": "far_field"},
            "transcription": {"model": "gpt-transcribe"},
        },
        "output": {"format": {"type": "audio/pcmu"}, "voice": "cedar", "speed": 1.1},
    }
    assert session["reasoning"] == {"effort": "low"}
    assert session["output_modalities"] == ["audio"]
    assert [tool["name"] for tool in session["tools"]] == ["end_call", "transfer_call", "send_digits", "find_order"]


def test_what_is_left_empty_is_left_to_the_server() -> None:
    chosen = section(voice="", transcription="")
    audio = json.loads(messages.session_update(chosen, "", []))["session"]["audio"]
    assert audio["input"].keys() == {"format", "turn_detection"}
    assert audio["output"].keys() == {"format"}


@pytest.mark.parametrize(
    "event",
    [
        messages.append(bytes(range(160))),
        messages.append(b""),
        messages.instructions_update("Be kind."),
        messages.message("system", 'Say "yes".\n\ud800 é'),
        messages.message("user", "hello"),
        messages.message("assistant", "hello"),
        messages.function_output("call_1", '{"ok": true}'),
        messages.truncate("item_1", 420),
        messages.delete("item_1"),
        messages.cancel("resp_1"),
        messages.cancel(""),
        messages.create("ask-1"),
        messages.create("ask-1", "Greet them."),
    ],
)
def test_every_other_event_is_the_apis(event: str) -> None:
    check_client_event(event)


def test_audio_is_appended_as_base64() -> None:
    audio = bytes(range(160))
    event = json.loads(messages.append(audio))
    assert event == {"type": "input_audio_buffer.append", "audio": base64.b64encode(audio).decode()}


def test_these_checks_see_a_wrong_value_and_an_unknown_field() -> None:
    with pytest.raises(ValidationError):
        check_client_event('{"type": "conversation.item.truncate", "item_id": "x", "content_index": 0}')
    with pytest.raises(AssertionError, match=r"session\.audio\.input\.codec"):
        check_client_event(
            '{"type": "session.update", "session": {"type": "realtime", "audio": {"input": {"codec": "pcmu"}}}}'
        )
    with pytest.raises(ValidationError):
        check_server_event('{"type": "response.done", "event_id": "e"}')
