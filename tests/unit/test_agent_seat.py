"""The driver of one agent, in virtual time: turns, slots, steps that hang or crash."""

import asyncio

import pytest
from structlog.contextvars import bound_contextvars, merge_contextvars
from structlog.testing import capture_logs

from bridge.agents.messages import AgentPhase
from bridge.agents.open_hours import OpenHours
from bridge.agents.policy import AgentPolicy
from tests.agent_day import HOUR, agent_day, number
from tests.virtual_time import run_virtually

P = AgentPhase


def test_log_ins_are_staggered() -> None:
    async def life() -> None:
        async with agent_day(20, login_per_s=2) as day:
            times = [at for at, _, name in day.world.requests if name == "login"]
            gaps = [later - earlier for earlier, later in zip(times, times[1:], strict=False)]
            assert len(times) == 20
            assert all(gap == pytest.approx(0.5) for gap in gaps)

    run_virtually(life())


def test_no_more_steps_are_made_at_once_than_allowed() -> None:
    async def life() -> None:
        async with agent_day(20, started=False, login_per_s=1000, concurrency=3) as day:
            await asyncio.sleep(30)
            assert day.all_ready()
            assert day.client.most_at_once == 3

    run_virtually(life())


def test_a_step_for_a_call_does_not_wait_behind_the_routine_of_others() -> None:
    async def life() -> None:
        async with agent_day(20, started=False, login_per_s=1, concurrency=1) as day:
            day.client.delay_s = 4
            day.pool.call_started(number(20), "c20")
            await asyncio.sleep(9)
            assert day.pool.find(number(20)).session_id is not None  # type: ignore[union-attr]
            assert sum(view.session_id is not None for view in day.pool.snapshot()) <= 3

    run_virtually(life())


def test_a_log_in_that_waits_for_its_turn_is_dropped_when_the_hours_end() -> None:
    async def life() -> None:
        hours = OpenHours.parse("UTC", {"mon-sun": ["00:01-00:02"]})
        async with agent_day(10, started=False, hours=hours, login_per_s=0.1) as day:
            await asyncio.sleep(300)
            assert day.states() == [P.CLOSED] * 10
            assert day.world.count("login") == 6
            assert day.world.sessions == {}

    run_virtually(life())


def test_a_step_that_hangs_is_given_up_and_the_agent_goes_on() -> None:
    async def life() -> None:
        async with agent_day(1, policy=AgentPolicy(step_timeout_s=5)) as day:
            day.client.delay_s = 10**6
            await asyncio.sleep(HOUR)
            day.client.delay_s = 0.05
            await asyncio.sleep(0.25 * HOUR)
            assert day.all_ready()

    run_virtually(life())


def test_a_fault_in_a_step_is_logged_and_does_not_cost_the_agent() -> None:
    async def life() -> None:
        async with agent_day(1) as day:
            good = day.client.world
            del day.client.world
            with capture_logs() as logs:
                await asyncio.sleep(400)
            crashed = [entry for entry in logs if entry["event"] == "agent_step_crashed"]
            assert crashed
            assert crashed[0]["log_level"] == "error"
            day.client.world = good
            await asyncio.sleep(0.25 * HOUR)
            assert day.all_ready()

    run_virtually(life())


def test_what_is_bound_to_the_log_of_a_call_does_not_outlive_it() -> None:
    async def life() -> None:
        async with agent_day(1) as day:
            with bound_contextvars(call="c1"):
                day.pool.call_started(number(1), "c1")
                day.pool.call_wrapping(number(1), "c1")
                day.pool.call_closed(number(1), "c1", None)
            with capture_logs(processors=[merge_contextvars]) as logged:
                await asyncio.sleep(3 * HOUR)
            assert [line["event"] for line in logged if line["event"] == "agent_changed"]
            assert [line for line in logged if "call" in line] == []

    run_virtually(life())
