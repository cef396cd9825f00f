"""What a dialect can do for its call: the Speaker that the media process gives it."""

import asyncio
import json
import time

from bridge.dialects.dialect import Cut, Fact
from bridge.media.playout import Playout
from bridge.media.stream import Stream
from bridge.verdicts import Verdict


class StreamSpeaker:
    """Hands everything to the stream or to the queue of its call's audio; nothing is done for a stream that is over."""

    def __init__(self, stream: Stream, playout: Playout) -> None:
        self._stream = stream
        self._playout = playout
        #: Said fifty times a second for each call.
        self.send = stream.line.send

    def play(self, audio: bytes, item: str = "") -> None:
        if not self._stream.over:
            self._playout.play(audio, item)

    def mark(self, name: str) -> None:
        if not self._stream.over:
            self._playout.mark(name, time.monotonic())

    def clear(self) -> Cut:
        return Cut("", 0) if self._stream.over else self._playout.clear(time.monotonic())

    def played_ms(self, item: str) -> int:
        return self._playout.played_ms(item)

    @property
    def waiting_ms(self) -> int:
        return 0 if self._stream.over else self._playout.waiting_ms

    def press(self, digits: str) -> None:
        self._stream.press(digits)

    def ready(self) -> None:
        self._stream.ready()

    def fail(self, reason: str) -> None:
        self._stream.fail(reason)

    def say(self, verdict: Verdict) -> None:
        self._stream.reports.verdict(verdict)

    def record(self, on: bool) -> None:
        self._stream.reports.recording(not on, time.monotonic())

    def goodbye(self, verdict: Verdict | None) -> None:
        self._stream.goodbye(verdict)

    def note(self, what: str, **facts: Fact) -> None:
        self._stream.reports.note(what, facts, time.monotonic())

    def transcript(self, role: str, text: str) -> None:
        self._stream.reports.transcript(role, text, time.monotonic())

    def use_tool(self, id: str, name: str, arguments: str) -> None:
        if not self._stream.reports.tool(id, name, arguments, time.monotonic()):
            output = json.dumps({"error": "this function cannot be used now"})
            asyncio.get_running_loop().call_soon(self._stream.tool_answered, id, output)

    def renew(self) -> None:
        self._stream.renew()
