"""One call's audio: relay, silence, keys, watchdog and statistics, in virtual time."""

import random
import struct
from dataclasses import dataclass, field, replace

import pytest

from bridge.media.messages import (
    AudioStarted,
    DtmfReceived,
    Event,
    Flow,
    Follow,
    RtpTimedOut,
    SendDigits,
    SetRemote,
    Side,
)
from bridge.media.party import MAX_KEYS_PER_S, Party
from bridge.media.rtp import build, payload, unpack_header
from bridge.media.session import Session
from sip.messages import Codec

CUSTOMER = ("192.0.2.1", 4000)
ENGINE = ("192.0.2.2", 5000)
STRANGER = ("198.51.100.1", 4000)
ADDRESSES = {Side.CUSTOMER: CUSTOMER, Side.ENGINE: ENGINE}
SILENT_PCMU, SILENT_PCMA = b"\xff" * 160, b"\xd5" * 160


@dataclass(frozen=True)
class Sent:
    """A packet one side was sent, and when."""

    tick: int
    packet: bytes

    @property
    def kind(self) -> int:
        return self.packet[1] & 0x7F

    @property
    def marker(self) -> bool:
        return bool(self.packet[1] & 0x80)

    @property
    def sequence(self) -> int:
        return int(unpack_header(self.packet)[1])

    @property
    def timestamp(self) -> int:
        return int(unpack_header(self.packet)[2])

    @property
    def ssrc(self) -> int:
        return int(unpack_header(self.packet)[3])

    @property
    def payload(self) -> bytes:
        return payload(self.packet)


@dataclass
class Call:
    """A session driven as the relay does it, 20 ms a tick, with two sides that can be made to speak."""

    follow: Follow = Follow.ADDRESS
    events: list[Event] = field(default_factory=list)
    keys_down: set[Party] = field(default_factory=set)
    heard: dict[Side, list[Sent]] = field(default_factory=lambda: {side: [] for side in Side})
    tick: int = 0
    spoken: dict[Side, int] = field(default_factory=lambda: dict.fromkeys(Side, 0))

    def __post_init__(self) -> None:
        self.session = Session("c1", Codec.PCMU, self.follow, random.Random(1), self.events.append, self.keys_down)

    @property
    def now(self) -> float:
        return self.tick * 0.02

    def agree(self, *sides: Side, **changes: object) -> None:
        for side in sides or Side:
            address, port = ADDRESSES[side]
            remote = SetRemote("c1", side, address, port, Codec.PCMU, 101, send=True, receive=True)
            self.session.set_remote(replace(remote, **changes), self.now)  # type: ignore[arg-type]

    def say(self, side: Side, *, source: tuple[str, int] | None = None, datagram: bytes | None = None) -> bytes:
        """One side sends a packet now; returns it."""
        self.spoken[side] += 1
        if datagram is None:
            datagram = build(0, False, self.spoken[side] & 0xFFFF, self.spoken[side] * 160, 77, b"\x55" * 160)
        onward = self.session.party(side).datagram(datagram, source or ADDRESSES[side], self.now)
        if onward is not None:
            other = Side.ENGINE if side is Side.CUSTOMER else Side.CUSTOMER
            self.heard[other].append(Sent(self.tick, onward))
        return datagram

    def run(self, ticks: int, *speakers: Side) -> None:
        """Let time pass; the speakers send a packet in each tick."""
        for _ in range(ticks):
            self.tick += 1
            for speaker in speakers:
                self.say(speaker)
            for side in Side:
                packet = self.session.party(side).hearing.tick(self.tick, self.now)
                if packet is not None:
                    self.heard[side].append(Sent(self.tick, packet))
            for party in tuple(self.keys_down):
                party.expire_key(self.now)
            self.session.watch(self.now, 5.0)

    def play(self, side: Side, digits: str) -> None:
        self.session.send_digits(SendDigits("c1", side, digits))


def press(call: Call, side: Side, code: int, timestamp: int, *, ends: int = 3) -> None:
    for place in range(5 + ends):
        flags = 0x80 if place >= 5 else 0
        event = struct.pack("!BBH", code, flags | 10, min(place + 1, 6) * 160)
        call.say(side, datagram=build(101, place == 0, 900 + place, timestamp, 77, event))


