"""The recording of one call: when it begins, and who may change it."""

from typing import Any

import pytest

from bridge.calls.call_recording import CallRecording
from bridge.errors import OrderRefused
from bridge.recording_words import RecordingState
from bridge.recordings.terms import RecordingTerms

CALL = "0123456789abcdef0123"
AT = 1_700_000_000.0
PATH = f"/r/2023-11-14/221320_8990000001_{CALL}.wav"


class Desk:
    """A recording with what it orders and notes."""

    def __init__(self, **terms: Any) -> None:
        self.told: list[tuple[Any, ...]] = []
        self.noted: list[tuple[str, dict[str, Any]]] = []
        chosen = RecordingTerms(**{"enabled": True, "folder": "/r", **terms})
        self.recording = CallRecording(CALL, "8990000001", chosen, self, self.note)

    def record(self, call: str, path: str, *, paused: bool) -> None:
        self.told.append(("record", call, path, paused))

    def pause_recording(self, call: str, paused: bool) -> None:
        self.told.append(("pause", call, paused))

    def note(self, what: str, /, **facts: Any) -> None:
        self.noted.append((what, facts))


def test_it_begins_with_the_answer() -> None:
    desk = Desk()
    states = [desk.recording.state]
    desk.recording.begin("bot", AT)
    assert [*states, desk.recording.state] == [RecordingState.OFF, RecordingState.RECORDING]
    assert desk.told == [("record", CALL, PATH, False)]
    assert desk.noted == [("recording_started", {"paused": False})]


@pytest.mark.parametrize("terms", [{"enabled": False}, {"engines": frozenset({"other"})}, {"agents": frozenset("1")}])
def test_a_call_that_is_not_to_be_recorded_is_not(terms: dict[str, Any]) -> None:
    desk = Desk(**terms)
    desk.recording.begin("bot", AT)
    assert desk.recording.order(True, "bot") is RecordingState.OFF
    with pytest.raises(OrderRefused) as refused:
        desk.recording.order(False, "bot")
    assert refused.value.code == "not_recorded"
    assert (desk.told, desk.noted) == ([], [])


def test_a_pause_is_ordered_and_noted_once() -> None:
    desk = Desk()
    desk.recording.begin("bot", AT)
    for paused in (True, True, False, False):
        desk.recording.order(paused, "bot")
    assert desk.told[1:] == [("pause", CALL, True), ("pause", CALL, False)]
    assert desk.noted[1:] == [("recording_paused", {"by": "bot"}), ("recording_resumed", {"by": "bot"})]


def test_a_pause_before_the_answer_holds_from_the_first_word_on() -> None:
    desk = Desk()
    assert desk.recording.order(True, "bot") is RecordingState.OFF
    desk.recording.begin("bot", AT)
    assert desk.recording.state is RecordingState.PAUSED
    assert desk.told == [("record", CALL, PATH, True)]
    assert desk.noted == [("recording_started", {"paused": True})]
    assert desk.recording.order(False, "operator") is RecordingState.RECORDING


def test_a_pause_that_is_over_before_the_answer_leaves_nothing() -> None:
    desk = Desk()
    desk.recording.order(True, "bot")
    desk.recording.order(False, "bot")
    desk.recording.begin("bot", AT)
    assert desk.told == [("record", CALL, PATH, False)]


def test_one_that_the_disk_ended_cannot_be_resumed() -> None:
    desk = Desk()
    desk.recording.begin("bot", AT)
    desk.recording.stopped("No space left on device")
    assert desk.noted[-1] == ("recording_stopped", {"reason": "No space left on device"})
    assert desk.recording.order(True, "bot") is RecordingState.STOPPED
    with pytest.raises(OrderRefused):
        desk.recording.order(False, "bot")
    assert len(desk.told) == 1
