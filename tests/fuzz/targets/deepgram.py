"""A Voice Agent of Deepgram's that says anything."""

import json
from collections.abc import Iterable

from bridge.dialects.deepgram import DeepgramDialect, DeepgramSection
from bridge.dialects.dialect import Dialect
from tests.fuzz.engine_stage import FACTS, TERMS, EngineStage, raw
from tests.fuzz.target import Target
from tests.unit.recording_speaker import RecordingSpeaker

_SECTION = DeepgramSection(kind="deepgram")


def _use(name: str, arguments: str) -> dict[str, object]:
    function = {"id": f"f_{name}", "name": name, "arguments": arguments, "client_side": True}
    return {"type": "FunctionCallRequest", "functions": [function]}


EXAMPLES = (
    {"type": "Welcome", "request_id": "r1"},
    {"type": "SettingsApplied"},
    {"type": "UserStartedSpeaking"},
    {"type": "ConversationText", "role": "user", "content": "I want to pay"},
    {"type": "ConversationText", "role": "assistant", "content": "Gladly."},
    _use("end_call", '{"outcome": "paid", "payment_amount": 12.5}'),
    _use("transfer_call", '{"target": "billing", "notes": "wants a person"}'),
    _use("other", "{}"),
    {"type": "FunctionCallCancelled", "functions": [{"id": "f_end_call"}]},
    {"type": "Error", "code": "TIMEOUT", "description": "too long"},
    {"type": "AgentAudioDone"},
)


def _dialect(speaker: RecordingSpeaker) -> Dialect:
    return DeepgramDialect(_SECTION, "the-key", FACTS, TERMS, speaker)


def run(data: bytes) -> None:
    """One call."""
    EngineStage(_dialect, EXAMPLES, data).run()


def seeds() -> Iterable[bytes]:
    """Each message once, after the settings are applied; then calls that end and that are transferred."""
    applied = bytes([13, 0, 0, 13, 1, 0, 5, 10])
    for number in range(2, len(EXAMPLES)):
        yield applied + bytes([13, number, 0, 2, 20])
        yield applied + raw(json.dumps(EXAMPLES[number]))
    yield (
        applied + bytes([1, 200]) + bytes(200) + bytes([0, 13, 5, 0, 13, 2, 0, 13, 8, 0, 13, 5, 0, 3, 250, 3, 250, 11])
    )
    yield applied + bytes([13, 6, 0, 3, 250, 3, 250, 6, 2, 9, 0]) + applied + bytes([4, 3, 2, 250])


WORDS = (b'{"type": "', b'"functions": [', b'"content": "', b'"id": "', b"\\u0041", b"[", b'{"a":', b"{},")

TARGET = Target(run, seeds, WORDS)
