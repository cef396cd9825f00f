"""The queue of one call: exact to the byte, in order, bounded, and never a delay for good."""

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.dialects.dialect import Cut
from bridge.media.g711 import encode_ulaw
from bridge.media.playout import Playout

LOUD = encode_ulaw([9000, -9000] * 80)
QUIET = b"\xff" * 160


def sample(size: int, start: int = 0) -> bytes:
    """Audio of which every piece can be told from another, without the byte that fills up."""
    return bytes((start + place) % 251 for place in range(size))


@dataclass
class Line:
    """A playout on a customer's line, slot by slot."""

    started: bool = True
    marks: list[tuple[str, int]] = field(default_factory=list)
    """With the slot in which they were due."""
    frames: list[bytes | None] = field(default_factory=list)
    on_mark: Callable[[str], None] = lambda name: None

    def __post_init__(self) -> None:
        self.playout = Playout(self._marked)
        if self.started:
            self.playout.start()

    def _marked(self, name: str, now: float) -> None:
        self.marks.append((name, len(self.frames)))
        self.on_mark(name)

    def run(self, slots: int) -> list[bytes | None]:
        before = len(self.frames)
        for _ in range(slots):
            self.playout.slot(len(self.frames) * 0.02)
            self.frames.append(self.playout.next_frame())
        return self.frames[before:]

    def mark(self, name: str) -> None:
        self.playout.mark(name, 0.0)

    @property
    def heard(self) -> bytes:
        return b"".join(frame for frame in self.frames if frame is not None)


