"""The driver of all agents, in virtual time: days of agent life, with the real pool and a small LiveVox."""

import asyncio

import pytest
from structlog.testing import capture_logs

from bridge.agent_messages import AgentPhase
from bridge.agent_policy import AgentPolicy
from bridge.errors import LiveVoxRefused, NoAgentSession, SessionLost
from bridge.livevox.agent_session import Features
from bridge.livevox.agent_status import AgentStatus, LineState
from bridge.open_hours import OpenHours
from tests.agent_day import HOUR, Day, agent_day, login, number
from tests.agent_world import Mishap, WorldClient
from tests.virtual_time import run_virtually

P = AgentPhase


async def read_status(client: WorldClient, session: str) -> AgentStatus | None:
    return await client.status(session)


def at_most_away(day: Day) -> int:
    """How many agents were Not Ready at once since they were all Ready."""
    away: set[str] = set()
    most = 0
    for _, who, name in day.world.requests:
        if name == "not_ready":
            away.add(who)
        elif name == "ready":
            away.discard(who)
        most = max(most, len(away))
    return most


def test_idle_agents_cycle_every_hour_one_after_the_other_and_keep_their_sessions() -> None:
    async def life() -> None:
        async with agent_day(4) as day:
            before = len(day.world.requests)
            await asyncio.sleep(10 * HOUR)
            assert day.all_ready()
            assert at_most_away(day) == 1
            for index in range(1, 5):
                cycles = [at for at, who, name in day.world.requests if who == login(index) and name == "not_ready"]
                assert len(cycles) == 10
                gaps = [later - earlier for earlier, later in zip(cycles, cycles[1:], strict=False)]
                assert all(gap == pytest.approx(HOUR, abs=1) for gap in gaps)
            assert day.world.made == 4
            assert day.world.count("login") == 4
            # Per agent and hour: a look every five minutes, and the cycle's five requests.
            assert (len(day.world.requests) - before) / 40 <= 18
            assert [view.steps for view in day.pool.snapshot()] == [
                sum(1 for _, who, _ in day.world.requests if who == login(index)) for index in range(1, 5)
            ]

    run_virtually(life())


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


def test_agents_are_logged_in_only_during_the_open_hours() -> None:
    async def life() -> None:
        hours = OpenHours.parse("UTC", {"mon-fri": ["08:00-20:00"]})
        async with agent_day(3, started=False, hours=hours) as day:
            await asyncio.sleep(7.9 * HOUR)
            assert day.states() == [P.CLOSED] * 3
            assert day.world.requests == []
            await asyncio.sleep(0.2 * HOUR)
            assert day.all_ready()
            await asyncio.sleep(11.8 * HOUR)
            day.invite(1, "c1")
            await asyncio.sleep(0.2 * HOUR)
            assert day.states() == [P.ON_CALL, P.CLOSED, P.CLOSED]
            assert day.lines() == [LineState.INCALL, LineState.LOGOFF, LineState.LOGOFF]
            assert len(day.world.sessions) == 1
            day.close_call(1, "c1")
            await asyncio.sleep(60)
            assert day.states() == [P.CLOSED] * 3
            assert day.world.sessions == {}
            assert day.pool.refusal(number(1)) == 480
            await asyncio.sleep(12 * HOUR)
            assert day.all_ready()

    run_virtually(life())


def test_a_clock_that_is_set_is_noticed_within_a_minute() -> None:
    async def life() -> None:
        hours = OpenHours.parse("UTC", {"mon-sun": ["00:00-12:00"]})
        async with agent_day(2, hours=hours) as day:
            day.wall_set_by = 13 * HOUR
            await asyncio.sleep(70)
            assert day.states() == [P.CLOSED] * 2

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


# requests as an agent


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


# trouble


def test_refused_credentials_are_tried_once_in_a_whole_day() -> None:
    async def life() -> None:
        async with agent_day(2, started=False) as day:
            day.world.right_password = "another"
            await asyncio.sleep(24 * HOUR)
            assert day.states() == [P.LOCKED] * 2
            assert day.world.line(login(1)).passwords_refused == 1
            assert day.pool.refusal(number(1)) == 480
            day.world.right_password = "simulated"
            day.pool.resume(number(1))
            await asyncio.sleep(10)
            assert day.states() == [P.READY, P.LOCKED]

    run_virtually(life())


def test_after_an_outage_all_agents_are_ready_again_and_livevox_was_not_stormed() -> None:
    async def life() -> None:
        async with agent_day(5) as day:
            for index in range(1, 6):
                day.world.end_sessions(login(index))
            day.world.mishaps.extend([Mishap.UNREACHED] * 100_000)
            before = len(day.world.requests)
            await asyncio.sleep(HOUR)
            asked = len(day.world.requests) - before
            assert asked <= 5 * 40
            assert P.READY not in day.states()
            day.world.mishaps.clear()
            await asyncio.sleep(0.25 * HOUR)
            assert day.all_ready()
            assert any(change.alarm for change in day.changes)

    run_virtually(life())


def test_a_supervisor_who_interferes_is_answered_within_the_reconcile_interval() -> None:
    async def life() -> None:
        async with agent_day(2) as day:
            day.world.set_state(login(1), LineState.NOTREADY)
            day.world.set_state(login(2), LineState.LOGOFF)
            await asyncio.sleep(1.5 * 300 + 20)
            assert day.all_ready()

    run_virtually(life())


