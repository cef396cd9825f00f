"""What a customer's phone gets of an engine by WebSocket, and the engine of the customer: real sockets, real time."""

import asyncio
import random
import struct
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from itertools import pairwise

import pytest

from bridge.media.g711 import ALAW_TO_ULAW, ULAW_TO_ALAW
from bridge.media.messages import DeadAir, Flow, Prompt, SendDigits, SessionOpened, SetFlow, SetRemote, Side
from bridge.media.prompts import soft_tone
from bridge.media.rtp import build, payload
from bridge.simulator.speech import PROMPT, recording
from sip.messages import Codec
from tests.integration.media_bench import LOOPBACK, numbers, settings, until, voice
from tests.integration.playout_bench import Exchange, exchange
from tests.integration.rtp_customer import Customer

pytestmark = pytest.mark.alone

SILENCE = b"\xff" * 160


def audio(seconds: float, seed: int = 1) -> bytes:
    """Loud audio of which no 20 ms are like any others."""
    return random.Random(seed).randbytes(int(seconds * 8000)).translate(bytes(code & 0xBF for code in range(256)))


def frames_of(audio: bytes) -> list[bytes]:
    return [audio[at : at + 160] for at in range(0, len(audio), 160)]


def words(customer: Customer) -> list[bytes]:
    """What was heard but silence."""
    return [payload(packet) for packet in customer.heard if payload(packet) != SILENCE]


@pytest.fixture
async def bench() -> AsyncIterator[Exchange]:
    async with exchange(settings()) as made:
        yield made


async def test_the_customer_hears_every_sample_in_order_without_a_gap(bench: Exchange) -> None:
    session, customer, _, _ = bench.call()
    said, rng = audio(1.2), random.Random(7)
    at = 0
    while at < len(said):
        size = rng.randrange(1, 700)
        session.playout.play(said[at : at + size])
        at += size
    await until(lambda: len(words(customer)) >= 60)
    assert b"".join(words(customer)) == said
    heard = [numbers(packet) for packet in customer.heard]
    assert [(sequence - heard[0][0]) % 65536 for sequence, _, _ in heard] == list(range(len(heard)))
    first = next(place for place, packet in enumerate(customer.heard) if payload(packet) != SILENCE)
    gaps = [later - earlier for earlier, later in pairwise(customer.times[first : first + 60])]
    assert sorted(gaps)[-3] < 0.04  # two are forgiven to a busy machine
    stamps = [timestamp for _, timestamp, _ in heard[first : first + 60]]
    assert [(stamp - stamps[0]) % 2**32 for stamp in stamps] == [place * 160 for place in range(60)]
    counted = bench.close().playout
    assert counted is not None
    assert counted.played_ms == 1200
    assert counted.late_p50_ms < 5


async def test_a_pcma_customer_hears_every_sample_in_alaw_and_is_heard_in_ulaw(bench: Exchange) -> None:
    session, customer, engine, port = bench.call(codec=Codec.PCMA)
    session.playout.play(audio(0.3))
    for sequence in range(5):
        customer.send(build(8, False, sequence, sequence * 160, 9, b"\x2a" * 160), port)
    await until(lambda: len([packet for packet in customer.heard if payload(packet) != b"\xd5" * 160]) >= 15)
    heard = [payload(packet) for packet in customer.heard if payload(packet) != b"\xd5" * 160]
    assert heard == [frame.translate(ULAW_TO_ALAW) for frame in frames_of(audio(0.3))]
    assert {packet[1] & 0x7F for packet in customer.heard} == {8}
    await until(lambda: engine.heard.count(b"\x2a".translate(ALAW_TO_ULAW) * 160) == 5)


