"""Most packets of a relayed stream pass unread; what is counted and heard must not show it."""

import struct
from collections.abc import AsyncIterator

import pytest

from bridge.media.messages import DtmfReceived, Flow, QualityTick, Side
from bridge.media.rtp import build
from tests.integration.media_bench import Bench, of_stream, running, settings, until, voice


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    async with running(settings()) as made:
        yield made


async def test_what_is_lost_late_or_twice_among_unread_packets_is_counted(bench: Bench) -> None:
    opened, customer, engine = await bench.call()
    lost, late, twice = {15, 16, 30, 47}, {21: 23, 23: 21}, {35}
    order = [late.get(number, number) for number in range(65_500, 65_500 + 60)]
    sent = [number for place, number in enumerate(order) if place not in lost for _ in range(1 + (place in twice))]
    for number in sent:
        customer.send(voice(number & 0xFFFF, 77), opened.customer_port)
    await until(lambda: len(of_stream(engine.heard, 77)) == len(sent))
    closed = await bench.media.close("c1")
    assert closed.customer.received == closed.engine.relayed == len(sent) == 57
    assert closed.customer.lost == len(lost) - len(twice)


async def test_a_key_in_the_midst_of_a_stream_is_read(bench: Bench) -> None:
    opened, customer, engine = await bench.call()
    sent = [voice(number, 77) for number in range(20)]
    sent += [build(101, place == 0, 20 + place, 4000, 77, _event(place)) for place in range(5)]
    sent += [voice(number, 77) for number in range(25, 40)]
    for packet in sent:
        customer.send(packet, opened.customer_port)
    await until(lambda: of_stream(engine.heard, 77) == sent)
    assert [event for event in bench.events if isinstance(event, DtmfReceived)] == [
        DtmfReceived("c1", Side.CUSTOMER, "5", 100)
    ]


def _event(place: int) -> bytes:
    return struct.pack("!BBH", 5, 10 | (0x80 if place >= 3 else 0), min(place + 1, 4) * 200)


async def test_what_looks_different_is_read_and_goes_on_whole_or_not_at_all(bench: Bench) -> None:
    opened, customer, engine = await bench.call()
    steady = [voice(number, 77) for number in range(10)]
    odd = [build(0, False, 10, 1600, 77, bytes(240)), build(0, True, 11, 1840, 77, bytes(160)), voice(12, 77)]
    rtcp = b"\x80\xc8" + steady[0][2:]  # of the same size, from the same port
    for packet in (*steady, rtcp, *odd, b"\x00" + steady[0][1:], voice(13, 77)):
        customer.send(packet, opened.customer_port)
    await until(lambda: voice(13, 77) in engine.heard)
    assert of_stream(engine.heard, 77) == [*steady, *odd, voice(13, 77)]
    closed = await bench.media.close("c1")
    assert (closed.customer.received, closed.customer.lost, closed.customer.invalid) == (14, 0, 2)


async def test_no_packet_slips_through_when_the_flow_is_cut(bench: Bench) -> None:
    opened, customer, engine = await bench.call()
    for number in range(10):
        customer.send(voice(number, 77), opened.customer_port)
    await until(lambda: len(of_stream(engine.heard, 77)) == 10)
    bench.media.set_flow("c1", Flow.SILENCE)
    await bench.obeyed()
    for number in range(10, 20):
        customer.send(voice(number, 77), opened.customer_port)
    await until(lambda: _told_of(bench) == 20)
    closed = (await bench.media.close("c1")).customer
    assert (closed.received, closed.unheard, closed.lost) == (20, 10, 0)
    assert of_stream(engine.heard, 77) == [voice(number, 77) for number in range(10)]


def _told_of(bench: Bench) -> int:
    """Packets of the customer in the qualities told so far, which come once a second."""
    ticks = [event for event in bench.events if isinstance(event, QualityTick)]
    return sum(each.customer.received for tick in ticks for each in tick.calls if each.customer is not None)
