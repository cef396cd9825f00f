"""The driver of all agents, in virtual time: days of agent life with a small LiveVox."""

import asyncio

import pytest
from structlog.testing import capture_logs

from bridge.agents.messages import AgentPhase
from bridge.agents.open_hours import OpenHours
from bridge.livevox.agent_session import Features
from bridge.livevox.agent_status import LineState
from bridge.livevox.errors import LiveVoxRefused
from tests.agent_day import HOUR, Day, agent_day, login, number
from tests.agent_world import Mishap, WorldClient
from tests.virtual_time import run_virtually

P = AgentPhase


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


def test_who_may_take_a_call() -> None:
    async def life() -> None:
        async with agent_day(3) as day:
            assert day.pool.refusal("8999999999") == 404
            assert day.pool.refusal(number(1)) is None
            day.invite(1, "c1")
            day.pool.call_wrapping(number(1), "c1")
            assert day.states()[0] is P.WRAP_UP
            assert day.pool.refusal(number(1)) is None  # LiveVox's next call may overtake the end of the last one
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


def test_an_agent_that_a_call_waits_for_is_logged_in_before_the_others() -> None:
    async def life() -> None:
        async with agent_day(20, started=False, login_per_s=1) as day:
            last = number(20)
            assert day.pool.is_arriving(last) and day.pool.refusal(last) == 480
            async with asyncio.timeout(1.0):
                await day.pool.arrival(last)
            assert day.pool.refusal(last) is None
            assert not day.pool.is_arriving(last)
            await day.pool.arrival(last)
            await asyncio.sleep(30)
            assert day.all_ready()
            day.world.end_sessions(login(20))
            await asyncio.sleep(0.5 * HOUR)
            assert day.world.count("login") == 21
            assert not day.pool.is_arriving("8990009999")
            await day.pool.arrival("8990009999")

    run_virtually(life())


def test_a_call_that_waits_for_an_agent_no_longer_leaves_no_trace() -> None:
    async def life() -> None:
        async with agent_day(2, started=False, login_per_s=0.1) as day:
            day.world.mishaps.append(Mishap.BROKEN)
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.01):
                    await day.pool.arrival(number(2))
            await asyncio.sleep(60)
            assert day.all_ready()

    run_virtually(life())


def test_an_agent_that_shall_not_serve_is_waited_for_by_nobody() -> None:
    async def life() -> None:
        hours = OpenHours.parse("UTC", {"mon-fri": ["08:00-20:00"]})
        async with agent_day(1, started=False, hours=hours) as day:
            assert not day.pool.is_arriving(number(1))
        async with agent_day(1, started=False) as day:
            day.pool.pause(number(1))
            assert not day.pool.is_arriving(number(1))

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
