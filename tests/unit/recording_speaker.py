"""A Speaker that keeps what a dialect did, with a queue of audio that the test plays by hand."""

import json
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from bridge.dialects.dialect import Cut, Dialect, Fact
from bridge.verdicts import Verdict

_BYTES_PER_MS = 8


@dataclass
class _Queued:
    """Audio, or a mark when it has a name and no bytes."""

    left: int
    item: str = ""
    mark: str = ""


@dataclass
class RecordingSpeaker:
    """All that a dialect said and did, in lists. `dialect` must be set before marks are used."""

    dialect: Dialect | None = None
    now: float = 0.0
    sent: list[str | bytes] = field(default_factory=list)
    played: bytearray = field(default_factory=bytearray)
    """What was queued for the customer, cleared or not."""
    readies: int = 0
    failed: list[str] = field(default_factory=list)
    verdicts: list[Verdict] = field(default_factory=list)
    goodbyes: list[Verdict | None] = field(default_factory=list)
    pressed: str = ""
    notes: list[tuple[str, dict[str, Fact]]] = field(default_factory=list)
    transcripts: list[tuple[str, str]] = field(default_factory=list)
    tools: list[tuple[str, str, str]] = field(default_factory=list)
    renewals: int = 0
    recorded: list[bool] = field(default_factory=list)
    clears: int = 0
    _queue: deque[_Queued] = field(default_factory=deque)
    _heard: dict[str, int] = field(default_factory=dict)

    # What tests use

    def hear(self, ms: int) -> None:
        """Let the customer hear so much of the queue; marks that are passed are reported, with `now` moved on."""
        left = ms * _BYTES_PER_MS
        while self._queue and (left > 0 or self._queue[0].mark):
            first = self._queue[0]
            heard = min(left, first.left)
            first.left -= heard
            left -= heard
            if not first.mark:
                self._heard[first.item] = self._heard.get(first.item, 0) + heard
            if first.left == 0:
                self._queue.popleft()
                self._report(first.mark)
        self.now += ms / 1000

    def said(self) -> list[dict[str, Any]]:
        """The text messages sent since the last time, as JSON objects."""
        texts = [json.loads(message) for message in self.sent if isinstance(message, str)]
        self.sent = [message for message in self.sent if not isinstance(message, str)]
        return texts

    def noted(self, what: str) -> list[dict[str, Fact]]:
        """The facts of the notes of this name."""
        return [facts for name, facts in self.notes if name == what]

    # Speaker

    def send(self, message: str | bytes) -> None:
        self.sent.append(message)

    def play(self, audio: bytes, item: str = "") -> None:
        self.played += audio
        if audio:
            self._queue.append(_Queued(len(audio), item))

    def mark(self, name: str) -> None:
        if self._queue:
            self._queue.append(_Queued(0, mark=name))
        else:
            self._report(name)

    def clear(self) -> Cut:
        self.clears += 1
        items = list(dict.fromkeys(each.item for each in self._queue if not each.mark))
        marks = [each.mark for each in self._queue if each.mark]
        self._queue.clear()
        first, unheard = (items[0], tuple(items[1:])) if items else ("", ())
        cut = Cut(first, self.played_ms(first) if items else 0, unheard)
        for mark in marks:
            self._report(mark)
        return cut

    def played_ms(self, item: str) -> int:
        return self._heard.get(item, 0) // _BYTES_PER_MS

    @property
    def waiting_ms(self) -> int:
        return sum(each.left for each in self._queue) // _BYTES_PER_MS

    def press(self, digits: str) -> None:
        self.pressed += digits

    def ready(self) -> None:
        self.readies += 1

    def fail(self, reason: str) -> None:
        self.failed.append(reason)

    def say(self, verdict: Verdict) -> None:
        self.verdicts.append(verdict)

    def record(self, on: bool) -> None:
        self.recorded.append(on)

    def goodbye(self, verdict: Verdict | None) -> None:
        self.goodbyes.append(verdict)

    def note(self, what: str, **facts: Fact) -> None:
        self.notes.append((what, facts))

    def transcript(self, role: str, text: str) -> None:
        self.transcripts.append((role, text))

    def use_tool(self, id: str, name: str, arguments: str) -> None:
        self.tools.append((id, name, arguments))

    def renew(self) -> None:
        self.renewals += 1

    def _report(self, mark: str) -> None:
        if mark and self.dialect is not None:
            self.dialect.mark_played(mark, self.now)
