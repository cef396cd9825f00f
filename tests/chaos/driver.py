"""Carries a plan out: customers call, processes die, LiveVox fails; then the evidence is taken."""

import asyncio
import json
import re
from collections import Counter
from collections.abc import Callable, Coroutine, Iterable
from datetime import datetime
from typing import Any

from bridge.simulator.bot_script import ScriptLine
from bridge.simulator.customer_call import CustomerCall
from bridge.simulator.errors import CallNotPlaced
from bridge.simulator.floor import Call
from bridge.simulator.states import AgentState, BridgeLeg
from tests.chaos.blows import Blows
from tests.chaos.evidence import AgentSeen, CustomerSeen, Evidence, Journalled
from tests.chaos.plan import Ending, Plan, PlannedCall
from tests.chaos.spans import Span
from tests.chaos.world import ChaosWorld

#: Nobody waits longer for an answer, or on the line, in seconds.
RINGS_S, TALKS_S = 8.0, 20.0
#: A customer waits so long for an agent that is Ready, in seconds.
QUEUE_S = 90.0
#: LiveVox and the bridge get so long to be done with everything, in seconds: an agent whose call nobody knows is
#: noticed after two minutes.
SETTLE_S = 240.0
#: What differs from one traceback to the same one again.
_LATER = re.compile(r"0x[0-9a-f]+")
_FIRST_CALLER = 2_130_000_000


def script_of(plan: Plan) -> Callable[[int, str], ScriptLine]:
    """What an engine does with a customer, who is told by the telephone number."""

    def chosen(engine: int, caller: str) -> ScriptLine:
        number = int(caller[-10:]) - _FIRST_CALLER
        return ScriptLine.parse(plan.calls[number].ending.scripts[engine])

    return chosen


class ChaosNotStarted(Exception):
    """The bridge cannot be started here at all; its log."""


