"""Relayed calls (SIP engine): what a call costs, how long its packets take, what is lost; by the number of calls."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from tests.benchmarks.children import Child, LoadFailed
from tests.benchmarks.figures import Goal, Reading, Subject
from tests.benchmarks.kamailio import kamailio
from tests.benchmarks.measure import Effort, Measure
from tests.benchmarks.phones import LOOPBACK, Call, Caller, Engine
from tests.benchmarks.probe import Heard, Ports
from tests.benchmarks.staircase import Carrier, Ends, Load, climb
from tests.benchmarks.stand import Size, numbers, phone, sip_engine, stand

_SIZES, _QUICK_SIZES = (10, 50, 100, 200, 400), (4,)
#: Calls that share a socket of the probe.
_A_SOCKET = 10
#: Calls are set up at this rate, which is no load.
_RATE = 25.0
#: Workers are started ahead of such a rate also on a machine that is busy with the RTP of 400 calls.
_SPARE_CALLS = 24


async def run(effort: Effort) -> list[Reading]:
    """The bridge, the bare loop and Kamailio, one after the other, each through all sizes."""
    sizes, seconds = (_QUICK_SIZES, (0.3, 0.5)) if effort.quick else (_SIZES, (1.0, 5.0))
    found: list[Reading] = []
    for carrier in (_bridge, _bare, _kamailio):
        async with Child("tests.benchmarks.probe", str(-(-max(sizes) // _A_SOCKET))) as probe:
            ports, load = Ports(**await probe.said()), Load(probe, _A_SOCKET)
            async with carrier(max(sizes), ports, load) as made:
                if made is None:
                    effort.say("Kamailio and rtpengine are not installed: no comparison with them")
                    continue
                found += await climb(made, load, sizes, seconds, _readings)
    return found


def _readings(calls: int, subject: Subject, heard: Heard) -> list[Reading]:
    at = f"{calls} calls"
    return [
        Reading("RTP one way, p50", "ms", at, heard.p50_ms, subject),
        Reading("RTP one way, p99", "ms", at, heard.p99_ms, subject),
        Reading("RTP one way, p99.9", "ms", at, heard.p999_ms, subject),
        Reading("RTP lost", "packets", at, heard.lost, subject),
    ]


def _ends(calls: Sequence[Call], engine: Engine) -> list[Ends]:
    """Of these calls, the last that came up. Raises LoadFailed when one did not."""
    refused = [call.status for call in calls if call.status != 200]
    if refused:
        raise LoadFailed(f"{len(refused)} of {len(calls)} calls were not answered: {refused[0]}")
    bots = engine.media[-len(calls) :]
    return [{"customer": call.media, "engine": bot} for call, bot in zip(calls, bots, strict=True)]


@asynccontextmanager
async def _bridge(calls: int, ports: Ports, load: Load) -> AsyncIterator[Carrier | None]:
    engine = Engine(load.audio(ports.engine))
    size = Size(calls, _SPARE_CALLS, _SPARE_CALLS)
    async with phone(engine), stand(size, sip_engine(engine), load.audio(ports.customer)) as there:
        await there.start()
        agents = numbers(calls)

        async def add(first: int, end: int) -> list[Ends]:
            return _ends(await there.calls(agents[first:end], _RATE), engine)

        yield Carrier(Subject.BRIDGE, there.pids, add)


@asynccontextmanager
async def _bare(calls: int, ports: Ports, load: Load) -> AsyncIterator[Carrier | None]:
    async with Child("tests.benchmarks.bare_relay") as relay:
        customer, engine = load.audio(ports.customer), load.audio(ports.engine)
        relay.tell(json.dumps([(customer(place)[1], engine(place)[1]) for place in range(calls)]))
        here: list[Ends] = [
            {"customer": (LOOPBACK, first), "engine": (LOOPBACK, second)} for first, second in await relay.said()
        ]

        async def add(first: int, end: int) -> list[Ends]:
            return here[first:end]

        yield Carrier(Subject.BARE, (relay.pid,), add)


@asynccontextmanager
async def _kamailio(_calls: int, ports: Ports, load: Load) -> AsyncIterator[Carrier | None]:
    engine = Engine(load.audio(ports.engine))
    async with phone(engine), kamailio(engine.address) as proxy:
        if proxy is None:
            yield None
            return
        caller = Caller(proxy.address, load.audio(ports.customer))
        async with phone(caller):

            async def add(first: int, end: int) -> list[Ends]:
                calls = []
                for number in numbers(end)[first:]:
                    calls.append(caller.call(number))
                    await asyncio.sleep(1 / _RATE)
                for call in calls:
                    await call.settled.wait()
                return _ends(calls, engine)

            yield Carrier(Subject.KAMAILIO, proxy.pids, add)


_NO_WORSE = Goal(1, than=Subject.KAMAILIO)
MEASURE = Measure(
    "Relayed calls (SIP engine)",
    run,
    {
        "CPU a call": (_NO_WORSE, Goal(1.25, than=Subject.BARE)),
        "RTP one way, p99": (_NO_WORSE,),
        "RTP lost": (Goal(0),),
        "memory, each further call": (Goal(3),),
    },
    ("Relayed calls: both ends send 20 ms of PCMU; the CPU is that of all processes of the bridge.",),
)
