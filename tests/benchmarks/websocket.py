"""WebSocket calls (Media Streams): what a call costs, how punctual its audio is, and how soon the bot is heard."""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from tests.benchmarks.children import Child, LoadFailed
from tests.benchmarks.figures import Goal, Reading, Subject, quantile
from tests.benchmarks.measure import Effort, Measure
from tests.benchmarks.phones import LOOPBACK
from tests.benchmarks.probe import Heard, Ports
from tests.benchmarks.staircase import Carrier, Ends, Load, climb
from tests.benchmarks.stand import Size, numbers, stand

_SIZES, _QUICK_SIZES = (10, 50, 100), (4,)
_RATE = 25.0
#: How long each size is let settle: at their start calls play what came in a rush.
_SETTLE_S = 2.0
#: For so many calls, with the ports of their customers and the bot's URL.
Carrying = Callable[[int, list[int], str], AbstractAsyncContextManager[Carrier]]


async def run(effort: Effort) -> list[Reading]:
    """The bridge, then the bare loop, each through all sizes."""
    sizes, seconds = (_QUICK_SIZES, 0.5) if effort.quick else (_SIZES, 5.0)
    return [each for carrier in (bridge, bare_loop) for each in await measured(carrier, sizes, seconds)]


async def measured(carrier: Carrying, sizes: Sequence[int], seconds: float) -> list[Reading]:
    """One of them, each size for so long. Raises LoadFailed."""
    async with (
        Child("tests.benchmarks.probe", str(max(sizes))) as probe,
        Child("tests.benchmarks.speaking_engine") as engine,
    ):
        ports, url = Ports(**await probe.said()), (await engine.said())["url"]
        # A customer has a socket alone, so that each stream's lateness can be told.
        load = Load(probe, 1, (engine,))
        async with carrier(max(sizes), ports.customer, url) as made:
            return await climb(made, load, sizes, (min(_SETTLE_S, seconds), seconds), _readings)


def _readings(calls: int, subject: Subject, heard: Heard) -> list[Reading]:
    at = f"{calls} calls"
    if not heard.first_ms or not heard.received:
        raise LoadFailed(f"{subject}, {at}: no customer hears the bot")
    return [
        Reading("frames late, p99", "ms", at, heard.late_p99_ms, subject),
        Reading("bot to customer, p50", "ms", at, heard.p50_ms, subject),
        Reading("bot to customer, p99", "ms", at, heard.p99_ms, subject),
        # An end that is too slow to pass on all is cheap for that.
        Reading("frames heard a call", "of 100", at, heard.received / heard.sent * 100, subject),
        Reading("first audio, p50", "ms", at, quantile(heard.first_ms, 0.5), subject),
        Reading("first audio, slowest", "ms", at, max(heard.first_ms), subject),
    ]


@asynccontextmanager
async def bridge(calls: int, ports: list[int], url: str) -> AsyncIterator[Carrier]:
    """The bridge with its agents."""
    engine = f'kind = "twilio"\nurl = "{url}"'
    async with stand(Size(calls), engine, lambda place: (LOOPBACK, ports[place])) as there:
        await there.start()
        agents = numbers(calls)

        async def add(first: int, end: int) -> list[Ends]:
            placed = await there.calls(agents[first:end], _RATE)
            refused = [call.status for call in placed if call.status != 200]
            if refused:
                raise LoadFailed(f"{len(refused)} of {len(placed)} calls were not answered: {refused[0]}")
            return [{"customer": call.media} for call in placed]

        yield Carrier(Subject.BRIDGE, there.pids, add)


@asynccontextmanager
async def bare_loop(calls: int, ports: list[int], url: str) -> AsyncIterator[Carrier]:
    """The loop of tests.integration.stream_bench."""
    customers = ",".join(str(port) for port in ports[:calls])
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.integration.stream_bench", "--bare", url, customers,
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    try:
        here: list[Ends] = [{"customer": (LOOPBACK, int(port))} for port in (await process.stdout.readline()).split()]

        async def add(first: int, end: int) -> list[Ends]:
            return here[first:end]

        yield Carrier(Subject.BARE, (process.pid,), add)
    finally:
        process.kill()
        await process.wait()


MEASURE = Measure(
    "WebSocket calls (Media Streams)",
    run,
    {
        "CPU a call": (Goal(1.3, than=Subject.BARE),),
        "frames late, p99": (Goal(5),),
        "first audio, p50": (Goal(40),),
        "memory, each further call": (Goal(1.5),),
    },
    ("WebSocket calls: frames of 20 ms both ways; the first audio is counted from the bot's sending of it.",),
)
