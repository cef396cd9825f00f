"""Virtual agents and a small LiveVox in one virtual day, for tests of the pool."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from random import Random

from pydantic import SecretStr

from bridge.agents.messages import AgentChanged, AgentPhase, AgentStuck
from bridge.agents.policy import AgentPolicy
from bridge.agents.pool import AgentPool, AgentPoolSettings
from bridge.agents.steps import AgentAccount
from bridge.livevox.agent_status import LineState
from tests.agent_world import LiveVoxWorld, WorldClient

HOUR = 3600.0
MIDNIGHT = 1_749_600_000.0
"""2025-06-11 00:00:00 UTC, a Wednesday, in epoch seconds."""


def number(index: int) -> str:
    return f"899{index:07}"


def login(index: int) -> str:
    return f"VA{index:04}"


class Day:
    """A pool, its LiveVox, and what the pool has told."""

    def __init__(self, settings: AgentPoolSettings, client: WorldClient) -> None:
        self.client = client
        self.world = client.world
        self.changes: list[AgentChanged] = []
        self.stuck: list[AgentStuck] = []
        self.wall_set_by = 0.0
        """How far someone has set the clock on the wall."""
        self.pool: AgentPool[WorldClient] = AgentPool(
            settings, client, self.changes.append, self.stuck.append, wall_clock=self.wall, chance=Random(3)
        )

    def wall(self) -> float:
        return MIDNIGHT + self.wall_set_by + asyncio.get_running_loop().time()

    def states(self) -> list[AgentPhase]:
        return [view.state for view in self.pool.snapshot()]

    def lines(self) -> list[LineState]:
        """What LiveVox has of the agents."""
        return [self.world.line(view.user_name).state for view in self.pool.snapshot()]

    def all_ready(self) -> bool:
        return set(self.states()) == {AgentPhase.READY} and set(self.lines()) == {LineState.READY}

    def invite(self, index: int, call: str) -> None:
        """LiveVox picks the agent and its INVITE is taken."""
        assert self.world.offer_call(login(index)), "LiveVox does not have the agent Ready"
        assert self.pool.refusal(number(index)) is None
        self.world.set_state(login(index), LineState.INCALL)
        self.pool.call_started(number(index), call)

    def close_call(self, index: int, call: str) -> None:
        """The customer left, the term code is set."""
        self.world.set_state(login(index), LineState.WRAPUP)
        self.pool.call_wrapping(number(index), call)
        self.world.save_term_code(login(index))
        self.pool.call_closed(number(index), call, self.world.line(login(index)).state)


def day_settings(agents: int, **changes: object) -> AgentPoolSettings:
    accounts = tuple(
        AgentAccount(number(index), login(index), SecretStr("simulated"), "46014", number(index))
        for index in range(1, agents + 1)
    )
    settings = AgentPoolSettings("Demo", accounts, AgentPolicy(), login_per_s=5)
    return replace(settings, **changes)  # type: ignore[arg-type]  # the tests name fields that exist


@asynccontextmanager
async def agent_day(
    agents: int = 3, *, started: bool = True, kind: type[WorldClient] = WorldClient, **changes: object
) -> AsyncIterator[Day]:
    """A pool that runs, all agents Ready unless `started` is False."""
    world = LiveVoxWorld(asyncio.get_running_loop().time)
    day = Day(day_settings(agents, **changes), kind(world, delay_s=0.05))
    await day.pool.start()
    try:
        if started:
            await asyncio.sleep(5 + agents / 2)
            assert day.all_ready()
        yield day
    finally:
        await day.pool.stop(drain_s=0)
        left = [task.get_name() for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        assert left == [], "tasks are left"
