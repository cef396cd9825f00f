"""Agents that come, go and change while the others serve, in virtual time."""

import asyncio
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pydantic import SecretStr

from bridge.agents.messages import AgentPhase
from bridge.agents.open_hours import OpenHours
from bridge.agents.policy import AgentPolicy
from bridge.agents.pool import AgentPoolSettings
from bridge.agents.steps import AgentAccount
from bridge.livevox.agent_status import LineState
from bridge.livevox.errors import NoAgentSession
from tests.agent_day import Day, agent_day, day_settings, login, number
from tests.virtual_time import run_virtually

P = AgentPhase


def account(index: int, user: str = "", service: str = "46014", password: str = "simulated") -> AgentAccount:
    return AgentAccount(number(index), user or login(index), SecretStr(password), service, number(index))


def told(*accounts: AgentAccount) -> AgentPoolSettings:
    return replace(day_settings(1), agents=accounts)


def named(day: Day, user: str) -> list[str]:
    """The requests of a login."""
    return [name for _, who, name in day.world.requests if who == user]


def test_a_new_agent_logs_in_and_nobody_else_is_asked_anything() -> None:
    async def life() -> None:
        async with agent_day(2) as day:
            before = list(day.world.requests)
            day.pool.change(told(account(1), account(2), account(3)))
            await asyncio.sleep(5)
            assert day.all_ready() and len(day.states()) == 3
            assert {who for _, who, _ in day.world.requests[len(before) :]} == {login(3)}

    run_virtually(life())


def test_new_agents_log_in_at_the_rate_limit() -> None:
    async def life() -> None:
        async with agent_day(1) as day:
            day.pool.change(replace(told(*map(account, range(1, 12))), login_per_s=1.0))
            await asyncio.sleep(5)
            assert 3 <= day.world.count("login") - 1 <= 6
            await asyncio.sleep(20)
            assert day.all_ready() and len(day.states()) == 11

    run_virtually(life())


def test_an_agent_that_is_gone_leaves_and_is_nobody_s_then() -> None:
    async def life() -> None:
        async with agent_day(2) as day:
            day.pool.change(told(account(1)))
            assert day.pool.find(number(2)) is not None and day.pool.leaves(number(2))
            await asyncio.sleep(2)
            assert day.pool.find(number(2)) is None and day.pool.refusal(number(2)) == 404
            assert named(day, login(2))[-4:] == ["not_ready", "status", "leave", "logout"]
            assert day.all_ready()

    run_virtually(life())


def test_an_agent_on_a_call_stays_until_its_disposition_is_set() -> None:
    async def life() -> None:
        async with agent_day(2) as day:
            day.invite(2, "c1")
            day.pool.change(told(account(1)))
            await asyncio.sleep(600)
            assert day.states() == [P.READY, P.ON_CALL]
            day.world.set_state(login(2), LineState.WRAPUP)
            day.pool.call_wrapping(number(2), "c1")
            assert await day.pool.request(number(2), lambda client, session: client.status(session)) is not None
            day.world.save_term_code(login(2))
            day.pool.call_closed(number(2), "c1", "READY")
            await asyncio.sleep(2)
            assert day.states() == [P.READY]
            with pytest.raises(NoAgentSession):
                await day.pool.request(number(2), lambda client, session: client.status(session))

    run_virtually(life())


def test_an_agent_with_another_login_or_service_leaves_and_comes_again() -> None:
    async def life() -> None:
        async with agent_day(3) as day:
            day.invite(2, "c1")
            day.pool.change(told(account(1, user="VA0009"), account(2, service="46015"), account(3)))
            await asyncio.sleep(5)
            assert day.states() == [P.READY, P.ON_CALL, P.READY]
            assert [view.user_name for view in day.pool.snapshot()] == ["VA0009", login(2), login(3)]
            day.close_call(2, "c1")
            await asyncio.sleep(5)
            assert day.all_ready()
            assert [view.service_id for view in day.pool.snapshot()] == ["46014", "46015", "46014"]
            assert named(day, login(1))[-1] == "logout"

    run_virtually(life())