# relay


def test_a_packet_goes_to_the_other_side_untouched() -> None:
    call = Call()
    call.agree()
    first, second = call.say(Side.CUSTOMER), call.say(Side.ENGINE)
    assert [sent.packet for sent in call.heard[Side.ENGINE]] == [first]
    assert [sent.packet for sent in call.heard[Side.CUSTOMER]] == [second]


@pytest.mark.parametrize("kind", [13, 18, 96, 127])
def test_payload_types_nobody_agreed_are_relayed_too(kind: int) -> None:
    call = Call()
    call.agree()
    odd = call.say(Side.ENGINE, datagram=build(kind, True, 1, 2, 3, b"?"))
    assert [sent.packet for sent in call.heard[Side.CUSTOMER]] == [odd]


def test_nothing_is_taken_from_or_sent_to_a_side_before_its_sdp_is_known() -> None:
    call = Call()
    call.agree(Side.CUSTOMER)
    call.say(Side.ENGINE)
    call.say(Side.CUSTOMER)
    call.run(5)
    assert call.heard[Side.ENGINE] == []
    assert all(sent.payload == SILENT_PCMU for sent in call.heard[Side.CUSTOMER])
    assert call.session.closed().engine.strangers == 1


def test_nothing_is_sent_to_a_side_on_hold_and_what_it_says_is_still_relayed() -> None:
    call = Call()
    call.agree()
    call.agree(Side.CUSTOMER, send=False)
    call.run(10, Side.CUSTOMER, Side.ENGINE)
    assert call.heard[Side.CUSTOMER] == []
    assert len(call.heard[Side.ENGINE]) == 10


def test_strangers_are_ignored_and_counted() -> None:
    call = Call()
    call.agree()
    call.say(Side.CUSTOMER)
    call.say(Side.CUSTOMER, source=STRANGER)
    call.say(Side.CUSTOMER, source=STRANGER, datagram=b"what")
    closed = call.session.closed()
    assert len(call.heard[Side.ENGINE]) == 1
    assert (closed.customer.received, closed.customer.strangers, closed.customer.invalid) == (1, 2, 0)


def test_what_is_not_rtp_is_ignored_and_counted() -> None:
    call = Call()
    call.agree()
    call.say(Side.CUSTOMER, datagram=b"")
    call.say(Side.CUSTOMER)
    call.say(Side.CUSTOMER, datagram=b"\x80\xc8" + bytes(20))
    closed = call.session.closed()
    assert len(call.heard[Side.ENGINE]) == 1
    assert (closed.customer.received, closed.customer.invalid, closed.customer.strangers) == (1, 2, 0)


def test_a_changed_port_of_the_same_address_is_relayed_and_becomes_the_remote() -> None:
    call = Call()
    call.agree()
    behind_nat = (CUSTOMER[0], 61000)
    call.say(Side.CUSTOMER, source=behind_nat)
    assert len(call.heard[Side.ENGINE]) == 1
    assert call.session.customer.source.remote == behind_nat


def test_audio_starts_once_a_side() -> None:
    call = Call()
    call.agree()
    call.run(3, Side.ENGINE)
    call.run(3, Side.ENGINE, Side.CUSTOMER)
    assert call.events == [AudioStarted("c1", Side.ENGINE), AudioStarted("c1", Side.CUSTOMER)]


# silence


def test_the_customer_hears_silence_from_the_first_tick_while_the_engine_has_no_sdp() -> None:
    call = Call()
    call.agree(Side.CUSTOMER)
    call.run(50)
    heard = call.heard[Side.CUSTOMER]
    assert [sent.tick for sent in heard] == list(range(1, 51))
    assert {sent.payload for sent in heard} == {SILENT_PCMU}
    assert {sent.timestamp - heard[0].timestamp for sent in heard} == {place * 160 for place in range(50)}
    assert [sent.marker for sent in heard] == [True] + [False] * 49