def test_an_agent_that_livevox_keeps_in_wrap_up_is_told_to_the_controller() -> None:
    async def life() -> None:
        async with agent_day(1) as day:
            day.invite(1, "c1")
            day.world.set_state(login(1), LineState.WRAPUP)
            day.pool.call_closed(number(1), "c1", None)
            await asyncio.sleep(45)
            assert [stuck.state for stuck in day.stuck] == ["WRAPUP"]
            day.world.save_term_code(login(1))
            await asyncio.sleep(10)
            assert day.all_ready()

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


# how it looks from outside


def test_who_may_take_a_call() -> None:
    async def life() -> None:
        async with agent_day(3) as day:
            assert day.pool.refusal("8999999999") == 404
            assert day.pool.refusal(number(1)) is None
            day.invite(1, "c1")
            assert day.pool.refusal(number(1)) == 486
            day.pool.call_wrapping(number(1), "c1")
            assert day.states()[0] is P.WRAP_UP
            assert day.pool.refusal(number(1)) == 486
            day.pool.pause(number(2))
            await asyncio.sleep(2)
            assert day.states()[1] is P.PAUSED
            assert day.pool.refusal(number(2)) == 480
            day.pool.resume(number(2))
            await asyncio.sleep(2)
            assert day.pool.refusal(number(2)) is None
            day.close_call(1, "c1")
            assert day.pool.refusal(number(1)) is None

    run_virtually(life())


def test_numbers_that_are_nobodys_are_ignored() -> None:
    async def life() -> None:
        async with agent_day(1) as day:
            day.pool.call_started("8999999999", "c1")
            day.pool.pause("8999999999")
            assert day.pool.find("8999999999") is None
            assert day.all_ready()

    run_virtually(life())


def test_a_view_tells_where_an_agent_is_since_when_and_why() -> None:
    async def life() -> None:
        async with agent_day(1) as day:
            await asyncio.sleep(1000)
            view = day.pool.find(number(1))
            assert view is not None
            assert (view.number, view.user_name, view.service_id) == (number(1), login(1), "46014")
            assert (view.state, view.call, view.reason) == (P.READY, None, "Ready")
            assert view.since < day.wall() - 990
            assert view.session_id == "session-1"
            assert "session-1" not in repr(view)
            assert "simulated" not in repr(day.pool.snapshot())
            day.invite(1, "c1")
            view = day.pool.find(number(1))
            assert view is not None
            assert (view.state, view.call, view.since) == (P.ON_CALL, "c1", day.wall())

    run_virtually(life())


def test_changes_are_told_in_order() -> None:
    async def life() -> None:
        async with agent_day(1) as day:
            assert [(change.old, change.new) for change in day.changes] == [
                (P.LOGGED_OUT, P.LOGGING_IN),
                (P.LOGGING_IN, P.JOINING),
                (P.JOINING, P.NOT_READY),
                (P.NOT_READY, P.READY),
            ]

    run_virtually(life())


def test_a_service_is_checked_once_and_what_must_change_is_said() -> None:
    async def life() -> None:
        with capture_logs() as logs:
            async with agent_day(4, started=False) as day:
                day.client.features_answer = Features(service_id="46014", feature_code=2, term_code_enabled=True)
                await asyncio.sleep(10)
                assert day.world.count("features") == 1
        remedies = [entry["remedy"] for entry in logs if entry["event"] == "service_unsuitable"]
        assert len(remedies) == 2
        assert "Agent Call Out" in remedies[0]
        assert "phonebook" in remedies[1]

    run_virtually(life())


class FeaturelessClient(WorldClient):
    """Does not tell a service's features; the first time LiveVox is in trouble, later it refuses."""

    async def features(self, session: str, service_id: str) -> Features:
        self.world.requests.append((self.world.clock(), "", "features"))
        status = 500 if self.world.count("features") == 1 else 403
        raise LiveVoxRefused("GET callControl/agent/service/features", status, status, "")


def test_a_check_that_failed_is_made_again_later_unless_it_was_refused() -> None:
    async def life() -> None:
        with capture_logs() as logs:
            async with agent_day(3, kind=FeaturelessClient) as day:
                await asyncio.sleep(10 * HOUR)
                assert day.world.count("features") == 2
                assert day.all_ready()
        assert [entry["event"] for entry in logs].count("service_not_checked") == 2

    run_virtually(life())


class SlowClient(WorldClient):
    """Takes its time over a service's features."""

    async def features(self, session: str, service_id: str) -> Features:
        await asyncio.sleep(HOUR)
        return self.features_answer


# stop


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


async def stopped_after(day: Day, drain_s: float) -> float:
    started = asyncio.get_running_loop().time()
    await day.pool.stop(drain_s)
    return asyncio.get_running_loop().time() - started


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


def test_a_stop_waits_for_calls_no_longer_than_told() -> None:
    async def life() -> None:
        async with agent_day(2) as day:
            day.invite(1, "c1")
            assert 60 <= await stopped_after(day, 60) < 62
            assert day.world.sessions == {}

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
