"""A bot for Media Streams on paper: a dialect, a Speaker, and what the bot says."""

import base64
import json
from typing import Any

from bridge.call_facts import CallFacts
from bridge.dialects.kinds import DialectTerms
from bridge.dialects.twilio import TwilioDialect
from bridge.dialects.twilio_section import TwilioSection
from tests.unit.recording_speaker import RecordingSpeaker

CALL = "0123456789abcdef0123"
FACTS = CallFacts(CALL, "8990000001", "+15550100", "J. Doe", "t-1", "", "1001")
URL = "wss://bot.example.com/media"
FRAME = bytes(range(160))


class Stage:
    """A dialect and its Speaker; `tell` speaks as the bot."""

    def __init__(self, facts: CallFacts = FACTS, secret: str = "", **settings: Any) -> None:
        section = TwilioSection.model_validate({"kind": "twilio", "url": URL, **settings})
        self.speaker = RecordingSpeaker()
        self.dialect = TwilioDialect(section, secret, facts, DialectTerms(), self.speaker)
        self.speaker.dialect = self.dialect

    def connect(self, now: float = 0.0) -> dict[str, Any]:
        """What start says."""
        self.dialect.connected(now)
        connected, start = self.speaker.said()[:2]
        assert connected == {"event": "connected", "protocol": "Call", "version": "1.0.0"}
        self.sid = start["streamSid"]
        return start

    def tell(self, **said: Any) -> None:
        self.dialect.text(json.dumps(said), 0.0)

    def play(self, ms: int) -> None:
        payload = base64.b64encode(b"\x55" * 8 * ms).decode()
        self.tell(event="media", streamSid=self.sid, media={"payload": payload})

    def mark(self, name: str) -> None:
        self.tell(event="mark", streamSid=self.sid, mark={"name": name})
