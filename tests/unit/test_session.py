"""One call: who hears whom, silence, watchdog and statistics, in virtual time."""

import random

import pytest

from bridge.media.messages import (
    AudioStarted,
    Flow,
    RtpTimedOut,
    Side,
)
from bridge.media.rtp import build
from sip.messages import Codec
from tests.unit.media_call import CUSTOMER, SILENT_PCMA, SILENT_PCMU, STRANGER, Call


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