def test_silence_is_in_the_codec_of_its_side() -> None:
    call = Call()
    call.agree(Side.CUSTOMER, codec=Codec.PCMA)
    call.agree(Side.ENGINE)
    call.run(1)
    assert call.heard[Side.CUSTOMER][0].payload == SILENT_PCMA
    assert call.heard[Side.ENGINE][0].payload == SILENT_PCMU


def test_silence_stops_while_the_other_side_speaks_and_fills_a_gap_within_100_ms() -> None:
    call = Call()
    call.agree()
    call.run(5)
    call.run(20, Side.ENGINE)
    call.run(20)
    ours = [sent for sent in call.heard[Side.CUSTOMER] if sent.ssrc != 77]
    assert [sent.tick for sent in ours[:5]] == [1, 2, 3, 4, 5]
    assert 25 + 3 <= ours[5].tick <= 25 + 5
    assert ours[5].marker
    assert ours[5].sequence == (ours[4].sequence + 1) % 65536
    assert (ours[5].timestamp - ours[4].timestamp) % 2**32 == (ours[5].tick - 5) * 160


def test_one_late_packet_is_no_gap() -> None:
    call = Call()
    call.agree()
    call.run(5, Side.ENGINE)
    call.run(2)
    call.run(5, Side.ENGINE)
    assert {sent.ssrc for sent in call.heard[Side.CUSTOMER]} == {77}


def test_flow_silence_silences_both_sides_from_the_next_tick_and_relay_brings_audio_back() -> None:
    call = Call()
    call.agree()
    call.run(5, *Side)
    call.session.set_flow(Flow.SILENCE)
    call.run(5, *Side)
    call.session.set_flow(Flow.RELAY)
    call.run(5, *Side)
    for side in Side:
        kinds = [sent.payload == SILENT_PCMU for sent in call.heard[side]]
        assert kinds == [False] * 5 + [True] * 5 + [False] * 5


def test_the_two_sides_have_streams_of_their_own() -> None:
    call = Call()
    call.agree()
    call.run(1)
    assert call.heard[Side.CUSTOMER][0].ssrc != call.heard[Side.ENGINE][0].ssrc


# keys that are pressed


def test_a_key_is_relayed_and_reported_once() -> None:
    call = Call()
    call.agree()
    press(call, Side.CUSTOMER, 11, 3200)
    assert len(call.heard[Side.ENGINE]) == 8
    assert call.events == [AudioStarted("c1", Side.CUSTOMER), DtmfReceived("c1", Side.CUSTOMER, "#", 120)]
    assert call.session.closed().customer.digits == "#"


def test_a_key_is_reported_while_both_hear_silence() -> None:
    call = Call()
    call.agree()
    call.session.set_flow(Flow.SILENCE)
    press(call, Side.ENGINE, 1, 3200)
    assert DtmfReceived("c1", Side.ENGINE, "1", 120) in call.events
    assert call.heard[Side.CUSTOMER] == []


def test_a_key_whose_end_is_lost_is_reported_by_time() -> None:
    call = Call()
    call.agree()
    press(call, Side.CUSTOMER, 4, 3200, ends=0)
    call.run(9)
    assert call.keys_down == {call.session.customer}
    call.run(2)
    assert DtmfReceived("c1", Side.CUSTOMER, "4", 100) in call.events
    assert call.keys_down == set()


def test_keys_without_an_agreed_payload_type_are_just_relayed() -> None:
    call = Call()
    call.agree(telephone_event=None)
    press(call, Side.CUSTOMER, 4, 3200)
    assert call.events == [AudioStarted("c1", Side.CUSTOMER)]
    assert len(call.heard[Side.ENGINE]) == 8


def test_a_flood_of_keys_is_cut_off() -> None:
    call = Call()
    call.agree()
    for key in range(500):
        press(call, Side.CUSTOMER, 1, 3200 * key)
    assert sum(isinstance(event, DtmfReceived) for event in call.events) == MAX_KEYS_PER_S


# keys we play


