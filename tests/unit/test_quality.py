"""What is read once a second from the counters of each side."""

import math

import pytest

from bridge.media.g711 import SILENCE_DBFS, encode_ulaw
from bridge.media.messages import Flow, Side
from bridge.media.quality import level_of
from bridge.media.rtp import build
from bridge.media.statistics import QualitySample
from sip.messages import Codec
from tests.unit.media_call import LOUD, QUIET, Call, words


def samples(call: Call, busy_ms: float = 0.0) -> tuple[QualitySample, QualitySample]:
    customer, engine = call.session.quality(busy_ms)
    assert customer is not None and engine is not None
    return customer, engine


def test_a_side_has_no_quality_before_it_has_said_anything() -> None:
    call = Call()
    call.agree()
    call.run(5, Side.CUSTOMER)
    customer, engine = call.session.quality(0.0)
    assert customer is not None and customer.received == 5
    assert engine is None


def test_each_second_counts_by_itself() -> None:
    call = Call()
    call.agree()
    call.run(50, *Side)
    assert [each.received for each in samples(call)] == [50, 50]
    call.run(10, *Side)
    call.run(40, Side.CUSTOMER)
    customer, engine = samples(call, busy_ms=3.21)
    assert (customer.received, customer.late_ms, engine.received) == (50, 3.2, 10)
    assert customer.mos == pytest.approx(4.38, abs=0.02)
    assert samples(call) == (QualitySample(), QualitySample())


def test_lost_packets_count_in_their_second_and_cost_score() -> None:
    call = Call()
    call.agree()
    call.run(40, Side.CUSTOMER)
    call.spoken[Side.CUSTOMER] += 10
    call.run(1, Side.CUSTOMER)
    customer, _ = call.session.quality(0.0)
    assert customer is not None and (customer.received, customer.lost) == (41, 10)
    assert 1.0 < customer.mos < 3.0
    call.run(50, Side.CUSTOMER)
    customer, _ = call.session.quality(0.0)
    assert customer is not None and (customer.lost, customer.mos > 4.0) == (0, True)
    counted = call.session.closed()
    assert counted.customer.mos_worst is not None and counted.customer.mos is not None
    assert counted.customer.mos_worst < 3.0 < counted.customer.mos
    assert (counted.engine.mos, counted.engine.mos_worst) == (None, None)


def test_a_packet_that_comes_late_makes_no_loss_of_the_next_second() -> None:
    call = Call()
    call.agree()
    for number in (1, 2, 4):
        call.say(Side.CUSTOMER, datagram=build(0, False, number, number * 160, 77, LOUD))
    sample, _ = call.session.quality(0.0)
    assert sample is not None and (sample.received, sample.lost) == (3, 1)
    call.say(Side.CUSTOMER, datagram=build(0, False, 3, 480, 77, LOUD))
    late, _ = call.session.quality(0.0)
    assert late is not None and (late.received, late.lost) == (1, 0)


def test_an_engine_by_websocket_is_judged_by_what_is_played() -> None:
    call = Call()
    call.stream()
    call.session.playout.play(words(30))
    call.run(20, Side.CUSTOMER)
    call.tick += 1
    packets = call.session.tick(call.tick, 0, call.now)
    call.session.departed(call.now - 0.035, 0, len(packets), call.now)
    customer, engine = samples(call, busy_ms=1.0)
    assert (customer.received, customer.late_ms) == (20, 1.0)
    assert (engine.received, engine.lost, engine.jitter_ms, engine.late_ms) == (21, 0, 0.0, 35.0)
    assert engine.level_dbfs > -12
    call.run(5)
    assert samples(call)[1].late_ms == 0.0
    assert call.session.closed().playout.late_max_ms == 35.0  # type: ignore[union-attr]


def test_a_second_of_which_the_dead_air_watch_knows_has_a_level_all_the_same() -> None:
    call = Call(dead_air_s=15.0)
    call.agree()
    call.session.set_flow(Flow.RELAY)
    call.say(Side.CUSTOMER, datagram=build(0, False, 1, 160, 77, LOUD))
    call.session.watch(call.now, 0.0)
    customer, _ = call.session.quality(0.0)
    assert customer is not None and customer.level_dbfs > -12


@pytest.mark.parametrize("peak", [100, 1000, 8000, 32000])
def test_the_level_is_that_of_the_loudest_sample(peak: int) -> None:
    audio = encode_ulaw([0, 3, -peak] + [50] * 157)
    datagram = build(Codec.PCMU.payload_type, False, 1, 160, 77, audio)
    assert level_of(datagram) == pytest.approx(20 * math.log10(peak / 32768), abs=0.5)


def test_what_is_no_audio_has_no_level() -> None:
    assert level_of(b"") == level_of(b"\x80") == SILENCE_DBFS
    assert level_of(build(101, False, 1, 160, 77, b"\x0b\x8a\x03\x20")) == SILENCE_DBFS
    assert level_of(build(0, False, 1, 160, 77, QUIET)) == SILENCE_DBFS
    assert level_of(build(8, False, 1, 160, 77, b"\xd5" * 160)) == pytest.approx(-72.2, abs=0.1)
