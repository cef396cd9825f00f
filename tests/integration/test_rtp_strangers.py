"""Strangers who flood an RTP port: what they cost, and that the call does not hear of it."""

import asyncio

import pytest
import uvloop

from tests.benchmarks.rtp_strangers import measure
from tests.integration.media_bench import of_stream, running, settings, until, voice

#: µs of CPU time a packet; it is about 6 on the machine that this was written on.
COST_US = 40.0


@pytest.mark.alone
def test_a_strangers_packet_costs_little_and_is_counted() -> None:
    cost = uvloop.run(measure(10_000))
    assert cost.counted > cost.sent / 2
    assert cost.us < COST_US


@pytest.mark.parametrize("datagram", [b"", b"\xff" * 60_000, voice(1, 666)], ids=["empty", "60 KB", "RTP"])
async def test_a_call_loses_nothing_while_strangers_flood_both_its_ports(datagram: bytes) -> None:
    async with running(settings()) as bench:
        opened, customer, engine = await bench.call()
        stranger = bench.peer("127.0.0.2")
        for sequence in range(25):
            for port in (opened.customer_port, opened.engine_port):
                for _ in range(20):
                    stranger.send(datagram, port)
            customer.send(voice(sequence, 77), opened.customer_port)
            engine.send(voice(sequence, 88), opened.engine_port)
            await asyncio.sleep(0.02)
        await until(lambda: len(of_stream(engine.heard, 77)) == 25 and len(of_stream(customer.heard, 88)) == 25)
        closed = await bench.media.close("c1")
        assert min(closed.customer.strangers, closed.engine.strangers) > 50
        assert stranger.heard == []
