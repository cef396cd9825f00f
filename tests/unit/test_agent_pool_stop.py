"""How a pool stops."""

import asyncio

import pytest

from bridge.agents.messages import AgentPhase
from bridge.livevox.agent_session import Features
from bridge.livevox.agent_status import LineState
from tests.agent_day import HOUR, Day, agent_day, login
from tests.agent_world import WorldClient
from tests.virtual_time import run_virtually

P = AgentPhase


class SlowClient(WorldClient):
    """Takes its time over a service's features."""

    async def features(self, session: str, service_id: str) -> Features:
        await asyncio.sleep(HOUR)
        return self.features_answer


async def stopped_after(day: Day, drain_s: float) -> float:
    started = asyncio.get_running_loop().time()
    await day.pool.stop(drain_s)
    return asyncio.get_running_loop().time() - started


def test_a_check_under_way_does_not_hold_the_stop() -> None:
    async def life() -> None:
        async with agent_day(1, kind=SlowClient) as day:
            assert await stopped_after(day, 60) < 2

    run_virtually(life())


def test_a_pool_may_be_stopped_twice() -> None:
    async def life() -> None:
        async with agent_day(1) as day:
            await day.pool.stop()
            assert await stopped_after(day, 60) == 0

    run_virtually(life())


def test_a_stop_takes_all_agents_out_in_order() -> None:
    async def life() -> None:
        async with agent_day(5) as day:
            assert await stopped_after(day, 60) < 2
            assert day.states() == [P.LOGGED_OUT] * 5
            for index in range(1, 6):
                mine = [name for _, who, name in day.world.requests if who == login(index)]
                assert mine[-4:] == ["not_ready", "status", "leave", "logout"]

    run_virtually(life())


def test_a_stop_waits_for_calls() -> None:
    async def life() -> None:
        async with agent_day(2) as day:
            day.invite(1, "c1")
            asyncio.get_running_loop().call_later(50, day.close_call, 1, "c1")
            assert 50 <= await stopped_after(day, 60) < 52
            assert day.world.sessions == {}

    run_virtually(life())


def test_a_stop_waits_for_calls_no_longer_than_told_and_leaves_them_to_the_next_start() -> None:
    async def life() -> None:
        async with agent_day(2) as day:
            day.invite(1, "c1")
            assert await stopped_after(day, 60) == pytest.approx(60)
            assert day.lines() == [LineState.INCALL, LineState.LOGOFF]
            assert [owner for owner, _ in day.world.sessions.values()] == [login(1)]

    run_virtually(life())


def test_a_stop_ends_even_if_livevox_hangs() -> None:
    async def life() -> None:
        async with agent_day(3) as day:
            day.client.delay_s = 10**6
            assert await stopped_after(day, 5) == pytest.approx(15, abs=1)

    run_virtually(life())


def test_a_stop_during_the_morning_rush_does_not_wait_for_log_ins() -> None:
    async def life() -> None:
        async with agent_day(50, started=False, login_per_s=1) as day:
            await asyncio.sleep(3.5)
            assert await stopped_after(day, 60) < 5
            assert day.world.count("login") == 4
            assert day.world.sessions == {}

    run_virtually(life())