def test_a_login_that_goes_to_another_number_is_never_in_use_twice() -> None:
    async def life() -> None:
        async with agent_day(2) as day:
            day.invite(1, "c1")
            day.pool.change(told(account(1, user=login(2)), account(2, user=login(1))))
            await asyncio.sleep(60)
            assert day.states() == [P.ON_CALL], "number 2 waits for the login that is on a call"
            day.close_call(1, "c1")
            await asyncio.sleep(5)
            assert day.all_ready()
            assert [view.user_name for view in day.pool.snapshot()] == [login(2), login(1)]

    run_virtually(life())


def test_an_agent_wanted_again_while_it_leaves_stays_or_comes_back() -> None:
    async def life() -> None:
        async with agent_day(2) as day:
            for pause in (0.0, 0.07, 0.13, 0.19, 0.26):
                day.pool.change(told(account(1)))
                await asyncio.sleep(pause)
                day.pool.change(told(account(1), account(2)))
                await asyncio.sleep(30)
                assert day.all_ready() and len(day.states()) == 2
            logouts = named(day, login(2)).count("logout")
            day.invite(2, "c1")
            day.pool.change(told(account(1)))
            day.pool.change(told(account(1), account(2)))
            day.close_call(2, "c1")
            await asyncio.sleep(30)
            assert day.all_ready() and named(day, login(2)).count("logout") == logouts

    run_virtually(life())


def test_a_new_password_costs_no_session_and_frees_a_locked_agent() -> None:
    async def life() -> None:
        async with agent_day(2) as day:
            before = len(day.world.requests)
            day.pool.change(told(account(1, password="other"), account(2)))
            await asyncio.sleep(1)
            assert len(day.world.requests) == before and day.all_ready()
            day.world.end_sessions(login(1))
            await asyncio.sleep(600)
            assert day.states() == [P.LOCKED, P.READY]
            day.pool.change(told(account(1), account(2)))
            await asyncio.sleep(5)
            assert day.all_ready()
            assert day.world.lines[login(1)].passwords_refused <= 1

    run_virtually(life())


def test_a_log_in_under_way_with_the_old_password_does_not_lock_the_agent() -> None:
    async def life() -> None:
        async with agent_day(1) as day:
            day.pool.change(told(account(1, password="wrong")))
            day.world.end_sessions(login(1))
            while day.states() != [P.LOGGING_IN]:  # noqa: ASYNC110  # in virtual time
                await asyncio.sleep(0.01)
            day.pool.change(told(account(1)))
            await asyncio.sleep(10)
            assert day.all_ready()

    run_virtually(life())


def test_another_api_token_frees_agents_whose_credentials_were_refused() -> None:
    async def life() -> None:
        async with agent_day(2) as day:
            day.world.right_password = "what the old token does not open"
            for index in (1, 2):
                day.world.end_sessions(login(index))
            await asyncio.sleep(600)
            assert day.states() == [P.LOCKED, P.LOCKED]
            day.world.right_password = "simulated"
            day.pool.change(told(account(1), account(2)))
            await asyncio.sleep(5)
            assert day.states() == [P.LOCKED, P.LOCKED]
            day.pool.change(told(account(1), account(2)), another_token=True)
            await asyncio.sleep(5)
            assert day.all_ready()

    run_virtually(life())


def test_a_paused_agent_that_moves_is_paused_until_it_is_resumed() -> None:
    async def life() -> None:
        async with agent_day(2) as day:
            day.pool.pause(number(1))
            await asyncio.sleep(2)
            day.pool.change(told(account(1, service="46015"), account(2)))
            await asyncio.sleep(5)
            assert day.states() == [P.PAUSED, P.READY]
            day.pool.resume(number(1))
            await asyncio.sleep(5)
            assert day.all_ready()

    run_virtually(life())