def read_keys(heard: list[Sent]) -> str:
    """The keys a receiver would take from these packets: one a timestamp and stream."""
    seen: dict[tuple[int, int], str] = {}
    for sent in heard:
        if sent.kind == 101:
            seen[sent.ssrc, sent.timestamp] = "0123456789*#ABCD"[sent.payload[0]]
    return "".join(seen.values())


def test_digits_into_silence_continue_the_silence_stream() -> None:
    call = Call()
    call.agree(Side.CUSTOMER)
    call.run(3)
    call.play(Side.CUSTOMER, "42#")
    call.run(40)
    heard = call.heard[Side.CUSTOMER]
    assert read_keys(heard) == "42#"
    assert {sent.ssrc for sent in heard} == {heard[0].ssrc}
    assert [(sent.sequence - heard[0].sequence) % 65536 for sent in heard] == list(range(43))
    events = [sent for sent in heard if sent.kind == 101]
    assert [sent.tick for sent in events] == [*range(4, 11), *range(14, 21), *range(24, 31)]
    assert [sent.marker for sent in events] == ([True] + [False] * 6) * 3


def test_digits_into_a_relayed_stream_take_the_place_of_its_packets() -> None:
    call = Call()
    call.agree()
    call.run(5, Side.ENGINE)
    call.play(Side.CUSTOMER, "7")
    call.run(15, Side.ENGINE)
    heard = call.heard[Side.CUSTOMER]
    assert read_keys(heard) == "7"
    assert [sent.sequence for sent in heard] == list(range(1, 21))
    assert {sent.ssrc for sent in heard} == {77}
    assert [sent.kind for sent in heard] == [0] * 5 + [101] * 7 + [0] * 8
    assert {sent.timestamp for sent in heard if sent.kind == 101} == {6 * 160}
    assert len(call.heard[Side.ENGINE]) == 20  # our silence: the customer says nothing


def test_after_the_digits_the_stream_is_relayed_untouched_again() -> None:
    call = Call()
    call.agree()
    call.run(1, Side.ENGINE)
    call.play(Side.CUSTOMER, "7")
    call.run(10, Side.ENGINE)
    assert call.session.engine.onward is None
    said = call.say(Side.ENGINE)
    assert call.heard[Side.CUSTOMER][-1].packet == said
    assert call.session.engine.onward is call.session.customer.hearing


def test_a_key_is_finished_in_the_relayed_stream_when_that_dries_up() -> None:
    call = Call()
    call.agree()
    call.run(3, Side.ENGINE)
    call.play(Side.CUSTOMER, "9")
    call.run(3, Side.ENGINE)
    call.run(20)
    heard = call.heard[Side.CUSTOMER]
    assert read_keys(heard) == "9"
    events = [sent for sent in heard if sent.kind == 101]
    assert [sent.sequence for sent in events] == list(range(4, 11))
    assert {sent.ssrc for sent in events} == {77}
    assert heard[-1].payload == SILENT_PCMU


def test_a_key_begun_in_silence_is_finished_there_though_the_other_side_speaks() -> None:
    call = Call()
    call.agree()
    call.play(Side.CUSTOMER, "3")
    call.run(2)
    call.run(20, Side.ENGINE)
    heard = call.heard[Side.CUSTOMER]
    events = [sent for sent in heard if sent.kind == 101]
    assert read_keys(heard) == "3"
    assert len(events) == 7
    assert {sent.ssrc for sent in events} != {77}
    assert [sent.ssrc == 77 for sent in heard] == sorted(sent.ssrc == 77 for sent in heard)


def test_a_key_goes_on_in_its_stream_when_the_other_side_changes_ssrc() -> None:
    call = Call()
    call.agree()
    call.run(1, Side.ENGINE)
    call.play(Side.CUSTOMER, "5")
    call.run(2, Side.ENGINE)
    for place in range(5):
        call.tick += 1
        call.say(Side.ENGINE, datagram=build(0, False, 500 + place, 80000 + place * 160, 99, b"\x55" * 160))
    events = [sent for sent in call.heard[Side.CUSTOMER] if sent.kind == 101]
    assert read_keys(events) == "5"
    assert [sent.sequence for sent in events] == list(range(2, 9))


