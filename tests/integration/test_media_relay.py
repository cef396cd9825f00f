"""What a real media process does with packets: relay, silence, keys, strangers."""

import asyncio
import random
import struct
import time
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from bridge.media.messages import (
    AudioStarted,
    DtmfReceived,
    Flow,
    Follow,
    RtpTimedOut,
    Side,
)
from bridge.media.rtp import build, payload
from sip.messages import Codec
from tests.integration.media_bench import (
    Bench,
    numbers,
    of_stream,
    of_stream_but,
    remote,
    running,
    settings,
    until,
    voice,
)


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    async with running(settings()) as made:
        yield made


async def test_every_packet_of_twenty_calls_arrives_untouched_on_the_other_side(bench: Bench) -> None:
    calls = [await bench.call(f"c{place}") for place in range(20)]
    for sequence in range(50):
        for place, (opened, customer, engine) in enumerate(calls):
            customer.send(voice(sequence, 1000 + place), opened.customer_port)
            engine.send(voice(sequence, 2000 + place), opened.engine_port)
        await asyncio.sleep(0.005)
    await until(lambda: all(len(of_stream(engine.heard, 1000 + n)) == 50 for n, (_, _, engine) in enumerate(calls)))
    await until(lambda: all(len(of_stream(peer.heard, 2000 + n)) == 50 for n, (_, peer, _) in enumerate(calls)))
    for place, (_, customer, engine) in enumerate(calls):
        assert of_stream(engine.heard, 1000 + place) == [voice(n, 1000 + place) for n in range(50)]
        assert of_stream(customer.heard, 2000 + place) == [voice(n, 2000 + place) for n in range(50)]
        closed = await bench.media.close(f"c{place}")
        for side in (closed.customer, closed.engine):
            assert (side.received, side.lost, side.relayed) == (50, 0, 50)
            assert (side.strangers, side.invalid, side.unsent) == (0, 0, 0)
    started = [event for event in bench.events if isinstance(event, AudioStarted)]
    assert len(started) == len(set(started)) == 40


async def test_the_customer_hears_silence_every_20_ms_though_the_engine_is_not_there_yet(bench: Bench) -> None:
    await bench.media.open("c1", Codec.PCMA)
    customer = bench.peer()
    begun = time.monotonic()
    bench.media.set_remote(remote("c1", Side.CUSTOMER, customer, Codec.PCMA))
    await until(lambda: customer.heard)
    assert time.monotonic() - begun < 0.3  # 20 ms, and room for a busy machine
    await until(lambda: len(customer.heard) >= 40)
    lasted = time.monotonic() - begun
    heard = [numbers(packet) for packet in customer.heard]
    assert {payload(packet) for packet in customer.heard} == {b"\xd5" * 160}
    assert {packet[1] & 0x7F for packet in customer.heard} == {8}
    assert [(sequence - heard[0][0]) % 65536 for sequence, _, _ in heard] == list(range(len(heard)))
    stretch = (heard[-1][1] - heard[0][1]) % 2**32 / 8000
    assert stretch == pytest.approx(lasted, abs=0.25)  # the timestamps tell the time
    assert all((timestamp - heard[0][1]) % 160 == 0 for _, timestamp, _ in heard)
    closed = await bench.media.close("c1")
    assert closed.customer.silence >= 40
    assert closed.engine.silence == 0


async def test_relayed_audio_replaces_silence_and_silence_returns_when_it_stops(bench: Bench) -> None:
    opened, customer, engine = await bench.call()
    await until(lambda: customer.heard)
    ours = numbers(customer.heard[0])[2]
    for sequence in range(15):
        engine.send(voice(sequence, 55), opened.engine_port)
        await asyncio.sleep(0.02)
    await until(lambda: len(of_stream(customer.heard, 55)) == 15)
    count = len(of_stream(customer.heard, ours))
    await until(lambda: len(of_stream(customer.heard, ours)) > count)
    streams = [numbers(packet)[2] for packet in customer.heard]
    assert streams[-1] == ours
    resumed = of_stream(customer.heard, ours)[-1]
    assert (numbers(resumed)[0] - numbers(customer.heard[0])[0]) % 65536 == len(of_stream(customer.heard, ours)) - 1


