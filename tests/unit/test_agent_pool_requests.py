"""Requests made as an agent: sessions lost, awaited, and not to be had."""

import asyncio

import pytest

from bridge.agents.messages import AgentPhase
from bridge.agents.open_hours import OpenHours
from bridge.livevox.agent_status import AgentStatus, LineState
from bridge.livevox.errors import LiveVoxRefused, NoAgentSession, SessionLost
from tests.agent_day import agent_day, login, number
from tests.agent_world import Mishap, WorldClient
from tests.virtual_time import run_virtually

P = AgentPhase


async def read_status(client: WorldClient, session: str) -> AgentStatus | None:
    return await client.status(session)


def test_requests_that_find_the_session_lost_share_one_log_in_and_are_replayed() -> None:
    async def life() -> None:
        async with agent_day(1) as day:
            day.invite(1, "c1")
            await asyncio.sleep(100)
            before = day.world.count("login")
            day.world.end_sessions(login(1))
            day.world.set_state(login(1), LineState.WRAPUP)
            answers = await asyncio.gather(*(day.pool.request(number(1), read_status) for _ in range(5)))
            assert [answer.state for answer in answers if answer] == ["WRAPUP"] * 5
            assert day.world.count("login") == before + 1
            assert day.world.count("ready") == 1
            assert day.world.count("join") == 1
            assert day.states() == [P.WRAP_UP]

    run_virtually(life())


def test_a_session_lost_with_its_service_is_joined_again_before_the_replay() -> None:
    async def life() -> None:
        async with agent_day(1) as day:
            day.invite(1, "c1")
            await asyncio.sleep(100)
            day.world.end_sessions(login(1))
            assert await day.pool.request(number(1), read_status) is not None
            assert day.world.count("join") == 2
            assert day.world.count("ready") == 1

    run_virtually(life())


def test_a_request_is_replayed_once_and_no_more() -> None:
    async def life() -> None:
        async with agent_day(1) as day:
            sessions = []

            async def always_lost(client: WorldClient, session: str) -> None:
                sessions.append(session)
                raise SessionLost("GET something", 401, 401, "")

            await asyncio.sleep(100)
            with pytest.raises(SessionLost):
                await day.pool.request(number(1), always_lost)
            assert len(sessions) == 2

    run_virtually(life())


def test_other_errors_of_a_request_are_its_callers_business() -> None:
    async def life() -> None:
        async with agent_day(1) as day:

            async def refused(client: WorldClient, session: str) -> None:
                raise LiveVoxRefused("GET something", 404, 404, "")

            with pytest.raises(LiveVoxRefused):
                await day.pool.request(number(1), refused)
            assert day.states() == [P.READY]

    run_virtually(life())


def test_a_request_waits_for_a_session_and_not_for_ever() -> None:
    async def life() -> None:
        async with agent_day(1, started=False, session_wait_s=30) as day:
            assert await day.pool.request(number(1), read_status) is not None
            day.world.end_sessions(login(1))
            day.world.mishaps.extend([None] + [Mishap.BROKEN] * 100)
            started = asyncio.get_running_loop().time()
            with pytest.raises(NoAgentSession) as refused:
                await day.pool.request(number(1), read_status)
            assert refused.value.retryable
            assert asyncio.get_running_loop().time() - started == pytest.approx(30, abs=2)
            day.world.mishaps.clear()

    run_virtually(life())


def test_a_request_as_an_agent_that_has_no_session_fails_at_once() -> None:
    async def life() -> None:
        async with agent_day(1, started=False) as day:
            day.world.right_password = "another"
            await asyncio.sleep(1)
            for who in (number(1), number(9)):
                started = asyncio.get_running_loop().time()
                with pytest.raises(NoAgentSession) as refused:
                    await day.pool.request(who, read_status)
                assert not refused.value.retryable
                assert asyncio.get_running_loop().time() == started

    run_virtually(life())


def test_a_call_of_the_journal_is_wrapped_up_outside_the_open_hours() -> None:
    async def life() -> None:
        hours = OpenHours.parse("UTC", {})
        async with agent_day(1, started=False, hours=hours) as day:
            day.world.log_in(login(1), "simulated")
            day.world.set_state(login(1), LineState.WRAPUP)
            day.pool.call_started(number(1), "c1")
            status = await day.pool.request(number(1), read_status)
            assert status is not None
            assert status.state == "WRAPUP"
            day.close_call(1, "c1")
            await asyncio.sleep(10)
            assert day.states() == [P.CLOSED]
            assert day.world.sessions == {}

    run_virtually(life())
