"""What is counted of an engine by WebSocket."""

from dataclasses import replace

import pytest

from bridge.media.messages import AudioStarted, Side
from bridge.media.rtp import build
from bridge.media.statistics import PlayoutStatistics
from tests.unit.media_call import LOUD, QUIET, Call, playout, words


def test_the_engines_first_sound_starts_its_audio() -> None:
    call = Call()
    call.stream()
    call.session.playout.play(QUIET * 10 + words(10))
    call.run(10)
    assert AudioStarted("c1", Side.ENGINE) not in call.events
    call.run(10)
    assert call.events.count(AudioStarted("c1", Side.ENGINE)) == 1
    assert playout(call).first_audio_ms == pytest.approx(11 * 20)


def test_turns_are_measured() -> None:
    call = Call()
    call.stream()
    call.session.playout.play(words(10))
    call.run(50)
    call.say(Side.CUSTOMER, datagram=build(0, False, 1, 160, 77, LOUD))
    call.run(30)
    call.session.playout.play(words(10))
    call.run(10)
    counted = playout(call)
    assert counted.turns == 1
    assert counted.turn_p50_ms == counted.turn_max_ms == pytest.approx(31 * 20)


def test_calls_without_such_an_engine_have_no_such_statistics() -> None:
    call = Call()
    call.agree()
    call.run(5, *Side)
    assert call.session.closed().playout is None


def test_the_statistics_of_a_call_say_what_became_of_all_audio() -> None:
    call = Call()
    call.stream()
    call.session.playout.play(words(30))
    call.run(10)
    call.session.playout.clear(call.now)
    call.run(1)
    call.session.playout.play(bytes(call.session.playout.LIMIT + 1600))
    call.session.detach(call.now)
    counted = playout(call)
    assert replace(counted, late_p50_ms=0.0) == PlayoutStatistics(
        played_ms=200,
        cleared_ms=400 + 300_000,
        dropped_ms=200,
        first_audio_ms=20.0,
        barge_ins=1,
        barge_in_max_ms=20.0,
    )
    assert call.session.closed().customer.spoken == 10
