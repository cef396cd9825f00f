"""Scanners at the edge: what they cost, what the log says of them, and that a call gets through."""

import asyncio
from ipaddress import IPv4Network

import pytest
import uvloop
from structlog.testing import capture_logs

from sip.counters import Count, Counters
from tests.benchmarks.scanners import KINDS, STRANGER, Kind, measure, scan
from tests.integration.edge_world import Phone, world

#: What a datagram may cost, µs of CPU time; a slow machine may take so many times what a bare recvfrom takes instead.
COST_US, COST_RATIO = 20.0, 16.0


@pytest.mark.alone
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_refused_datagram_costs_little(kind: Kind) -> None:
    cost = uvloop.run(measure(kind, 300, 3))
    assert cost.us < COST_US or cost.ratio < COST_RATIO


async def test_ten_thousand_datagrams_of_scanners_are_a_few_log_lines_and_counted_all() -> None:
    methods = [scan(method) for method in ("OPTIONS", "REGISTER", "INVITE", "BYE")]
    with capture_logs() as lines:
        async with world(allow=(IPv4Network("127.0.0.1/32"),), rate_per_s=10, burst=10) as there:
            stranger = await Phone.open(STRANGER)
            try:
                for number in range(5_000):
                    for phone in (stranger, there.livevox):
                        phone.send(methods[number % 4](number), there.edge.public_port)
                    if number % 100 == 99:
                        await counted(there.edge.counters, 2 * number + 2)
            finally:
                stranger.transport.close()
            refused = there.edge.counters[Count.STRANGERS] + there.edge.counters[Count.RATE_LIMITED]
            assert refused > 9_900
    assert len(lines) < 150
    assert {line["event"] for line in lines} == {"request_refused", "source_refused"}


async def counted(counters: dict[Count, int], datagrams: int) -> None:
    """All of them have been counted."""
    async with asyncio.timeout(20.0):
        while sum(counters.values()) < datagrams:  # noqa: ASYNC110  # nobody tells
            await asyncio.sleep(0.01)


async def test_a_call_gets_through_while_a_stranger_sends_as_fast_as_datagrams_are_read() -> None:
    async with world(allow=(IPv4Network("127.0.0.1/32"),)) as there:
        stranger = await Phone.open(STRANGER)
        text = scan("INVITE")(1)
        flood = asyncio.create_task(send_for_ever(stranger, text, there.edge.public_port))
        try:
            await flooded(there.edge.counters, 100)
            assert (await there.at_the_worker()).method == b"INVITE"
            await flooded(there.edge.counters, there.edge.counters[Count.STRANGERS] + 1)  # it goes on
        finally:
            flood.cancel()
            stranger.transport.close()


async def flooded(counters: Counters, datagrams: int) -> None:
    """So many of a stranger's datagrams have been read."""
    async with asyncio.timeout(20.0):
        while counters[Count.STRANGERS] < datagrams:  # noqa: ASYNC110  # nobody is told of them
            await asyncio.sleep(0.01)


async def send_for_ever(phone: Phone, text: bytes, port: int) -> None:
    while True:
        phone.send(text, port)
        await asyncio.sleep(0)  # the edge reads in this loop, too
