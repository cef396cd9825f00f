"""[sans-IO] What one engine's stream says to the bridge: bounded, because an engine decides what is in it."""

import json
from collections.abc import Callable

from bridge.dialects.dialect import Fact
from bridge.media.stream_messages import (
    StreamEnded,
    StreamEvent,
    StreamFailed,
    StreamNote,
    StreamReady,
    StreamRecording,
    StreamTool,
    StreamTranscript,
    StreamVerdict,
)
from bridge.media.stream_state import Over
from bridge.verdicts import Complete, Verdict

#: Characters of a text, and of a fact of a note or a reason; what is longer is cut.
MAX_TEXT, MAX_FACT = 8_000, 200
#: Facts of a note.
MAX_FACTS = 20
#: Characters of a function's arguments, and of its id and name; what is longer cannot be cut and is not forwarded.
MAX_ARGUMENTS, MAX_ID = 64_000, 200
#: Verdicts of one engine that are passed on.
MAX_VERDICTS = 100
#: So many notes, texts and functions may come at once, and so many a second go on; more are left out.
BURST, RATE_PER_S = 200.0, 20.0


class StreamReports:
    """Makes the events of one stream; after its end there are none."""

    def __init__(self, call: str, stream: int, report: Callable[[StreamEvent], None]) -> None:
        self.left_out = 0
        self._verdicts = 0
        self._call, self._stream = call, stream
        self._tell = report
        self._over = False
        self._allowance, self._since = BURST, 0.0

    def ready(self) -> None:
        """The engine can talk."""
        self._say(StreamReady(self._call, self._stream))

    def over(self, over: Over) -> None:
        """The stream has ended."""
        reason = over.reason[:MAX_FACT]
        if over.was_ready:
            self._say(StreamEnded(self._call, self._stream, over.lost, reason, over.verdict))
        else:
            self._say(StreamFailed(self._call, self._stream, reason))
        self._over = True

    def note(self, what: str, facts: dict[str, Fact], now: float) -> None:
        """An entry of the timeline."""
        if self._may(now):
            short = {name[:MAX_FACT]: _short(value) for name, value in list(facts.items())[:MAX_FACTS]}
            self._say(StreamNote(self._call, self._stream, what[:MAX_FACT], json.dumps(short)))

    def last_note(self, what: str, **facts: Fact) -> None:
        """One of ours with which the stream ends; never left out."""
        self._say(StreamNote(self._call, self._stream, what, json.dumps(facts)))

    def transcript(self, role: str, text: str, now: float) -> None:
        """What was said."""
        if text and self._may(now):
            self._say(StreamTranscript(self._call, self._stream, role, text[:MAX_TEXT]))

    def verdict(self, verdict: Verdict) -> None:
        """What the bot wants to become of the call."""
        self._verdicts += 1
        if self._verdicts > MAX_VERDICTS:
            self.left_out += 1
            return
        if isinstance(verdict, Complete):
            self._say(StreamVerdict(self._call, self._stream, complete=verdict))
        else:
            self._say(StreamVerdict(self._call, self._stream, transfer=verdict))

    def recording(self, paused: bool, now: float) -> None:
        """The bot wants the recording paused, or to go on. A pause is never left out."""
        if paused or self._may(now):
            self._say(StreamRecording(self._call, self._stream, paused))

    def tool(self, id: str, name: str, arguments: str, now: float) -> bool:
        """A function for others to carry out; False when it is not passed on."""
        if len(arguments) > MAX_ARGUMENTS or max(len(id), len(name)) > MAX_ID or not self._may(now):
            return False
        self._say(StreamTool(self._call, self._stream, id, name, arguments))
        return True

    def _say(self, event: StreamEvent) -> None:
        if not self._over:
            self._tell(event)

    def _may(self, now: float) -> bool:
        self._allowance = min(BURST, self._allowance + (now - self._since) * RATE_PER_S)
        self._since = now
        if self._allowance < 1:
            self.left_out += 1
            return False
        self._allowance -= 1
        return True


def _short(value: Fact) -> Fact:
    return value[:MAX_FACT] if isinstance(value, str) else value
