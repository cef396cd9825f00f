"""The customer's RTP as an engine by WebSocket hears it."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.media.g711 import ALAW_TO_ULAW
from bridge.media.rtp import build
from bridge.media.uplink import Uplink

SILENCE = b"\xff" * 160


class Customer:
    """Sends packets in virtual time; `heard` has time and frame of all the engine got."""

    def __init__(self) -> None:
        self.heard: list[tuple[float, bytes]] = []
        self.uplink = Uplink(lambda frame, now: self.heard.append((now, frame)))
        self.now = 100.0
        self.sequence = 65_530

    def say(self, body: bytes, *, kind: int = 0, ssrc: int = 7, behind: int = 0) -> None:
        datagram = build(kind, False, (self.sequence - behind) & 0xFFFF, 0, ssrc, body)
        if not behind:
            self.sequence += 1
        self.uplink.packet(datagram, kind, self.now)

    def tick(self, ticks: int = 1) -> None:
        for _ in range(ticks):
            self.now += 0.02
            self.uplink.tick(self.now)

    @property
    def frames(self) -> list[bytes]:
        return [frame for _, frame in self.heard]

    @property
    def spoken(self) -> bytes:
        return b"".join(frame for frame in self.frames if frame != SILENCE)


def body(number: int, size: int = 160) -> bytes:
    return bytes((number * 7 + place) % 250 for place in range(size))


def test_frames_of_20_ms_pass_as_they_arrive() -> None:
    customer = Customer()
    for number in range(20):
        customer.say(body(number))
        assert customer.heard[-1] == (customer.now, body(number))
        customer.tick()
    assert customer.frames == [body(number) for number in range(20)]


@pytest.mark.parametrize("ms", [5, 10, 20, 30, 40, 60, 100])
def test_packets_of_any_length_become_frames_of_20_ms(ms: int) -> None:
    customer, said, audio = Customer(), 0, body(1, 8 * 6000)
    for tick in range(1, 301):
        while said + ms <= tick * 20:
            customer.say(audio[said * 8 : (said + ms) * 8])
            said += ms
        if said:
            customer.tick()
    assert b"".join(customer.frames) == audio[: said // 20 * 160]


def test_alaw_is_translated() -> None:
    customer = Customer()
    customer.say(body(3), kind=8)
    assert customer.frames == [body(3).translate(ALAW_TO_ULAW)]


def test_late_and_repeated_packets_are_left_out() -> None:
    customer = Customer()
    for number in range(3):
        customer.say(body(number))
    customer.say(body(2), behind=1)
    customer.say(body(0), behind=3)
    customer.say(body(3))
    assert customer.frames == [body(number) for number in range(4)]


def test_a_new_stream_and_a_sender_that_begins_anew_are_heard_at_once() -> None:
    customer = Customer()
    customer.say(body(0))
    customer.say(body(1), ssrc=8, behind=50)
    customer.say(body(2), ssrc=8, behind=2000)
    assert customer.frames == [body(0), body(1), body(2)]


@pytest.mark.parametrize("kind", [13, 101, 96, 18])
def test_comfort_noise_keys_and_unknown_payloads_are_no_audio(kind: int) -> None:
    customer = Customer()
    customer.say(body(0))
    for _ in range(20):
        customer.say(b"\x01\x02\x03\x04", kind=kind)
        customer.tick()
    assert customer.spoken == body(0)
    assert len(customer.frames) in (20, 21)


def test_silence_is_said_in_real_time_before_the_first_packet() -> None:
    customer = Customer()
    customer.tick(100)
    assert customer.frames == [SILENCE] * 100


def test_nothing_is_added_where_packets_only_jitter() -> None:
    rng = random.Random(4)
    arrivals = sorted((number * 0.02 + rng.uniform(0, 0.05), number) for number in range(200))
    customer, start = Customer(), 100.0
    arrivals.sort(key=lambda arrival: arrival[1])
    times = [start]
    for at, _ in arrivals:
        times.append(max(start + at, times[-1]))
    pending = [(at, number) for at, (_, number) in zip(times[1:], arrivals, strict=True)]
    for tick in range(210):
        while pending and pending[0][0] <= start + tick * 0.02:
            customer.now, number = pending.pop(0)
            customer.say(body(number))
        if pending:
            customer.now = start + tick * 0.02
            customer.uplink.tick(customer.now)
    assert customer.spoken == b"".join(body(number) for number in range(200))
    assert customer.frames.count(SILENCE) <= 2


def test_a_pause_is_filled_as_long_as_it_was() -> None:
    customer = Customer()
    for number in range(10):
        customer.say(body(number))
        customer.tick()
    customer.tick(50)
    assert len(customer.frames) in (60, 61)
    assert customer.frames[10:] == [SILENCE] * (len(customer.frames) - 10)
    first_silence = next(now for now, frame in customer.heard if frame == SILENCE)
    assert 100.18 + 0.06 < first_silence <= 100.18 + 0.081


def test_what_was_left_of_a_packet_is_said_before_the_silence() -> None:
    customer = Customer()
    customer.say(body(0, 240))
    customer.tick(10)
    assert customer.frames[:2] == [body(0, 240)[:160], body(0, 240)[160:] + b"\xff" * 80]
    assert len(customer.frames) in (10, 11)


def test_a_standstill_is_not_made_up_for_with_much_silence() -> None:
    customer = Customer()
    customer.say(body(0))
    customer.now += 3
    customer.tick()
    assert customer.frames[1:] == [SILENCE]


def test_only_the_audio_of_a_packet_is_heard() -> None:
    plain = build(0, False, 1, 0, 7, b"")
    packets = {
        "padding": bytes([plain[0] | 0x20]) + plain[1:] + body(1) + b"\0\0\0\x04",
        "extension": bytes([plain[0] | 0x10]) + plain[1:] + b"\xbe\xde\0\x01" + b"\x10\xaa\0\0" + body(1),
        "contributors": bytes([plain[0] | 0x02]) + plain[1:] + b"\0" * 8 + body(1),
    }
    for name, packet in packets.items():
        customer = Customer()
        customer.uplink.packet(packet, 0, customer.now)
        assert customer.frames == [body(1)], name


def test_packets_that_do_not_add_up_are_nothing() -> None:
    customer = Customer()
    customer.uplink.packet(b"\x9f" + bytes(11), 0, customer.now)
    customer.say(b"")
    assert customer.frames == []


@given(st.lists(st.tuples(st.integers(0, 500), st.booleans()), max_size=100))
def test_the_engine_never_hears_much_more_or_less_than_time_has_passed(packets: list[tuple[int, bool]]) -> None:
    customer = Customer()
    said = 0
    for size, ticks in packets:
        customer.say(body(1, size))
        said += size
        if ticks:
            customer.tick()
    before = len(customer.frames)
    customer.tick(100)
    assert all(len(frame) == 160 for frame in customer.frames)
    assert 90 <= len(customer.frames) - before <= 101