async def test_flow_silence_keeps_both_sides_apart(bench: Bench) -> None:
    opened, customer, engine = await bench.call()
    bench.media.set_flow("c1", Flow.SILENCE)
    await until(lambda: len(customer.heard) > 2)
    for sequence in range(10):
        engine.send(voice(sequence, 55), opened.engine_port)
    await until(lambda: AudioStarted("c1", Side.ENGINE) in bench.events)
    bench.media.set_flow("c1", Flow.RELAY)
    await bench.obeyed()
    engine.send(voice(10, 55), opened.engine_port)
    await until(lambda: of_stream(customer.heard, 55))
    assert of_stream(customer.heard, 55) == [voice(10, 55)]
    assert (await bench.media.close("c1")).engine.received == 11


async def test_nothing_is_sent_to_a_side_on_hold(bench: Bench) -> None:
    _, customer, engine = await bench.call()
    await until(lambda: len(customer.heard) > 2)
    bench.media.set_remote(replace(remote("c1", Side.CUSTOMER, customer), send=False))
    await bench.obeyed()
    await asyncio.sleep(0.03)  # what was sent before has been read
    count, before = len(customer.heard), len(engine.heard)
    await until(lambda: len(engine.heard) > before + 5)
    assert len(customer.heard) == count


async def test_a_stranger_is_ignored_before_and_after_the_source_is_known(bench: Bench) -> None:
    opened, customer, engine = await bench.call()
    stranger = bench.peer("127.0.0.2")
    for sequence in range(5):
        stranger.send(voice(sequence, 666), opened.customer_port)
    for sequence in range(5):
        customer.send(voice(sequence, 77), opened.customer_port)
    await until(lambda: len(of_stream(engine.heard, 77)) == 5)
    for sequence in range(5, 10):
        stranger.send(voice(sequence, 666), opened.customer_port)
        customer.send(voice(sequence, 77), opened.customer_port)
    await until(lambda: len(of_stream(engine.heard, 77)) == 10)
    closed = await bench.media.close("c1")
    assert (closed.customer.received, closed.customer.strangers) == (10, 10)
    assert of_stream(engine.heard, 666) == []
    assert stranger.heard == []


async def test_replies_follow_a_changed_port_of_the_same_address_and_move_on_when_it_moves(bench: Bench) -> None:
    opened = await bench.media.open("c1", Codec.PCMU)
    named, first, second, engine = bench.peer(), bench.peer(), bench.peer(), bench.peer()
    bench.media.set_remote(remote("c1", Side.CUSTOMER, named))
    bench.media.set_remote(remote("c1", Side.ENGINE, engine))
    await until(lambda: named.heard and engine.heard)
    for sequence, source in enumerate((first, first, second)):
        if source is second:
            await asyncio.sleep(0.3)  # the first falls quiet
        source.send(voice(sequence, 77), opened.customer_port)
        await until(lambda wanted=sequence + 1: len(of_stream(engine.heard, 77)) == wanted)  # type: ignore[misc]
        engine.send(voice(sequence, 88), opened.engine_port)
        await until(lambda peer=source, mark=sequence: voice(mark, 88) in peer.heard)  # type: ignore[misc]
    assert of_stream(named.heard, 88) == []
    assert (await bench.media.close("c1")).customer.strangers == 0


@pytest.mark.parametrize(("follow", "taken"), [(Follow.ANY, 3), (Follow.NEVER, 0)])
async def test_any_follows_another_address_and_never_follows_nothing(follow: Follow, taken: int) -> None:
    async with running(replace(settings(), follow=follow)) as bench:
        opened, customer, _ = await bench.call()
        elsewhere = bench.peer("127.0.0.3")
        for sequence in range(3):
            elsewhere.send(voice(sequence, 9), opened.customer_port)
        await until(lambda: len(customer.heard) > 3 or elsewhere.heard)
        if taken:
            await until(lambda: elsewhere.heard)
        closed = await bench.media.close("c1")
        assert (closed.customer.received, closed.customer.strangers) == (taken, 3 - taken)