class Driver:
    """`evidence = await Driver(plan, world, say).run()`"""

    def __init__(self, plan: Plan, world: ChaosWorld, say: Callable[[str], None]) -> None:
        """`say` hears how it goes."""
        self.plan = plan
        self.world = world
        self._say = say
        self._placed: dict[str, PlannedCall] = {}
        self._not_placed: list[PlannedCall] = []
        self._blows = Blows(world, plan.weather)

    async def run(self, settle_s: float = SETTLE_S) -> Evidence:
        """All of it; the world is as the bridge left it afterwards."""
        world = self.world
        world.strike(self.plan.weather)
        await world.bridge.start()
        await world.until(lambda: self._ready >= len(self._agents) // 2 or not world.bridge.is_running, 60.0)
        if not world.bridge.is_running:
            raise ChaosNotStarted(world.bridge.log)
        begun = asyncio.get_running_loop().time()
        async with asyncio.TaskGroup() as group:
            tasks = (self._watch(begun), self._blows.supervise())
            helpers = [asyncio.create_task(task) for task in tasks]
            for call in self.plan.calls:
                group.create_task(self._at(begun + call.at, self._customer(call)), name=f"customer {call.number}")
            for blow in self.plan.blows:
                group.create_task(self._at(begun + blow.at, self._blows.strike(blow)), name=f"blow {blow.target}")
        self._say("all customers have called and all blows have struck; LiveVox's faults end")
        world.strike(())
        settled = await world.until(lambda: world.all_ready and not self._open_rows(), settle_s)
        for helper in helpers:
            helper.cancel()
        self._say("all is quiet" if settled else f"not all is quiet after {settle_s:.0f} s")
        return self._evidence()

    async def _at(self, when: float, work: Coroutine[Any, Any, None]) -> None:
        await asyncio.sleep(max(0.0, when - asyncio.get_running_loop().time()))
        await work

    # customers

    async def _customer(self, planned: PlannedCall) -> None:
        call = await self._placed_call(planned)
        if call is None:
            self._not_placed.append(planned)
            return
        self._placed[call.id] = planned
        if planned.ending is Ending.GIVEN_UP and planned.hangs_up_after_s is not None:
            await asyncio.sleep(planned.hangs_up_after_s)
        else:
            await self.world.until(lambda: call.leg is not BridgeLeg.DIALING, RINGS_S)
            if call.leg is BridgeLeg.UP:
                stays_s = TALKS_S if planned.hangs_up_after_s is None else planned.hangs_up_after_s
                await self.world.until(lambda: call.closed, stays_s)
        await self.world.until(lambda: call.closed or not self._with_a_human_to_be(call), TALKS_S)
        if not call.closed:
            self.world.livevox.customer_hangs_up(call.id)

    def _with_a_human_to_be(self, call: Call) -> bool:
        """LiveVox calls a human for the customer, who waits with music; not for one who hangs up by plan."""
        planned = self._placed[call.id]
        agent = self.world.livevox.platform.floor.holder(call)
        return planned.hangs_up_after_s is None and agent.call is call and agent.state is AgentState.TRANSFERRING

    async def _placed_call(self, planned: PlannedCall) -> Call | None:
        """As soon as an agent is Ready; None: none was for too long."""
        order = CustomerCall(caller=str(_FIRST_CALLER + planned.number))
        loop = asyncio.get_running_loop()
        until = loop.time() + QUEUE_S
        while loop.time() < until:
            try:
                return self.world.livevox.platform.call(self.world.livevox.place_call(order))
            except CallNotPlaced:
                await asyncio.sleep(0.1)
        return None

    # how it goes

    @property
    def _agents(self) -> list[AgentSeen]:
        platform = self.world.livevox.platform
        return [
            AgentSeen(
                agent.login,
                agent.state.name,
                agent.call.id if agent.call else "",
                platform.sessions.count(agent.login),
            )
            for agent in platform.floor.agents.values()
        ]

    @property
    def _ready(self) -> int:
        return sum(agent.state == "READY" for agent in self._agents)

    async def _watch(self, begun: float) -> None:
        while True:
            await asyncio.sleep(5.0)
            elapsed = asyncio.get_running_loop().time() - begun
            states = Counter(agent.state for agent in self._agents)
            told = ", ".join(f"{count} {state}" for state, count in sorted(states.items()))
            self._say(f"{elapsed:5.0f} s  {len(self._placed)}/{len(self.plan.calls)} calls, agents: {told}")

    # the evidence

    def _open_rows(self) -> int:
        return int(self.world.bridge.asked("SELECT count(*) FROM calls WHERE closed_at IS NULL")[0][0])

    def _evidence(self) -> Evidence:
        world = self.world
        lines = _json_lines(world.bridge.log)
        started = [_epoch(line["timestamp"]) for line in lines if line["event"] == "bridge_started"]
        exceptions = [
            f"{line['event']}: {_LATER.sub('…', str(line['exception'])[-1500:])}"
            for line in lines
            if "exception" in line
        ]
        wrong = [fault for record in world.caller.calls.values() for fault in record.faults]
        floor = world.livevox.platform.floor
        return Evidence(
            ledger=world.livevox.ledger.entries,
            calls=[
                CustomerSeen(name, planned, floor.calls[name].transaction_id, tuple(world.caller.heard.get(name, ())))
                for name, planned in self._placed.items()
            ],
            agents=self._agents,
            journal=self._journal(),
            blows=self._blows.struck,
            down=[
                Span(at, min((start for start in started if start > at), default=world.livevox.clock()))
                for at in self._blows.killed_at
            ],
            cut=self._blows.cut,
            stalls=world.stalls,
            losses=world.losses,
            not_placed=self._not_placed,
            faults=[
                f"{count} times: {fault}"
                for fault, count in Counter([*self._blows.faults, *exceptions, *wrong]).items()
            ],
            stories=self._stories(),
        )

    def _journal(self) -> list[Journalled]:
        query = "SELECT call, agent, transaction_id, fate, term_code, confirmation, closed_at IS NOT NULL FROM calls"
        rows = self.world.bridge.asked(query + " ORDER BY admitted_at")
        return [
            Journalled(call, agent, transaction or "", fate or "", term_code or "", confirmation or "", bool(closed))
            for call, agent, transaction, fate, term_code, confirmation, closed in rows
        ]

    def _stories(self) -> dict[str, list[dict[str, Any]]]:
        stories: dict[str, list[dict[str, Any]]] = {}
        for call, at, what, facts in self.world.bridge.asked("SELECT call, at, what, facts FROM entries ORDER BY id"):
            stories.setdefault(call, []).append({"at": at, "what": what, **json.loads(facts)})
        return stories


def _json_lines(text: str) -> list[dict[str, Any]]:
    lines: Iterable[str] = (line for line in text.splitlines() if line.startswith("{"))
    return [json.loads(line) for line in lines]


def _epoch(timestamp: str) -> float:
    return datetime.fromisoformat(timestamp).timestamp()
