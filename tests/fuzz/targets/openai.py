"""A Realtime server that says anything."""

import json
from collections.abc import Iterable
from typing import Any

from bridge.dialects.dialect import Dialect
from bridge.dialects.openai import OpenAIDialect
from bridge.dialects.openai_section import OpenAISection
from tests.fuzz.engine_stage import FACTS, TERMS, EngineStage, raw
from tests.fuzz.target import Target
from tests.unit.recording_speaker import RecordingSpeaker

_TOOL = {"name": "find_order", "url": "http://127.0.0.1:1/x"}
_SECTION = OpenAISection.model_validate(
    {"kind": "openai", "url": "wss://ai.test/v1", "send_digits": True, "session_limit_s": 60, "tools": [_TOOL]}
    | {"instructions": "You talk to {First Name}.", "greeting": "Greet {caller}."}
)
_AUDIO = {"input": {"format": {"type": "audio/pcmu"}}, "output": {"format": {"type": "audio/pcmu"}}}
_WHERE = {"response_id": "resp_1", "item_id": "item_1", "output_index": 0, "content_index": 0}
_USED = {
    "input_tokens": 9,
    "output_tokens": 5,
    "input_token_details": {"cached_tokens": 1, "audio_tokens": 2, "text_tokens": 3},
    "output_token_details": {"audio_tokens": 2, "text_tokens": 3},
}


def _call(name: str, arguments: str) -> dict[str, Any]:
    return {
        "type": "function_call",
        "call_id": f"c_{name}",
        "name": name,
        "arguments": arguments,
        "status": "completed",
    }


def _done(status: str, *output: dict[str, Any]) -> dict[str, Any]:
    failed = {"error": {"code": "rate_limit_exceeded", "message": "slower, sk-abcdef"}}
    response = {"id": "resp_1", "status": status, "output": output, "usage": _USED, "status_details": failed}
    return {"type": "response.done", "response": response}


EXAMPLES = (
    {"type": "session.created", "session": {"type": "realtime"}},
    {"type": "session.updated", "session": {"type": "realtime", "audio": _AUDIO}},
    {"type": "response.created", "response": {"id": "resp_1"}},
    {"type": "response.output_audio.delta", "delta": "VVVV" * 200, **_WHERE},
    {"type": "response.output_audio_transcript.delta", "delta": "Hello ", **_WHERE},
    {"type": "response.output_audio_transcript.done", "transcript": "Hello there.", **_WHERE},
    {"type": "response.output_item.done", "response_id": "resp_1", "item": {"id": "item_1", "type": "message"}},
    {"type": "input_audio_buffer.speech_started", "audio_start_ms": 0},
    {"type": "input_audio_buffer.speech_stopped", "audio_end_ms": 900},
    {"type": "conversation.item.input_audio_transcription.completed", "item_id": "i", "transcript": "I want to pay"},
    {"type": "error", "error": {"type": "invalid_request_error", "code": "x", "message": "No.", "event_id": "ask-1"}},
    {"type": "error", "error": {"code": "conversation_already_has_active_response", "message": ""}},
    {"type": "response.function_call_arguments.done", **_call("find_order", '{"id": 5}'), **_WHERE},
    {"type": "response.output_item.done", "response_id": "resp_1", "item": _call("send_digits", '{"digits": "1 2#"}')},
    _done("completed"),
    _done("failed"),
    _done("cancelled", _call("end_call", "{}")),
    _done("completed", _call("find_order", '{"id": 5}'), _call("send_digits", '{"digits": "12#"}')),
    _done("completed", _call("transfer_call", '{"target": "billing", "outcome": "refused", "notes": "x"}')),
    _done("completed", _call("end_call", '{"outcome": "paid", "payment_amount": "12.50"}')),
)


def _dialect(speaker: RecordingSpeaker) -> Dialect:
    return OpenAIDialect(_SECTION, "sk-secret", FACTS, TERMS, speaker)


def run(data: bytes) -> None:
    """One call."""
    EngineStage(_dialect, EXAMPLES, data).run()


def seeds() -> Iterable[bytes]:
    """Each message once in a session that is ready; then a call with a barge-in, a function and a transfer."""
    ready = bytes([13, 0, 0, 13, 1, 0, 5, 10])
    for number in range(2, len(EXAMPLES)):
        yield ready + bytes([13, number, 0, 2, 20])
        yield ready + raw(json.dumps(EXAMPLES[number]))
    speech = bytes([13, 2, 0, 13, 3, 0, 13, 3, 0, 13, 5, 0, 13, 6, 0])
    yield ready + speech + bytes([2, 5, 13, 7, 0, 13, 14, 0, 13, 8, 0, 13, 17, 0, 7, 3, 250])
    yield (
        ready + speech + bytes([13, 18, 0, 3, 250, 3, 250, 6, 2, 9, 0]) + ready + bytes([13, 19, 0, 4, 11, 2, 250, 11])
    )


WORDS = (b'{"type": "', b'"item": ', b'"delta": "', b'"call_id": "', b"sk-", b"\\u0041", b"[", b'{"a":', b"{},")

TARGET = Target(run, seeds, WORDS)
