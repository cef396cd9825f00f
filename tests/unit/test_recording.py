"""Where packets come to lie in a recording."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.media.g711 import ULAW_TO_ALAW
from bridge.media.recording import WINDOW, Recording
from bridge.media.rtp import build
from sip.messages import Codec

STARTED = 1000.0
QUIET = b"\xff"


def frame(number: int) -> bytes:
    """20 ms that are found again; no silence is in them."""
    return struct.pack("!H", number % 60000 + 1) * 80


class Stage:
    """A recording whose customer speaks; `took` is what was taken of it."""

    def __init__(self, codec: Codec = Codec.PCMU, began: float = 0.0, paused: bool = False) -> None:
        self.recording = Recording(codec, STARTED, STARTED + began, paused=paused)
        self.first = round(began * 8000)
        self.took = b""
        self.said: list[int] = []

    def say(self, number: int, at: float, *, stamp: int | None = None, ssrc: int = 7, kind: int = 0) -> None:
        stamp = 160 * number if stamp is None else stamp
        packet = build(kind, False, number & 0xFFFF, stamp & 0xFFFFFFFF, ssrc, frame(number))
        self.said.append(number)
        self.recording.customer(packet, kind, STARTED + at)

    def take(self, at: float) -> None:
        place, frames = self.recording.take(STARTED + at)
        self._took(place, frames)

    def _took(self, place: int, frames: bytes) -> None:
        assert place == self.first + len(self.took) // 2
        self.took += frames

    def end(self, at: float) -> tuple[bytes, bytes]:
        """Customer and bot."""
        self._took(*self.recording.end(STARTED + at))
        return self.took[0::2], self.took[1::2]

    def places(self, at: float) -> dict[int, float]:
        """Where each frame lies, in seconds."""
        customer, _ = self.end(at)
        found = {number: customer.find(frame(number)) for number in self.said}
        return {number: place / 8000 for number, place in found.items() if place >= 0}


def test_a_steady_stream_lies_where_it_came() -> None:
    stage = Stage()
    for number in range(100):
        stage.say(number, 0.5 + number * 0.02)
        stage.take(0.5 + number * 0.02)
    customer, bot = stage.end(3.0)
    assert len(customer) == len(bot) == 24000
    assert customer == QUIET * 4000 + b"".join(frame(number) for number in range(100)) + QUIET * 4000
    assert bot == QUIET * 24000


def test_lost_packets_are_silence_and_packets_out_of_order_lie_in_order() -> None:
    stage = Stage()
    for number, at in ((0, 0.1), (1, 0.12), (4, 0.18), (2, 0.19), (6, 0.22), (5, 0.225)):
        stage.say(number, at)
    customer, _ = stage.end(1.0)
    words = [QUIET * 160 if number == 3 else frame(number) for number in range(7)]
    assert customer == QUIET * 800 + b"".join(words) + QUIET * (8000 - 800 - 7 * 160)


def test_jitter_moves_nothing() -> None:
    stage = Stage()
    for number in range(200):
        late = (0.0, 0.03, 0.01, 0.055, 0.0)[number % 5]
        stage.say(number, 0.02 * number + late)
    assert stage.places(5.0) == {number: pytest.approx(0.02 * number, abs=0.001) for number in range(200)}


def test_what_comes_long_after_its_time_is_left_out() -> None:
    stage = Stage()
    for number in range(50):
        if number != 5:
            stage.say(number, 0.02 * number)
    stage.take(1.0)
    stage.say(5, 1.0)
    assert 5 not in stage.places(2.0)


def test_a_stream_that_begins_anew_lies_where_it_came() -> None:
    stage = Stage()
    stage.say(0, 0.0)
    stage.say(1, 2.0, ssrc=8, stamp=77)
    stage.say(2, 4.0, ssrc=8, stamp=1_000_000)
    stage.say(3, 6.0, ssrc=8, stamp=1_000_160)
    assert stage.places(7.0) == {0: 0.0, 1: 2.0, 2: 4.0, 3: 6.0}


@pytest.mark.parametrize("late", [0.1, 0.15, 0.3, 0.9])
def test_a_stream_that_began_with_a_late_packet_is_put_right(late: float) -> None:
    stage = Stage()
    for number in range(150):
        stage.say(number, 0.02 * number + (0.0 if number else late))
    places = stage.places(4.0)
    assert all(places[number] == pytest.approx(0.02 * number, abs=0.021) for number in range(60, 150))


def test_a_sender_of_bursts_loses_nothing_but_at_the_start() -> None:
    stage = Stage()
    for number in range(200):
        stage.say(number, number // 5 * 0.1)
    places = stage.places(5.0)
    assert all(number in places for number in range(60, 200))
    assert all(places[number + 1] - places[number] == pytest.approx(0.02) for number in range(60, 199))


def test_a_pause_that_the_timestamps_know_nothing_of_is_made_up_for_within_a_second() -> None:
    stage = Stage()
    for number in range(200):
        stage.say(number, 0.02 * number + (0.5 if number >= 50 else 0.0))
    places = stage.places(6.0)
    assert all(places[number] == pytest.approx(0.02 * number + 0.5, abs=0.021) for number in range(110, 200))


@pytest.mark.parametrize("per_mille", [-2, 2])
def test_a_senders_clock_that_is_slow_or_fast_stays_within_20_ms(per_mille: int) -> None:
    stage = Stage()
    for number in range(999):
        at = number * 0.02 * (1 + per_mille / 1000)
        stage.say(number, at)
        stage.take(at)
    places = stage.places(25.0)
    for number in range(0, 990, 30):
        if number in places:  # a frame may be cut where its stream is moved
            assert places[number] == pytest.approx(number * 0.02 * (1 + per_mille / 1000), abs=0.025)
    assert len(places) > 900


def test_dtmf_events_are_no_audio() -> None:
    stage = Stage()
    stage.say(1, 0.1, kind=101)
    assert stage.end(0.5) == (QUIET * 4000, QUIET * 4000)


def test_the_other_law_is_translated() -> None:
    stage = Stage(Codec.PCMA)
    stage.say(1, 0.0, kind=0)
    stage.say(2, 0.02, kind=8)
    customer, bot = stage.end(0.04)
    assert customer == frame(1).translate(ULAW_TO_ALAW) + frame(2)
    assert bot == b"\xd5" * 320


def test_a_pause_is_silence_on_both_sides_from_the_next_packet_on() -> None:
    stage = Stage()

    def both(number: int) -> None:
        stage.say(number, 0.02 * number)
        stage.recording.bot(build(0, False, number, 160 * number, 9, frame(number + 500)), 0, STARTED + 0.02 * number)

    for number in range(100):
        if number in (20, 60):
            stage.recording.pause(number == 20, STARTED + 0.02 * number - 0.001)
        both(number)
        stage.take(0.02 * number)
    customer, bot = stage.end(2.0)
    for channel, offset in ((customer, 0), (bot, 500)):
        heard = [number for number in range(100) if frame(number + offset) in channel]
        assert heard == [*range(20), *range(60, 100)]
        assert channel[20 * 160 : 60 * 160] == QUIET * 40 * 160


def test_what_was_said_in_a_pause_does_not_come_up_after_it() -> None:
    stage = Stage()
    for number in range(10):
        stage.say(number, 0.02 * number)
    stage.recording.pause(True, STARTED + 0.2)
    stage.recording.pause(False, STARTED + 0.4)
    stage.say(15, 0.41)  # late: its time was in the pause
    stage.say(20, 0.42)
    customer, _ = stage.end(1.0)
    assert frame(15) not in customer
    assert customer[1600:3200] == QUIET * 1600
    assert frame(20) in customer


def test_one_that_begins_paused_is_silent() -> None:
    stage = Stage(paused=True)
    stage.say(0, 0.0)
    assert stage.end(0.02) == (QUIET * 160, QUIET * 160)


def test_another_process_goes_on_where_the_clock_is() -> None:
    stage = Stage(began=3.0)
    stage.say(0, 3.1)
    customer, _ = stage.end(4.0)
    assert customer == QUIET * 800 + frame(0) + QUIET * (8000 - 960)


packets = st.tuples(st.floats(0, 3), st.integers(0, 2**32 - 1), st.integers(0, 3), st.binary(max_size=400))


@given(st.lists(packets, max_size=30), st.lists(st.floats(0, 5), max_size=5))
def test_whatever_is_sent_both_sides_stay_in_step_with_the_clock(
    sent: list[tuple[float, int, int, bytes]], looks: list[float]
) -> None:
    stage = Stage()
    events = sorted([(at, 1, (stamp, ssrc, body)) for at, stamp, ssrc, body in sent] + [(at, 0, None) for at in looks])
    for at, _, packet in events:
        if packet is None:
            stage.take(at)
        else:
            stamp, ssrc, body = packet
            stage.recording.customer(build(0, False, 1, stamp, ssrc, body), 0, STARTED + at)
        length = len(stage.recording._customer._audio)
        assert length <= WINDOW + 5 * 8000 + 2 * 8000
    customer, bot = stage.end(6.0)
    assert len(customer) == len(bot) == 48000
