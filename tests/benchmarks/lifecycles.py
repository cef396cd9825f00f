"""Whole lifecycles, from one Ready of an agent to the next: how many a second, and what LiveVox is asked for each."""

import asyncio
from collections import Counter

from tests.benchmarks.costs import CpuWatch, by_process
from tests.benchmarks.figures import Goal, Reading, Side
from tests.benchmarks.measure import Effort, Measure
from tests.benchmarks.stand import Size, Stand, silent_stand

_AGENTS, _QUICK_AGENTS = 100, 4
_BOT_TALKS_S = 0.1
#: Before it is counted, seconds.
_WARM_UP_S = 2.0


class _Round:
    """Each agent that is Ready gets a call at once."""

    def __init__(self, there: Stand) -> None:
        self._there = there
        self._tasks: set[asyncio.Task[None]] = set()
        self._answered: set[str] = set()
        """Agents whose last call was taken."""
        self.done = 0
        """Calls that were taken, and whose agents were Ready again."""
        self.refused: Counter[int] = Counter()
        self._is_over = False

    def begin(self) -> None:
        """Give every agent its first call."""
        self._there.on_ready = self._ready
        for number in tuple(self._there.ready):
            self._call(number)

    def end(self) -> None:
        """No more calls."""
        self._is_over = True

    def _ready(self, number: str) -> None:
        if number in self._answered:
            self._answered.discard(number)
            self.done += 1
        if not self._is_over:
            self._call(number)

    def _call(self, number: str) -> None:
        task = asyncio.ensure_future(self._placed(number))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _placed(self, number: str) -> None:
        call = await self._there.call(number)
        await call.settled.wait()
        if call.status == 200:
            self._answered.add(number)
        else:
            self.refused[call.status] += 1


async def run(effort: Effort) -> list[Reading]:
    """A closed circle of calls."""
    agents, seconds = (_QUICK_AGENTS, 0.5) if effort.quick else (_AGENTS, 10.0)
    async with silent_stand(Size(agents, agents, further_calls=2 * agents), _BOT_TALKS_S) as there:
        circle = _Round(there)
        circle.begin()
        await asyncio.sleep(0.0 if effort.quick else _WARM_UP_S)
        done, asked = circle.done, await there.requests()
        watches = {"the bridge": CpuWatch(there.pids), **by_process(there.pids[0])}
        watches["the simulator"] = CpuWatch((there.livevox.pid,))
        began = asyncio.get_running_loop().time()
        await asyncio.sleep(seconds)
        spent = asyncio.get_running_loop().time() - began
        used = {whose: watch.per_cent() for whose, watch in watches.items()}
        done, requests = circle.done - done, Counter(await there.requests())
        requests.subtract(asked)
        circle.end()
    at = f"{agents} agents"
    found = [
        Reading("lifecycles", "a second", at, done / spent),
        *(
            Reading(f"CPU a lifecycle, {whose}", "ms", at, per_cent * 10 * spent / max(done, 1))
            for whose, per_cent in used.items()
        ),
        Reading("not answered", "calls", at, circle.refused.total()),
        Reading("requests to LiveVox a call", "", at, requests.total() / max(done, 1)),
    ]
    each = ", ".join(f"{name} {count / max(done, 1):.2f}" for name, count in requests.most_common() if count)
    effort.say(f"requests a call: {each}")
    return found


MEASURE = Measure(
    "Whole lifecycles",
    run,
    {"lifecycles": (Goal(60, Side.AT_LEAST),), "not answered": (Goal(0),)},
    (
        "Whole lifecycles: from one Ready of an agent to the next, with screen pop, BYE of the bot and term code; the "
        "simulated LiveVox is on the same machine.",
    ),
)