async def test_a_peer_whose_port_is_closed_does_not_hurt_the_call(bench: Bench) -> None:
    opened, customer, engine = await bench.call()
    engine.send(voice(0, 5), opened.engine_port)
    await until(lambda: AudioStarted("c1", Side.ENGINE) in bench.events)
    engine.close()
    bench.peers.remove(engine)
    for sequence in range(20):
        customer.send(voice(sequence, 77), opened.customer_port)
        await asyncio.sleep(0.002)
    back = bench.peer()
    bench.media.set_remote(remote("c1", Side.ENGINE, back))
    await until(lambda: back.heard)
    customer.send(voice(20, 77), opened.customer_port)
    await until(lambda: voice(20, 77) in back.heard)
    assert (await bench.media.close("c1")).customer.received == 21


async def test_keys_are_reported_once_and_played_once(bench: Bench) -> None:
    opened, customer, engine = await bench.call()
    for place in range(8):
        event = struct.pack("!BBH", 10, 10 | (0x80 if place >= 5 else 0), min(place + 1, 6) * 160)
        customer.send(build(101, place == 0, place, 4000, 77, event), opened.customer_port)
    await until(lambda: DtmfReceived("c1", Side.CUSTOMER, "*", 120) in bench.events)
    assert bench.media.send_digits("c1", Side.ENGINE, "19")
    await until(lambda: sum(packet[1] & 0x7F == 101 for packet in of_stream_but(engine.heard, 77)) == 14)
    played = [packet for packet in of_stream_but(engine.heard, 77) if packet[1] & 0x7F == 101]
    assert [payload(packet)[0] for packet in played] == [1] * 7 + [9] * 7
    assert len({numbers(packet)[1] for packet in played}) == 2
    assert sum(isinstance(event, DtmfReceived) for event in bench.events) == 1
    assert (await bench.media.close("c1")).customer.digits == "*"


async def test_digits_for_a_side_that_cannot_take_them_are_refused(bench: Bench) -> None:
    await bench.media.open("c1", Codec.PCMU)
    assert not bench.media.send_digits("c1", Side.CUSTOMER, "1")
    bench.media.set_remote(replace(remote("c1", Side.CUSTOMER, bench.peer()), telephone_event=None))
    assert not bench.media.send_digits("c1", Side.CUSTOMER, "1")
    assert not bench.media.send_digits("nobody", Side.CUSTOMER, "1")


async def test_a_silent_side_is_reported() -> None:
    async with running(replace(settings(), rtp_timeout_s=0.3)) as bench:
        opened, customer, _ = await bench.call()
        customer.send(voice(0, 77), opened.customer_port)
        await until(lambda: len([event for event in bench.events if isinstance(event, RtpTimedOut)]) == 2)
        assert {event.side for event in bench.events if isinstance(event, RtpTimedOut)} == set(Side)


async def test_hostile_datagrams_are_counted_and_the_call_goes_on(bench: Bench) -> None:
    rng = random.Random(4242)
    opened, customer, engine = await bench.call()
    customer.send(voice(0, 77), opened.customer_port)
    await until(lambda: of_stream(engine.heard, 77))
    for place in range(400):
        length = rng.choice((0, 1, 3, 11, 12, 13, 60, 172, 1500, 1501, 9000))
        head = bytes([rng.choice((0, 0x80, 0x9F, 0xBF, 0xFF)), rng.choice((0, 101, 200, rng.randrange(256)))])
        customer.send((head + rng.randbytes(length))[:length], opened.customer_port)
        if place % 20 == 19:
            await asyncio.sleep(0.005)
    customer.send(voice(1, 77), opened.customer_port)
    await until(lambda: voice(1, 77) in engine.heard)
    closed = await bench.media.close("c1")
    assert closed.customer.received + closed.customer.invalid == 402
    assert closed.customer.invalid > 100
