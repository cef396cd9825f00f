"""Set-up: from the INVITE to its 200, with an engine that answers at once, and how many a second can be had."""

import asyncio
import os
import time
from collections.abc import Mapping, Sequence

from tests.benchmarks.costs import CpuWatch, by_process
from tests.benchmarks.figures import Goal, Reading, Side, quantile
from tests.benchmarks.measure import Effort, Measure
from tests.benchmarks.phones import Call
from tests.benchmarks.stand import Size, Stand, numbers, silent_stand

_AGENTS, _QUICK_AGENTS = 250, 6
#: Calls a second, and how many: five seconds, or all agents.
_STEADY = ((20.0, 100), (100.0, 250))
#: Tried one after the other with all agents, until one is too much.
_RATES = (50.0, 75.0, 100.0, 125.0, 150.0, 200.0, 250.0, 300.0, 350.0, 400.0, 500.0, 600.0, 800.0, 1000.0)
_P99_MS = 50.0
#: The dialogs of calls that ended all at once linger a little, and their books are closed: that is no set-up.
_REST_S = 2.0


async def run(effort: Effort) -> list[Reading]:
    """Steady rates first, then the highest."""
    agents = _QUICK_AGENTS if effort.quick else _AGENTS
    found: list[Reading] = []
    async with silent_stand(Size(agents, spare_calls=agents)) as there:
        for rate, calls in ((20.0, agents),) if effort.quick else _STEADY:
            watches = by_process(there.bridge.pid)
            watches["the load's own"] = CpuWatch((os.getpid(), there.livevox.pid), children=False)
            began = time.monotonic()
            placed = await there.calls(numbers(calls), rate)
            spent_ms = (time.monotonic() - began) * 1000
            cpu = {whose: watch.per_cent() / 100 * spent_ms / calls for whose, watch in watches.items()}
            await _end(there, placed)
            found += _readings(f"{rate:.0f} a second", placed, cpu)
        if not effort.quick:
            found.append(await _highest(there, effort))
    return found


async def _end(there: Stand, placed: Sequence[Call]) -> None:
    await there.hang_up([call for call in placed if call.status == 200])
    await asyncio.sleep(_REST_S)


def _readings(at: str, placed: Sequence[Call], cpu: Mapping[str, float]) -> list[Reading]:
    times = [call.set_up_ms for call in placed if call.status == 200]
    return [
        Reading("INVITE to 200, p50", "ms", at, quantile(times, 0.5)),
        Reading("INVITE to 200, p99", "ms", at, quantile(times, 0.99)),
        Reading("not answered", "calls", at, len(placed) - len(times)),
        *(Reading(f"CPU a set-up, {whose}", "ms", at, value) for whose, value in cpu.items()),
    ]


async def _highest(there: Stand, effort: Effort) -> Reading:
    """The rate that was had, not the one that was wanted."""
    best = 0.0
    for rate in _RATES:
        placed = await there.calls(numbers(there.size.agents), rate)
        span = max(call.sent_at for call in placed) - min(call.sent_at for call in placed)
        had = (len(placed) - 1) / span
        times = [call.set_up_ms for call in placed if call.status == 200]
        p99 = quantile(times, 0.99)
        effort.say(f"set-up: {had:.0f} a second, {len(times)} of {len(placed)} answered, p99 {p99:.1f} ms")
        await _end(there, placed)
        if len(times) < len(placed) or p99 >= _P99_MS:
            break
        best = max(best, had)
    return Reading("highest rate of 250 calls, p99 under 50 ms", "a second", "", best)


MEASURE = Measure(
    "Set-up",
    run,
    {
        "INVITE to 200, p50": (Goal(6),),
        "INVITE to 200, p99": (Goal(20),),
        "not answered": (Goal(0),),
        "highest rate of 250 calls, p99 under 50 ms": (Goal(300, Side.AT_LEAST),),
    },
    ("Set-up: a SIP engine that answers at once. `sip.spare_calls` is 250: workers are there before the calls.",),
)
