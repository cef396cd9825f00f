"""What a stream says to the bridge, within bounds."""

import json

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
from bridge.media.stream_reports import BURST, MAX_ARGUMENTS, MAX_ID, MAX_TEXT, MAX_VERDICTS, StreamReports
from bridge.media.stream_state import Over
from bridge.verdicts import Complete, Transfer


class Desk:
    """A stream's reports, and what came of them."""

    def __init__(self) -> None:
        self.events: list[StreamEvent] = []
        self.reports = StreamReports("c1", 3, self.events.append)


def test_each_event_names_its_call_and_stream() -> None:
    desk = Desk()
    desk.reports.ready()
    desk.reports.verdict(Complete("paid"))
    desk.reports.verdict(Transfer("people"))
    desk.reports.transcript("bot", "hello", 100.0)
    assert desk.reports.tool("t1", "look", '{"a": 1}', 100.0)
    assert desk.events == [
        StreamReady("c1", 3),
        StreamVerdict("c1", 3, complete=Complete("paid")),
        StreamVerdict("c1", 3, transfer=Transfer("people")),
        StreamTranscript("c1", 3, "bot", "hello"),
        StreamTool("c1", 3, "t1", "look", '{"a": 1}'),
    ]


def test_a_pause_of_the_recording_is_never_left_out() -> None:
    desk = Desk()
    for _ in range(int(BURST) * 2):
        desk.reports.note("noise", {}, 100.0)
    desk.events.clear()
    desk.reports.recording(False, 100.0)
    desk.reports.recording(True, 100.0)
    desk.reports.recording(False, 101.0)
    assert desk.events == [StreamRecording("c1", 3, True), StreamRecording("c1", 3, False)]


def test_the_end_is_a_failure_or_an_end_and_nothing_follows() -> None:
    failed, ended = Desk(), Desk()
    failed.reports.over(Over(False, False, "refused"))
    ended.reports.over(Over(True, True, "cut", Complete("paid")))
    for desk in (failed, ended):
        desk.reports.transcript("bot", "late", 100.0)
        desk.reports.verdict(Complete("late"))
        desk.reports.note("late", {}, 100.0)
    assert failed.events == [StreamFailed("c1", 3, "refused")]
    assert ended.events == [StreamEnded("c1", 3, True, "cut", Complete("paid"))]


def test_a_note_is_cut_to_what_a_timeline_needs() -> None:
    desk = Desk()
    facts: dict[str, Fact] = {"tokens": 12, "model": "m" * 5000}
    desk.reports.note("usage", facts | {f"more{n}": n for n in range(50)}, 100.0)
    (note,) = desk.events
    assert isinstance(note, StreamNote)
    shown = json.loads(note.facts)
    assert shown["tokens"] == 12
    assert len(shown) == 20
    assert len(shown["model"]) == 200


def test_a_text_is_cut_and_an_empty_one_left_out() -> None:
    desk = Desk()
    desk.reports.transcript("bot", "x" * 100_000, 100.0)
    desk.reports.transcript("bot", "", 100.0)
    assert desk.events == [StreamTranscript("c1", 3, "bot", "x" * MAX_TEXT)]


def test_a_function_that_cannot_be_passed_on_whole_is_not_passed_on() -> None:
    desk = Desk()
    assert not desk.reports.tool("t1", "look", "x" * (MAX_ARGUMENTS + 1), 100.0)
    assert not desk.reports.tool("t" * (MAX_ID + 1), "look", "{}", 100.0)
    assert not desk.reports.tool("t1", "n" * (MAX_ID + 1), "{}", 100.0)
    assert desk.events == []


def test_an_engine_that_talks_too_much_is_cut_short_and_its_verdict_still_counts() -> None:
    desk = Desk()
    for _ in range(1000):
        desk.reports.transcript("bot", "blah", 100.0)
    desk.reports.verdict(Complete("paid"))
    assert len(desk.events) == BURST + 1
    assert desk.reports.left_out == 1000 - BURST
    desk.reports.transcript("bot", "later", 101.0)
    assert desk.events[-1] == StreamTranscript("c1", 3, "bot", "later")


def test_verdicts_have_a_bound_of_their_own() -> None:
    desk = Desk()
    for _ in range(1000):
        desk.reports.verdict(Complete("paid"))
    assert len(desk.events) == MAX_VERDICTS
