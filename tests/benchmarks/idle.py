"""A bridge without calls: how soon its agents are Ready, what waiting costs, its memory; by the number of agents."""

import asyncio
from collections import defaultdict

from tests.benchmarks.costs import CpuWatch, pss_mb
from tests.benchmarks.figures import Goal, Reading, slope
from tests.benchmarks.measure import Effort, Measure
from tests.benchmarks.stand import Size, Stand, silent_stand

_SIZES, _QUICK_SIZES = (1, 100, 400), (2,)
#: After the start: workers are started, what the agents asked last is answered.
_SETTLE_S = 3.0
_START, _CPU, _MEMORY = "start until all are Ready", "CPU", "memory in all"
#: Figures by their units; one of them a number of agents.
_Taken = dict[tuple[str, str], float]


async def run(effort: Effort) -> list[Reading]:
    """Bridges of several sizes, one after the other."""
    found: list[Reading] = []
    by_agents: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for agents in _QUICK_SIZES if effort.quick else _SIZES:
        async with silent_stand(Size(agents)) as there:
            await asyncio.sleep(0.0 if effort.quick else _SETTLE_S)
            taken = await _taken(there, 0.3 if effort.quick else 10.0)
        at = f"{agents} agents" if agents > 1 else "1 agent"
        for (figure, unit), value in taken.items():
            found.append(Reading(figure, unit, at, value))
            by_agents[figure].append((agents, value))
    if not effort.quick:
        found.append(Reading("start, each further agent", "ms", "", slope(by_agents[_START]) * 1000))
        found.append(Reading("CPU, each further agent", "% of a core", "", slope(by_agents[_CPU])))
        found.append(Reading("memory, each further agent", "MB", "", slope(by_agents[_MEMORY])))
    return found


async def _taken(there: Stand, seconds: float) -> _Taken:
    watch = CpuWatch(there.pids)
    await asyncio.sleep(seconds)
    cpu = watch.per_cent()
    by_kind: dict[str, list[float]] = defaultdict(list)
    for pid, kind in there.processes.items():
        by_kind[kind].append(pss_mb([pid]))
    workers = by_kind["worker"]
    return {
        (_START, "s"): there.started_s,
        (_CPU, "% of a core"): cpu,
        (_MEMORY, "MB"): sum(map(sum, by_kind.values())),
        **{(f"memory, {kind}", "MB"): sum(by_kind[kind]) for kind in ("bridge", "media", "zygote")},
        ("memory, a worker", "MB"): sum(workers) / len(workers),
        ("workers", ""): len(workers),
    }


MEASURE = Measure(
    "A bridge without calls",
    run,
    {f"{_START} at 100 agents": (Goal(10),), f"{_CPU} at 100 agents": (Goal(2),)},
    ("The start: LiveVox takes as many requests as it gets; `livevox.login_per_s` and `rate_per_s` are 1000.",),
)