def test_digits_to_one_side_leave_the_other_direction_alone() -> None:
    call = Call()
    call.agree()
    call.run(2, *Side)
    call.play(Side.CUSTOMER, "1")
    call.run(10, *Side)
    assert {sent.kind for sent in call.heard[Side.ENGINE]} == {0}
    assert len(call.heard[Side.ENGINE]) == 12


def test_digits_for_a_side_without_telephone_event_or_on_hold_are_not_played() -> None:
    call = Call()
    call.agree(Side.CUSTOMER, telephone_event=None)
    call.agree(Side.ENGINE, send=False)
    call.play(Side.CUSTOMER, "1")
    call.play(Side.ENGINE, "2")
    call.run(20)
    call.agree(Side.ENGINE)
    call.run(20)
    assert read_keys(call.heard[Side.CUSTOMER]) + read_keys(call.heard[Side.ENGINE]) == ""


def test_a_hold_ends_the_digits_that_were_being_played() -> None:
    call = Call()
    call.agree()
    call.play(Side.CUSTOMER, "123456")
    call.run(12)
    call.agree(Side.CUSTOMER, send=False)
    call.run(10)
    call.agree(Side.CUSTOMER)
    call.run(30)
    assert read_keys(call.heard[Side.CUSTOMER]) == "12"


# watchdog


def test_a_side_that_never_speaks_is_reported_once() -> None:
    call = Call()
    call.agree()
    call.run(400, Side.ENGINE)
    assert [event for event in call.events if isinstance(event, RtpTimedOut)] == [RtpTimedOut("c1", Side.CUSTOMER, 5.0)]


def test_a_side_that_falls_silent_again_is_reported_again() -> None:
    call = Call()
    call.agree()
    call.run(300, Side.ENGINE)
    call.run(50, *Side)
    call.run(300, Side.ENGINE)
    timeouts = [event.side for event in call.events if isinstance(event, RtpTimedOut)]
    assert timeouts == [Side.CUSTOMER, Side.CUSTOMER]


def test_a_side_that_need_not_send_is_not_reported_and_has_all_its_time_when_it_must_again() -> None:
    call = Call()
    call.agree(receive=False)
    call.run(1000)
    call.agree(Side.CUSTOMER)
    call.run(240)
    assert not any(isinstance(event, RtpTimedOut) for event in call.events)
    call.run(20)
    assert [event.side for event in call.events if isinstance(event, RtpTimedOut)] == [Side.CUSTOMER]


def test_strangers_do_not_calm_the_watchdog() -> None:
    call = Call()
    call.agree(Side.CUSTOMER)
    for _ in range(260):
        call.say(Side.CUSTOMER, source=STRANGER)
        call.run(1)
    assert [event.side for event in call.events if isinstance(event, RtpTimedOut)] == [Side.CUSTOMER]


# statistics


def test_every_packet_is_accounted_for() -> None:
    call = Call()
    call.agree()
    call.run(10)
    call.run(100, *Side)
    closed = call.session.closed()
    for mine in (closed.customer, closed.engine):
        assert (mine.received, mine.lost, mine.relayed, mine.silence) == (100, 0, 100, 10)
    assert len(call.heard[Side.CUSTOMER]) == len(call.heard[Side.ENGINE]) == 110


def test_random_datagrams_never_raise_and_are_all_counted() -> None:
    rng = random.Random(3550)
    call = Call()
    call.agree()
    sources = (CUSTOMER, (CUSTOMER[0], 4002), STRANGER)
    for _ in range(4000):
        length = rng.choice((0, 1, 4, 12, 16, 172, 1500, 1501))
        head = bytes(
            [rng.choice((0x80, 0x90, 0xA0, 0xBF, rng.randrange(256))), rng.choice((0, 101, rng.randrange(256)))]
        )
        datagram = (head + rng.randbytes(max(length - 2, 0)))[:length]
        call.say(Side.CUSTOMER, source=rng.choice(sources), datagram=datagram)
        if rng.random() < 0.05:
            call.run(1)
    closed = call.session.closed().customer
    assert closed.received + closed.invalid + closed.strangers == 4000
    assert min(closed.received, closed.invalid, closed.strangers) > 100