@given(st.lists(st.integers(1, 700), max_size=30))
def test_all_that_was_given_is_played_in_order_however_it_was_cut(sizes: list[int]) -> None:
    line, given_so_far = Line(), b""
    for size in sizes:
        piece = sample(size, len(given_so_far))
        line.playout.play(piece)
        given_so_far += piece
    line.run(len(given_so_far) // 160 + 4)
    assert line.heard == given_so_far.ljust(-(-len(given_so_far) // 160) * 160, b"\xff")
    assert all(frame is None or len(frame) == 160 for frame in line.frames)
    assert line.playout.waiting_ms == 0


@given(st.lists(st.one_of(st.integers(1, 900).map(lambda size: ("play", size)), st.just(("mark", 0))), max_size=40))
def test_marks_come_in_order_in_the_slot_after_the_last_byte_before_them(steps: list[tuple[str, int]]) -> None:
    line, given_so_far, expected = Line(), 0, []
    line.playout.play(sample(320))
    given_so_far += 320
    for number, (what, size) in enumerate(steps):
        if what == "play":
            line.playout.play(sample(size))
            given_so_far += size
        else:
            line.mark(str(number))
            expected.append((str(number), -(-given_so_far // 160)))
    line.run(given_so_far // 160 + 4)
    assert line.marks == expected


def test_sixty_seconds_at_once_play_whole_and_unhurried() -> None:
    line, audio = Line(), sample(480_000)
    assert line.playout.play(audio) == 0
    assert line.playout.waiting_ms == 60_000
    line.run(3001)
    assert line.heard == audio
    assert line.frames.index(None) == 3000
    assert line.playout.trimmed == 0


def test_what_does_not_fit_is_dropped_and_counted() -> None:
    line = Line()
    minute = sample(480_000)
    assert [line.playout.play(minute) for _ in range(6)] == [0, 0, 0, 0, 0, 480_000]
    assert line.playout.waiting_ms == 300_000
    line.run(1)
    assert line.playout.play(sample(400)) == 240  # the part that fits is taken
    assert line.playout.dropped == 480_240


def test_a_flood_of_single_bytes_or_items_or_marks_is_bounded() -> None:
    line = Line(started=False)
    for place in range(20_000):
        line.playout.play(b"\x01", f"item{place}")
        line.mark(str(place))
    assert line.playout.waiting_ms <= 512
    assert line.playout.dropped > 15_000
    line.playout.clear(0.0)
    assert len(line.marks) == Playout.MAX_MARKS


def test_nothing_is_played_before_the_start_and_everything_after_it() -> None:
    line = Line(started=False)
    line.playout.play(sample(480))
    line.mark("end")
    assert line.run(50) == [None] * 50
    line.playout.start()
    line.run(5)
    assert line.heard == sample(480)
    assert line.marks == [("end", 53)]


def test_a_spurt_begins_at_once_with_40_ms_and_after_two_slots_with_less() -> None:
    line = Line()
    line.playout.play(sample(320))
    assert line.run(1) == [sample(160)]
    line.run(10)
    line.playout.play(sample(80))
    assert line.run(3) == [None, sample(80) + b"\xff" * 80, None]


def test_odd_pieces_in_real_time_leave_no_gap_in_a_word() -> None:
    line, given_so_far = Line(), 0
    for slot in range(200):
        while given_so_far + 240 <= slot * 160:  # 30 ms every 30 ms
            line.playout.play(sample(240, given_so_far))
            given_so_far += 240
        line.run(1)
    first = next(place for place, frame in enumerate(line.frames) if frame is not None)
    assert None not in line.frames[first:]
    assert line.heard == sample(len(line.heard))


def test_a_mark_with_nothing_before_it_comes_at_once() -> None:
    line = Line()
    line.mark("early")
    assert line.marks == [("early", 0)]


def test_a_mark_just_after_the_last_audio_was_sent_waits_until_that_was_heard() -> None:
    line = Line()
    line.playout.play(sample(320))
    line.run(2)
    line.mark("end")
    assert line.marks == []
    line.run(1)
    assert line.marks == [("end", 2)]


def test_a_clear_takes_back_all_that_waits_and_plays_the_marks_first() -> None:
    line = Line()
    line.playout.play(sample(800), "greeting")
    line.mark("one")
    line.playout.play(sample(800), "question")
    line.mark("two")
    line.run(2)
    assert line.playout.clear(0.05) == Cut("greeting", 40, ("question",))
    assert [name for name, _ in line.marks] == ["one", "two"]
    assert line.run(3) == [None] * 3
    assert line.playout.waiting_ms == 0
    assert line.playout.cleared == 1600 - 320
    assert (line.playout.played_ms("greeting"), line.playout.played_ms("question")) == (40, 0)


def test_a_cut_says_whole_milliseconds_of_what_was_played() -> None:
    line = Line()
    line.playout.play(sample(100), "a")
    line.playout.play(sample(1000), "b")
    line.run(1)
    assert line.playout.clear(0.0) == Cut("b", 7)  # 60 of 160 bytes


def test_a_clear_of_nothing_cuts_nothing_and_is_no_barge_in() -> None:
    line = Line()
    line.playout.play(sample(320), "a")
    line.run(2)
    assert line.playout.clear(0.05) == Cut("", 0)
    assert line.playout.cleared_at is None


def test_audio_after_a_clear_is_played() -> None:
    line = Line()
    line.playout.play(LOUD * 10)
    line.run(3)
    line.playout.clear(0.07)
    line.playout.play(sample(320))
    assert line.run(2) == [sample(160), sample(160, 160)]
    assert line.playout.cleared_at == 0.07


def test_a_clear_from_within_a_mark_keeps_the_order() -> None:
    line = Line()

    def interrupt(name: str) -> None:
        if name == "one":
            line.playout.clear(0.0)

    line.on_mark = interrupt
    line.playout.play(sample(320))
    line.mark("one")
    line.playout.play(sample(320))
    line.mark("two")
    line.mark("three")
    line.run(3)
    assert [name for name, _ in line.marks] == ["one", "two", "three"]


def test_a_mark_made_in_answer_to_a_mark_waits_for_the_next_slot() -> None:
    line = Line()
    line.on_mark = line.mark
    line.mark("again")
    line.run(5)
    assert line.marks == [("again", slot) for slot in (0, 0, 1, 2, 3, 4)]


def test_a_stop_forgets_audio_and_marks() -> None:
    line = Line()
    line.playout.play(sample(1600))
    line.mark("never")
    line.run(2)
    line.playout.stop()
    line.playout.play(sample(1600))
    assert line.run(3) == [None] * 3
    assert line.marks == []


def test_time_passes_for_what_nobody_hears() -> None:
    line = Line()
    line.playout.play(sample(480), "a")
    line.playout.pass_over(2)
    assert line.run(1) == [sample(160, 320)]
    assert (line.playout.unheard, line.playout.played) == (320, 160)
    assert line.playout.played_ms("a") == 60
    line.playout.pass_over(10**9)
    assert line.playout.unheard == 320


def real_time(line: Line, slots: int, frames: list[bytes]) -> None:
    """An engine that sends 20 ms in each slot."""
    for slot in range(slots):
        line.playout.play(frames[slot % len(frames)])
        line.run(1)


def test_a_delay_behind_an_engine_that_speaks_in_real_time_goes_away_in_its_pauses() -> None:
    line = Line()
    line.playout.play(LOUD * 40)  # a stall of the network: 800 ms at once
    words_and_pauses = [LOUD] * 30 + [QUIET] * 10
    real_time(line, 250, words_and_pauses)
    assert line.playout.waiting_ms >= 780
    real_time(line, 750, words_and_pauses)
    assert line.playout.waiting_ms <= 80
    assert line.playout.trimmed >= 700 * 8
    assert None not in line.frames


def test_words_are_never_left_out() -> None:
    line = Line()
    line.playout.play(LOUD * 40)
    real_time(line, 1000, [LOUD])
    assert line.playout.trimmed == 0
    assert line.playout.waiting_ms >= 780


def test_every_second_silent_frame_stays_while_a_delay_goes_away() -> None:
    line = Line()
    line.playout.play(LOUD * 40)
    real_time(line, 260, [LOUD])
    played = len(line.frames)
    real_time(line, 40, [QUIET])
    real_time(line, 40, [LOUD])
    quiet = line.frames[played:].count(QUIET)
    assert 18 <= quiet <= 22


@pytest.mark.parametrize("burst_s", [2, 5, 10])
def test_pauses_in_speech_that_came_faster_than_real_time_are_left_alone(burst_s: int) -> None:
    line = Line()
    for _ in range(4):
        line.playout.play((LOUD * 5 + QUIET * 5) * (burst_s * 5))
        line.run(burst_s * 25)
    assert line.playout.trimmed == 0