async def test_a_clear_silences_the_customer_within_40_ms(bench: Exchange) -> None:
    session, customer, engine, _ = bench.call()
    said = audio(5)
    session.playout.play(said, "long")
    session.playout.mark("end", time.monotonic())
    await until(lambda: len(words(customer)) >= 10)
    cleared_at = time.monotonic()
    cut = session.playout.clear(cleared_at)
    assert engine.marks == [("end", cleared_at)]
    count = len(customer.heard)
    await until(lambda: len(customer.heard) >= count + 10)
    last_word = max(at for at, packet in zip(customer.times, customer.heard, strict=True) if payload(packet) != SILENCE)
    assert last_word - cleared_at < 0.04
    assert words(customer) == frames_of(said)[: len(words(customer))]
    assert cut.item == "long"
    assert cut.played_ms == len(words(customer)) * 20
    counted = bench.close().playout
    assert counted is not None
    assert counted.barge_ins == 1
    assert counted.barge_in_max_ms is not None
    assert counted.barge_in_max_ms < 40


async def test_marks_come_in_order_when_the_audio_before_them_was_heard(bench: Exchange) -> None:
    session, customer, engine, _ = bench.call()
    for number in range(5):
        session.playout.play(audio(0.06, number))
        session.playout.mark(str(number), time.monotonic())
    await until(lambda: len(engine.marks) == 5)
    assert [name for name, _ in engine.marks] == ["0", "1", "2", "3", "4"]
    first = next(at for at, packet in zip(customer.times, customer.heard, strict=True) if payload(packet) != SILENCE)
    for number, (_, at) in enumerate(engine.marks):
        assert at - first == pytest.approx((number + 1) * 0.06, abs=0.03)


async def test_sixty_seconds_at_once_begin_unhurried_and_take_bounded_memory(bench: Exchange) -> None:
    session, customer, _, _ = bench.call()
    said = audio(60)
    for at in range(0, len(said), 100):
        session.playout.play(said[at : at + 100])
    assert session.playout.waiting_ms == 60_000
    await until(lambda: len(words(customer)) >= 25)
    assert words(customer) == frames_of(said)[: len(words(customer))]
    assert session.playout.waiting_ms >= 59_000
    for _ in range(6):
        session.playout.play(said)
    assert session.playout.waiting_ms <= 300_000
    closed = bench.close()
    assert closed.playout is not None
    assert closed.playout.dropped_ms >= 110_000


async def test_audio_of_a_process_that_stood_still_is_late_but_whole(bench: Exchange) -> None:
    session, customer, _, _ = bench.call()
    said = audio(0.6)
    session.playout.play(said)
    await until(lambda: len(words(customer)) >= 5)
    time.sleep(0.05)  # noqa: ASYNC251 - the standstill
    await until(lambda: len(words(customer)) >= 30)
    assert b"".join(words(customer)) == said
    begun = next(place for place, packet in enumerate(customer.heard) if payload(packet) != SILENCE)
    stamps = [numbers(packet)[1] for packet in customer.heard[begun : begun + 30]]
    assert (stamps[-1] - stamps[0]) % 2**32 == 29 * 160  # the missed slots were made up for
    counted = bench.close().playout
    assert counted is not None
    assert counted.late_max_ms >= 25


async def test_the_engine_hears_the_customer_at_once_and_silence_in_real_time(bench: Exchange) -> None:
    _, customer, engine, port = bench.call()
    await until(lambda: len(engine.heard) >= 10)
    assert set(engine.heard) == {SILENCE}
    count = len(engine.heard)
    for sequence in range(10):
        customer.send(voice(sequence, 77), port)
    customer.send(voice(3, 77), port)  # comes twice
    await until(lambda: [frame for frame in engine.heard if frame != SILENCE])
    spoken = [struct.pack("!I", sequence) * 40 for sequence in range(10)]
    await until(lambda: [frame for frame in engine.heard[count:] if frame != SILENCE] == spoken)
    begun, before = time.monotonic(), len(engine.heard)
    await asyncio.sleep(0.5)
    said = (len(engine.heard) - before) * 0.02
    assert said == pytest.approx(time.monotonic() - begun, abs=0.25)