def test_other_hours_hold_at_once_and_outside_of_them_nobody_comes() -> None:
    async def life() -> None:
        async with agent_day(2) as day:
            closed = OpenHours.parse("UTC", {"mon-fri": ["08:00-20:00"]})
            day.pool.change(replace(told(account(1), account(2), account(3)), hours=closed))
            await asyncio.sleep(5)
            assert day.states() == [P.CLOSED] * 3 and day.world.sessions == {}
            day.pool.change(told(account(1), account(2), account(3)))
            await asyncio.sleep(5)
            assert day.all_ready()

    run_virtually(life())


def test_another_cycle_holds_for_all() -> None:
    async def life() -> None:
        async with agent_day(2) as day:
            day.pool.change(replace(told(account(1), account(2)), policy=AgentPolicy(cycle_s=600)))
            await asyncio.sleep(2 * 3600)
            before = len([name for name in named(day, login(1)) if name == "not_ready"])
            await asyncio.sleep(6000)
            assert len([name for name in named(day, login(1)) if name == "not_ready"]) - before == 10

    run_virtually(life())


def test_a_bridge_that_stops_while_agents_change_leaves_nobody_behind() -> None:
    async def life() -> None:
        async with agent_day(3) as day:
            day.pool.change(told(account(1, user="VA0009"), account(2, service="46015")))
            await asyncio.sleep(0.06)
            await day.pool.stop()
            assert day.world.sessions == {}
            assert "VA0009" not in day.world.lines or day.world.line("VA0009").state is LineState.LOGOFF

    run_virtually(life())


WANTED = st.lists(
    st.tuples(st.integers(1, 4), st.integers(1, 4), st.sampled_from(["46014", "46015"])),
    unique_by=(lambda one: one[0], lambda one: one[1]),
    min_size=1,
)
ACTS = st.lists(st.tuples(WANTED, st.sampled_from(["", "invite", "close", "pause", "resume"]), st.integers(0, 9)))


@given(ACTS)
@hypothesis_settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_comes_in_the_end_the_agents_are_those_of_the_settings(
    acts: list[tuple[list[tuple[int, int, str]], str, int]],
) -> None:
    async def life() -> None:
        async with agent_day(2) as day:
            calls: dict[int, tuple[str, str]] = {}
            for turn, (wanted, act, tenths) in enumerate(acts):
                day.pool.change(told(*(account(index, login(user), service) for index, user, service in wanted)))
                index = tenths % 4 + 1
                view = day.pool.find(number(index))
                if act == "invite" and view and index not in calls and day.world.offer_call(view.user_name):
                    day.world.set_state(view.user_name, LineState.INCALL)
                    calls[index] = (f"c{turn}", view.user_name)
                    day.pool.call_started(number(index), f"c{turn}")
                elif act == "close" and index in calls:
                    close(day, index, *calls.pop(index))
                elif act in ("pause", "resume"):
                    (day.pool.pause if act == "pause" else day.pool.resume)(number(index))
                await asyncio.sleep(tenths / 10)
                assert_one_session_each(day)
            for index, call in calls.items():
                close(day, index, *call)
            await asyncio.sleep(120)
            if acts:
                assert [(view.number, view.user_name, view.service_id) for view in day.pool.snapshot()] == [
                    (number(index), login(user), service) for index, user, service in acts[-1][0]
                ]
            assert set(day.states()) <= {P.READY, P.PAUSED}

    run_virtually(life())


def close(day: Day, index: int, call: str, user: str) -> None:
    day.world.set_state(user, LineState.WRAPUP)
    day.pool.call_wrapping(number(index), call)
    day.world.save_term_code(user)
    day.pool.call_closed(number(index), call, day.world.line(user).state)


def assert_one_session_each(day: Day) -> None:
    views = day.pool.snapshot()
    assert len({view.number for view in views}) == len({view.user_name for view in views}) == len(views)
