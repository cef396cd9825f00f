"""What LiveVox is asked for an agent who waits: hours of it in virtual time."""

import asyncio
from collections import Counter

from tests.agent_day import HOUR, agent_day
from tests.benchmarks.figures import Reading
from tests.benchmarks.measure import Effort, Measure
from tests.virtual_time import run_virtually

_AGENTS, _HOURS, _QUICK_HOURS = 10, 24, 2


async def run(effort: Effort) -> list[Reading]:
    """The agents' own part of the bridge, against a LiveVox whose clock jumps from one request to the next."""
    hours = _QUICK_HOURS if effort.quick else _HOURS
    # A loop of its own: this one's clock must go on.
    requests = await asyncio.to_thread(run_virtually, _requests(hours))
    each = ", ".join(f"{name} {count / hours / _AGENTS:.2f}" for name, count in requests.most_common())
    effort.say(f"requests an agent-hour: {each}")
    value = requests.total() / hours / _AGENTS
    return [Reading("requests to LiveVox an agent-hour", "", "no calls", value)]


async def _requests(hours: int) -> Counter[str]:
    async with agent_day(_AGENTS) as day:
        began = len(day.world.requests)
        await asyncio.sleep(hours * HOUR)
        return Counter(name for _, _, name in day.world.requests[began:])


MEASURE = Measure("Agents who wait", run, {}, ())