async def test_keys_pass_both_ways(bench: Exchange) -> None:
    session, customer, engine, port = bench.call()
    session.playout.play(audio(0.5))
    bench.relay.press("c1", "4")
    for place in range(8):
        event = struct.pack("!BBH", 10, 10 | (0x80 if place >= 5 else 0), min(place + 1, 6) * 160)
        customer.send(build(101, place == 0, place, 4000, 77, event), port)
    bench.relay.obey(SendDigits("c1", Side.ENGINE, "9"))
    await until(lambda: sorted(engine.keys) == ["*", "9"])
    await until(lambda: len([packet for packet in customer.heard if packet[1] & 0x7F == 0]) >= 30)
    events = [packet for packet in customer.heard if packet[1] & 0x7F == 101]
    assert [payload(packet)[0] for packet in events] == [4] * 7
    assert b"".join(payload(p) for p in customer.heard if p[1] & 0x7F == 0 and payload(p) != SILENCE) == audio(0.5)


async def test_a_prompt_is_heard_while_the_engine_is_replaced(bench: Exchange) -> None:
    session, customer, _, _ = bench.call()
    bench.relay.obey(SetFlow("c1", Flow.SILENCE, Prompt.WAIT))
    session.detach(time.monotonic())
    await until(lambda: len(words(customer)) >= 9)
    assert b"".join(words(customer)) == soft_tone()[: len(words(customer)) * 160]
    count = len(customer.heard)
    bench.relay.obey(SetFlow("c1", Flow.RELAY))
    await until(lambda: len(customer.heard) >= count + 5)
    assert payload(customer.heard[-1]) == SILENCE


async def test_fifty_engines_speak_at_once_without_a_late_packet(bench: Exchange) -> None:
    async with exchange(settings(220)) as many:
        calls = [many.call(f"c{place}") for place in range(50)]
        said = b"".join(recording(PROMPT, Codec.PCMU)[20:70])
        for session, _, _, _ in calls:
            session.playout.play(said)
        await until(lambda: all(session.playout.waiting_ms == 0 for session, _, _, _ in calls))
        await asyncio.sleep(0.05)
        worst = []
        for place, (_, customer, _, _) in enumerate(calls):
            heard = b"".join(payload(packet) for packet in customer.heard)
            assert said in heard
            counted = many.close(f"c{place}").playout
            assert counted is not None
            worst.append(counted.late_p99_ms)
        assert sorted(worst)[25] < 60


async def test_a_call_that_is_over_can_still_be_spoken_to(bench: Exchange) -> None:
    session, customer, _, _ = bench.call()
    await until(lambda: customer.heard)
    bench.close()
    session.playout.play(audio(1))
    session.detach(time.monotonic())
    assert bench.relay.session("c1") is None
    bench.relay.press("c1", "1")
    count = len(customer.heard)
    await asyncio.sleep(0.1)
    assert len(customer.heard) == count


async def test_an_engine_by_rtp_can_follow_one_by_websocket(bench: Exchange) -> None:
    session, customer, engine, _ = bench.call()
    session.playout.play(audio(5))
    await until(lambda: words(customer))
    session.detach(time.monotonic())
    peer = Customer()
    bench.customers.append(peer)
    bench.relay.obey(SetRemote("c1", Side.ENGINE, LOOPBACK, peer.address[1], Codec.PCMU, 101, True, True))
    await until(lambda: peer.heard)  # silence: the engine's port is used again
    opened = bench.events[0]
    assert isinstance(opened, SessionOpened)
    peer.send(voice(1, 55), opened.engine_port)
    await until(lambda: voice(1, 55) in customer.heard)


async def test_dead_air_is_reported() -> None:
    async with exchange(replace(settings(), dead_air_s=0.6)) as bench:
        bench.call()
        await until(lambda: len([event for event in bench.events if isinstance(event, DeadAir)]) == 2)
