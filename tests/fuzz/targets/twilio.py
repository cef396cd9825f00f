"""A bot of Twilio's Media Streams that says anything."""

import json
from collections.abc import Iterable

from bridge.dialects.dialect import Dialect
from bridge.dialects.twilio import TwilioDialect
from bridge.dialects.twilio_section import TwilioSection
from tests.fuzz.engine_stage import FACTS, TERMS, EngineStage, raw
from tests.fuzz.target import Target
from tests.unit.recording_speaker import RecordingSpeaker

_SECTION = TwilioSection.model_validate({"kind": "twilio", "url": "wss://bot.example.com/media"})

EXAMPLES = (
    {"event": "media", "media": {"payload": "VVVVVVVV"}},
    {"event": "mark", "mark": {"name": "end of greeting"}},
    {"event": "clear"},
    {"event": "complete", "outcome": "paid", "notes": "Paid in full.", "payment_amount": "12.50"},
    {"event": "transfer", "target": "collections", "outcome": "refused", "notes": "Wants a person."},
    {"event": "send_digits", "digits": "12#"},
    {"event": "media", "streamSid": "MZ0", "media": {"payload": "VQ=="}},
    {"event": "vendor.event", "streamSid": None},
)


def _dialect(speaker: RecordingSpeaker) -> Dialect:
    return TwilioDialect(_SECTION, "secret", FACTS, TERMS, speaker)


def run(data: bytes) -> None:
    """One call."""
    EngineStage(_dialect, EXAMPLES, data).run()


def seeds() -> Iterable[bytes]:
    """Each message once; then a call with a mark, a barge-in and a transfer."""
    for number, example in enumerate(EXAMPLES):
        yield bytes([10, 13, number, 0, 2, 20])
        yield bytes([10]) + raw(json.dumps(example))
    yield bytes([10, 13, 0, 0, 13, 1, 0, 13, 4, 0, 13, 2, 0, 3, 200, 6, 2, 9, 0, 13, 3, 0, 11])


WORDS = (b'{"event": "', b'"media": ', b'"payload": "', b'"name": "', b"VVVV", b"\\u0041", b"[", b'{"a":')

TARGET = Target(run, seeds, WORDS)
