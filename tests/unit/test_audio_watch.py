"""What becomes of the quality of a call's audio in the bridge."""

from typing import Any

from bridge.calls.audio_watch import AudioWatch
from bridge.media.messages import CallQuality, Side
from bridge.media.statistics import QualitySample

GOOD = QualitySample(50, 0, 1.0, 0.5, -20.0, 4.35)
BAD = QualitySample(40, 10, 8.0, 0.5, -20.0, 2.4)
WORSE = QualitySample(30, 20, 12.0, 70.0, -20.0, 1.6)
NOTHING = QualitySample()


class Notes:
    """A watch, and what it said."""

    def __init__(self) -> None:
        self.entries: list[tuple[str, dict[str, Any]]] = []
        self.rows: list[tuple[str, float, int]] = []
        self.watch = AudioWatch(self._note, lambda side, at, samples: self.rows.append((side, at, len(samples))))
        self.now = 100.0

    def _note(self, what: str, /, **facts: Any) -> None:
        self.entries.append((what, facts))

    def hear(self, *samples: QualitySample, engine: QualitySample | None = None) -> None:
        for sample in samples:
            self.watch.heard(CallQuality("c1", sample, engine), self.now)
            self.now += 1.0

    def names(self) -> list[str]:
        return [what for what, _ in self.entries]


def test_the_latest_second_of_each_side_is_kept() -> None:
    notes = Notes()
    notes.hear(GOOD)
    assert notes.watch.latest == {Side.CUSTOMER: GOOD}
    notes.hear(BAD, engine=GOOD)
    assert notes.watch.latest == {Side.CUSTOMER: BAD, Side.ENGINE: GOOD}


def test_three_bad_seconds_running_are_a_bad_time() -> None:
    notes = Notes()
    notes.hear(BAD, BAD, GOOD, BAD, NOTHING, BAD, BAD)
    assert notes.entries == []
    notes.hear(WORSE)
    assert notes.entries == [
        (
            "audio_bad",
            {"side": Side.CUSTOMER, "mos": 1.6, "lost": 40, "received": 110, "jitter_ms": 12.0, "late_ms": 70.0},
        )
    ]
    notes.hear(BAD, WORSE, BAD, BAD)
    assert notes.names() == ["audio_bad"]


def test_three_good_seconds_end_it() -> None:
    notes = Notes()
    notes.hear(BAD, BAD, BAD, WORSE, GOOD, GOOD, BAD, GOOD, GOOD)
    assert notes.names() == ["audio_bad"]
    notes.hear(GOOD)
    assert notes.entries[-1] == ("audio_good", {"side": Side.CUSTOMER, "lasted_s": 7, "mos_worst": 1.6})
    notes.hear(BAD, BAD, BAD)
    assert notes.names() == ["audio_bad", "audio_good", "audio_bad"]


def test_seconds_are_written_down_ten_at_once_and_what_is_left_at_the_end() -> None:
    notes = Notes()
    notes.hear(*[GOOD] * 4)
    notes.hear(*[GOOD] * 8, engine=BAD)
    assert notes.rows == [("customer", 100.0, 10)]
    notes.watch.end()
    assert notes.rows == [("customer", 100.0, 10), ("customer", 110.0, 2), ("engine", 104.0, 8)]
    notes.watch.end()
    assert len(notes.rows) == 3
