"""How an engine is reached, from what the bridge says of it."""

import pytest
from pydantic import ValidationError

from bridge.call_facts import CallFacts
from bridge.dialects.registry import KINDS
from bridge.dialects.twilio_section import TwilioSection
from bridge.media.engine_terms import engine_terms
from bridge.media.stream_messages import DefineEngine
from tests.unit.recording_speaker import RecordingSpeaker


def defined(settings: str) -> DefineEngine:
    return DefineEngine("bot", "twilio", settings, "hush", (), ())


def test_the_settings_of_a_kind_make_its_dialects() -> None:
    section = TwilioSection(kind="twilio", url="wss://bot.example.com/media", connect_timeout_s=3, reconnect_s=7)
    terms = engine_terms(defined(section.model_dump_json()), KINDS["twilio"])
    assert (terms.name, terms.connect_timeout_s, terms.reconnect_s) == ("bot", 3, 7)
    dialect = terms.make(CallFacts("c1", "8990000001", "", "", "", "", ""), RecordingSpeaker())
    opening = dialect.opening()
    assert opening.url == "wss://bot.example.com/media"
    assert "X-Twilio-Signature" in dict(opening.headers)


@pytest.mark.parametrize(
    "settings", ["", "[]", '{"kind": "twilio", "url": "http://x"}', '{"kind": "twilio", "what": 1}']
)
def test_settings_that_are_none_are_refused(settings: str) -> None:
    with pytest.raises(ValidationError):
        engine_terms(defined(settings), KINDS["twilio"])


def test_the_secret_is_not_shown() -> None:
    assert "hush" not in repr(defined("{}"))
