"""Calls whose engine is reached by WebSocket: what the customer hears, and what the engine."""

import pytest

from bridge.media.g711 import ULAW_TO_ALAW
from bridge.media.messages import (
    DtmfReceived,
    Flow,
    RtpTimedOut,
    Side,
)
from sip.messages import Codec
from tests.unit.media_call import SILENT_PCMA, SILENT_PCMU, Call, Engine, frames_of, playout, press, words


def test_the_customer_hears_the_engine_and_silence_around_it() -> None:
    call = Call()
    call.stream()
    call.run(3)
    call.session.playout.play(words(10))
    call.run(15)
    heard = call.heard[Side.CUSTOMER]
    assert [sent.payload for sent in heard] == [SILENT_PCMU] * 3 + frames_of(words(10)) + [SILENT_PCMU] * 5
    assert [sent.tick for sent in heard] == list(range(1, 19))
    assert {(sent.timestamp - heard[0].timestamp) % 2**32 for sent in heard} == {place * 160 for place in range(18)}
    assert [(sent.sequence - heard[0].sequence) % 65536 for sent in heard] == list(range(18))
    assert [place for place, sent in enumerate(heard) if sent.marker] == [0, 3]
    assert len({sent.ssrc for sent in heard}) == 1


def test_a_pcma_customer_hears_the_same_in_alaw() -> None:
    call = Call()
    call.stream()
    call.agree(Side.CUSTOMER, codec=Codec.PCMA)
    call.session.playout.play(words(5))
    call.run(6)
    expected = [frame.translate(ULAW_TO_ALAW) for frame in frames_of(words(5))]
    assert call.heard_since(0) == [*expected, SILENT_PCMA]
    assert {sent.kind for sent in call.heard[Side.CUSTOMER]} == {8}


def test_nothing_is_played_before_the_call_is_answered_and_the_engine_hears_from_the_start() -> None:
    call, engine = Call(), Engine()
    call.agree(Side.CUSTOMER)
    call.session.attach(engine, call.now)
    call.session.playout.play(words(3))
    call.run(10, Side.CUSTOMER)
    assert set(call.heard_since(0)) == {SILENT_PCMU}
    assert len(engine.heard) == 10
    call.session.answered(call.now)
    call.run(3)
    assert call.heard_since(10) == frames_of(words(3))


def test_the_engine_hears_the_customer_and_silence_where_nothing_comes() -> None:
    call = Call()
    engine = call.stream()
    call.run(10, Side.CUSTOMER)
    call.run(20)
    assert engine.heard[:10] == [b"\x55" * 160] * 10
    assert set(engine.heard[10:]) == {SILENT_PCMU}
    assert len(engine.heard) in (29, 30, 31)
    closed = call.session.closed()
    assert (closed.customer.received, closed.customer.unheard) == (10, 0)


def test_marks_come_when_what_was_before_them_has_been_heard() -> None:
    call = Call()
    engine = call.stream()
    call.session.playout.play(words(4))
    call.session.playout.mark("four", call.now)
    call.session.playout.play(words(2))
    call.session.playout.mark("six", call.now)
    call.run(10)
    assert engine.marks == [("four", 0.1), ("six", 0.14)]


def test_a_clear_silences_the_next_packet() -> None:
    call = Call()
    engine = call.stream()
    call.session.playout.play(words(100), "long")
    call.session.playout.mark("end", call.now)
    call.run(10)
    assert call.session.playout.clear(call.now + 0.005).played_ms == 200
    assert engine.marks == [("end", 0.205)]
    call.run(5)
    assert call.heard_since(10) == [SILENT_PCMU] * 5
    counted = playout(call)
    assert (counted.played_ms, counted.cleared_ms, counted.barge_ins) == (200, 1800, 1)
    assert counted.barge_in_max_ms == pytest.approx(15)


def test_keys_for_the_customer_make_the_audio_wait() -> None:
    call = Call()
    call.stream()
    call.session.playout.play(words(20))
    call.run(5)
    call.play(Side.CUSTOMER, "5#")
    call.run(40)
    heard = call.heard[Side.CUSTOMER]
    assert [sent.payload for sent in heard if sent.kind == 0 and sent.payload != SILENT_PCMU] == frames_of(words(20))
    assert [sent.tick for sent in heard if sent.kind == 101] == [*range(6, 13), *range(16, 23)]
    assert [sent.tick for sent in heard] == list(range(1, 46))
    assert len({sent.ssrc for sent in heard}) == 1


def test_keys_go_to_the_engine_from_the_customer_and_from_the_bridge() -> None:
    call = Call()
    engine = call.stream()
    press(call, Side.CUSTOMER, 11, 3200)
    call.play(Side.ENGINE, "1 a")
    assert engine.keys == ["#", "1", "A"]
    assert DtmfReceived("c1", Side.CUSTOMER, "#", 120) in call.events
    assert call.session.engine.hearing.playing is False


def test_missed_slots_are_made_up_for_and_no_audio_is_lost() -> None:
    call = Call()
    call.stream()
    call.session.playout.play(words(10))
    call.run(2)
    call.stall(3)
    call.run(10)
    heard = call.heard[Side.CUSTOMER]
    assert [sent.payload for sent in heard[:10]] == frames_of(words(10))
    assert [sent.tick for sent in heard[:6]] == [1, 2, 5, 5, 5, 6]
    assert {(sent.timestamp - heard[0].timestamp) % 2**32 for sent in heard} == {place * 160 for place in range(15)}
    assert playout(call).late_max_ms == pytest.approx(40)


