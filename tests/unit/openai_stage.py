"""A call at a Realtime server that exists on paper: the test says the server's events, and reads ours."""

import base64
import json
from typing import Any

from bridge.call_facts import CallFacts, ScreenPopRows
from bridge.dialects.kinds import DialectTerms
from bridge.dialects.openai import KIND, OpenAIDialect
from bridge.dialects.openai_section import OpenAISection
from tests.openai_types import check_client_event, check_server_event
from tests.unit.recording_speaker import RecordingSpeaker

FACTS = CallFacts("abcdefghij0123456789", "8990000001", "5551234567", "Jane Roe", "T1", "S1", "V1")
TERMS = DialectTerms(("paid", "refused"), ("collections", "billing"))
POP = ScreenPopRows((("First Name", "Jane"), ("BALANCE", "12.50")), {"firstname": "Jane", "balance": "12.50"})

#: 100 ms.
SOUND = bytes(range(100)) * 8


class Stage:
    """One call. Every event of ours is checked against the API's types when it is read."""

    def __init__(self, terms: DialectTerms = TERMS, **settings: Any) -> None:
        self.section = OpenAISection.model_validate({"kind": "openai", "url": "wss://ai.test/v1", **settings})
        self.speaker = RecordingSpeaker()
        self.dialect = KIND.make(self.section, "sk-secret", FACTS, terms, self.speaker)
        assert isinstance(self.dialect, OpenAIDialect)
        self.speaker.dialect = self.dialect
        self._count = 0

    # What the server says

    def event(self, kind: str, **fields: Any) -> None:
        """A server event, checked; the time is the speaker's."""
        self._count += 1
        text = json.dumps({"type": kind, "event_id": f"event_{self._count}", **fields})
        check_server_event(text)
        self.dialect.text(text, self.speaker.now)

    def connect(self) -> None:
        """A WebSocket opens, and the server accepts what it is asked for."""
        self.dialect.connected(self.speaker.now)
        self.event("session.created", session={"type": "realtime"})
        self.updated()

    def updated(self, heard: Any = "audio/pcmu", said: Any = "audio/pcmu") -> None:
        """The server says which formats it takes."""
        formats = [{"type": each} if isinstance(each, str) else each for each in (heard, said)]
        audio = {"input": {"format": formats[0]}, "output": {"format": formats[1]}}
        self.event("session.updated", session={"type": "realtime", "audio": audio})

    def created(self, response: str = "resp_1") -> None:
        """A response begins."""
        self.event("response.created", response={"id": response, "object": "realtime.response"})

    def audio(self, item: str = "item_1", pieces: int = 1, response: str = "resp_1") -> None:
        """So many times 100 ms of an item."""
        for _ in range(pieces):
            where = {"response_id": response, "item_id": item, "output_index": 0, "content_index": 0}
            self.event("response.output_audio.delta", **where, delta=base64.b64encode(SOUND).decode())

    def words(self, words: str, item: str = "item_1", response: str = "resp_1") -> None:
        """All words of an item."""
        where = {"response_id": response, "item_id": item, "output_index": 0, "content_index": 0}
        self.event("response.output_audio_transcript.done", **where, transcript=words)

    def done(self, response: str = "resp_1", status: str = "completed", **fields: Any) -> None:
        """A response is over."""
        shown = {"id": response, "object": "realtime.response", "status": status, "output": [], **fields}
        self.event("response.done", response=shown)

    def say(self, pieces: int = 3, item: str = "item_1", response: str = "resp_1", words: str = "") -> None:
        """A whole response of speech."""
        self.created(response)
        self.audio(item, pieces, response)
        if words:
            self.words(words, item, response)
        self.done(response)

    def call_function(
        self, name: str, arguments: Any, call: str = "call_1", response: str = "resp_1", status: str = "completed"
    ) -> None:
        """The model calls a function, in a response that has begun."""
        text = arguments if isinstance(arguments, str) else json.dumps(arguments)
        said = {"call_id": call, "name": name, "arguments": text}
        where = {"response_id": response, "output_index": 0}
        self.event("response.function_call_arguments.done", **where, item_id=f"item_{call}", **said)
        item = {"id": f"item_{call}", "type": "function_call", "status": status, **said}
        self.event("response.output_item.done", **where, item=item)

    def act(self, name: str, arguments: Any, response: str = "resp_1", speech: int = 0) -> None:
        """A whole response with a function call, and speech before it."""
        self.created(response)
        if speech:
            self.audio(f"item_of_{response}", speech, response)
        self.call_function(name, arguments, f"call_of_{response}", response)
        self.done(response)

    def customer_speaks(self) -> None:
        """The server hears the customer."""
        self.event("input_audio_buffer.speech_started", audio_start_ms=0, item_id="item_customer")

    def customer_stops(self) -> None:
        """The server hears the customer no more."""
        self.event("input_audio_buffer.speech_stopped", audio_end_ms=900, item_id="item_customer")

    def error(self, code: str | None, message: str = "", event: str | None = None) -> None:
        """The server complains."""
        self.event(
            "error", error={"type": "invalid_request_error", "code": code, "message": message, "event_id": event}
        )

    # What we say

    def said(self, kind: str = "") -> list[dict[str, Any]]:
        """Our events since the last time, or those of one type among them."""
        for message in self.speaker.sent:
            check_client_event(message)
        return [event for event in self.speaker.said() if kind in ("", event["type"])]

    def kinds(self) -> list[str]:
        """The types of our events since the last time."""
        return [event["type"] for event in self.said()]

    def outputs(self) -> list[tuple[str, Any]]:
        """What functions answered since the last time: call id and JSON."""
        items = [event["item"] for event in self.said("conversation.item.create")]
        return [
            (item["call_id"], json.loads(item["output"])) for item in items if item["type"] == "function_call_output"
        ]

    def passes(self, seconds: float) -> None:
        """Time passes, and the dialect's deadlines with it."""
        end = self.speaker.now + seconds
        while self.dialect.deadline is not None and self.dialect.deadline <= end:
            self.speaker.now = max(self.speaker.now, self.dialect.deadline)
            self.dialect.expire(self.speaker.now)
        self.speaker.now = end


def ready(**settings: Any) -> Stage:
    """A call whose session is ready; what was said so far is read away."""
    stage = Stage(**settings)
    stage.connect()
    stage.said()
    return stage


def talking(**settings: Any) -> Stage:
    """A call that is ready, and where the bot waits for the customer."""
    return ready(**{"greet_first": False, **settings})