def test_after_a_long_standstill_three_frames_leave_at_once_and_the_rest_is_played_later() -> None:
    call = Call()
    call.stream()
    call.session.playout.play(words(10))
    call.run(2)
    call.stall(20)
    call.run(10)
    heard = call.heard[Side.CUSTOMER]
    assert [sent.payload for sent in heard[:10]] == frames_of(words(10))
    assert [sent.tick for sent in heard[:6]] == [1, 2, 22, 22, 22, 23]
    assert (heard[2].timestamp - heard[1].timestamp) % 2**32 == 18 * 160
    assert heard[2].marker
    assert playout(call).late_max_ms == pytest.approx(380)


def test_a_standstill_sends_no_further_silence() -> None:
    call = Call()
    call.stream()
    call.run(2)
    call.stall(3)
    assert call.heard_since(2) == [SILENT_PCMU]


def test_flow_silence_keeps_both_apart_while_the_engines_time_goes_on() -> None:
    call = Call()
    engine = call.stream()
    call.session.playout.play(words(20))
    call.session.playout.mark("end", call.now)
    call.run(5, Side.CUSTOMER)
    call.session.set_flow(Flow.SILENCE)
    call.run(10, Side.CUSTOMER)
    call.session.set_flow(Flow.RELAY)
    call.run(10, Side.CUSTOMER)
    assert (
        call.heard_since(0)
        == frames_of(words(20))[:5] + [SILENT_PCMU] * 10 + frames_of(words(20))[15:] + [SILENT_PCMU] * 5
    )
    assert engine.heard.count(b"\x55" * 160) == 15
    assert engine.marks == [("end", 0.42)]
    assert (playout(call).played_ms, playout(call).unheard_ms) == (200, 200)
    assert call.session.closed().customer.unheard == 10


def test_hold_lets_the_engines_time_go_on_and_sends_nothing() -> None:
    call = Call()
    call.stream()
    call.session.playout.play(words(10))
    call.agree(Side.CUSTOMER, send=False)
    call.run(5)
    assert call.heard_since(0) == []
    call.agree(Side.CUSTOMER)
    call.run(5)
    assert call.heard_since(5) == frames_of(words(10))[5:]


def test_an_engine_that_is_gone_is_not_heard_any_more_and_silence_goes_on() -> None:
    call = Call()
    engine = call.stream()
    call.session.playout.play(words(50))
    call.session.playout.mark("never", call.now)
    call.run(5)
    call.session.detach(call.now)
    call.run(20, Side.CUSTOMER)
    assert call.heard_since(5) == [SILENT_PCMU] * 20
    assert engine.marks == []
    assert playout(call).cleared_ms == 900


def test_an_engine_may_go_away_over_a_mark() -> None:
    call = Call()
    engine = call.stream()
    engine.on_mark = lambda name: call.session.detach(call.now)
    call.session.playout.play(words(2))
    call.session.playout.mark("bye", call.now)
    call.run(6)
    heard = call.heard[Side.CUSTOMER]
    assert [sent.tick for sent in heard] == list(range(1, 7))
    assert heard[-1].payload == SILENT_PCMU


def test_the_next_engine_waits_for_its_own_answer() -> None:
    call = Call()
    call.stream()
    call.run(2)
    call.session.detach(call.now)
    second = Engine()
    call.session.attach(second, call.now)
    call.session.playout.play(words(3))
    call.run(5)
    assert set(call.heard_since(0)) == {SILENT_PCMU}
    call.session.answered(call.now)
    call.run(3)
    assert call.heard_since(7) == frames_of(words(3))
    assert len(second.heard) == 8


def test_an_engine_by_websocket_takes_the_place_of_one_by_rtp() -> None:
    call = Call()
    call.agree()
    call.run(5, *Side)
    call.stream()
    call.session.playout.play(words(5))
    call.run(5, *Side)
    assert call.heard_since(5) == frames_of(words(5))
    assert len(call.heard[Side.ENGINE]) == 5
    call.session.detach(call.now)
    call.agree(Side.ENGINE)
    call.run(5, *Side)
    assert call.heard_since(10) == [b"\x55" * 160] * 5
    assert len(call.heard[Side.ENGINE]) == 10


def test_the_engine_side_is_not_watched_and_the_customer_is() -> None:
    call = Call()
    call.agree()
    call.stream()
    call.run(400)
    assert [event for event in call.events if isinstance(event, RtpTimedOut)] == [RtpTimedOut("c1", Side.CUSTOMER, 5.0)]


def test_replacing_an_attached_engine_forgets_what_it_has_said() -> None:
    call = Call()
    first = call.stream()
    call.session.playout.play(words(10))
    second = Engine()
    call.session.attach(second, call.now)
    call.session.answered(call.now)
    call.run(3, Side.CUSTOMER)
    assert set(call.heard_since(0)) == {SILENT_PCMU}
    assert (len(first.heard), len(second.heard)) == (0, 3)
