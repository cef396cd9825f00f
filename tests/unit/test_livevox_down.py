"""LiveVox's REST API is away for an hour or more, in virtual time: nothing is lost, and its return is no stampede."""

import asyncio
import random
from collections import Counter
from collections.abc import Iterable

import pytest

from bridge.agents.messages import AgentPhase
from bridge.agents.policy import AgentPolicy
from bridge.wrapup import Confirmation, Finished, Limits, Request, SetTermCode, WrapUp
from tests.agent_day import HOUR, agent_day, login, number
from tests.agent_world import Mishap
from tests.virtual_time import run_virtually
from tests.wrapup_stage import LOST_AFTER, LOST_BEFORE, NOT_SENT, Stage

AGENTS = 40
CALLS = 60


def most_in_a_second(times: Iterable[float]) -> int:
    return max(Counter(int(at) for at in times).values(), default=0)


@pytest.mark.parametrize("sessions_survive", [True, False])
def test_agents_take_calls_all_the_while_and_come_back_one_after_the_other(sessions_survive: bool) -> None:
    async def life() -> None:
        async with agent_day(AGENTS) as day:
            day.world.mishaps.extend([Mishap.UNREACHED] * 100_000)
            before = len(day.world.requests)
            await asyncio.sleep(HOUR)
            # Each agent looks a few times, and then about once a minute; which is how LiveVox's return is noticed.
            assert len(day.world.requests) - before <= AGENTS * 80
            assert most_in_a_second(at for at, _, _ in day.world.requests[before:]) <= AGENTS / 2
            assert [day.pool.refusal(number(index)) for index in range(1, AGENTS + 1)] == [None] * AGENTS
            if not sessions_survive:
                for index in range(1, AGENTS + 1):
                    day.world.end_sessions(login(index))
            before = len(day.world.requests)
            day.world.mishaps.clear()
            await asyncio.sleep(AgentPolicy().join_backoff_s[1] * 1.5 + 20)  # the longest wait there is, and its steps
            assert day.all_ready()
            after = day.world.requests[before:]
            assert most_in_a_second(at for at, _, _ in after) <= AGENTS / 3
            logins = [at for at, _, name in after if name == "login"]
            assert most_in_a_second(logins) <= 5, "login_per_s"
            assert len(logins) == (0 if sessions_survive else AGENTS), "sessions that are good go on"

    run_virtually(life())


def test_an_agent_on_a_call_all_the_while_is_ready_after_it() -> None:
    async def life() -> None:
        async with agent_day(1) as day:
            day.invite(1, "call")
            day.world.mishaps.extend([Mishap.UNREACHED] * 100_000)
            await asyncio.sleep(HOUR)
            assert day.states() == [AgentPhase.ON_CALL]
            day.world.mishaps.clear()
            day.close_call(1, "call")
            await asyncio.sleep(300)
            assert day.all_ready()

    run_virtually(life())


def played(seed: int, ended_at: float, away: tuple[float, float]) -> tuple[Stage, Finished]:
    """The wrap-up of a call that ended at this second, while LiveVox is away from one second to another."""
    chance = random.Random(seed)
    stage = Stage(limits=Limits())
    stage.wrap_up = WrapUp(stage.plan, stage.desk.now, chance)

    def weather(_: Request) -> object:
        now = ended_at + stage.desk.now - stage.began
        return chance.choice((LOST_BEFORE, NOT_SENT)) if away[0] <= now < away[1] else None

    stage.weather = weather  # type: ignore[assignment]
    result = stage.play()
    assert result is not None
    return stage, result


def test_what_ended_in_an_hour_without_livevox_is_set_once_it_is_back() -> None:
    back = HOUR
    stages = []
    for call in range(CALLS):
        ended_at = call * (HOUR - 10) / CALLS + 5
        stage, result = played(call, ended_at, (0, back))
        stages.append((ended_at, stage))
        assert (result.confirmation, stage.dispositions) == (Confirmation.CONFIRMED, ["Completed"]), stage
        assert 0 <= ended_at + stage.times[-1] - back <= 45, "within half a minute, and the look that verifies it"
    asked = [ended_at + at for ended_at, stage in stages for at in stage.times if ended_at + at >= back]
    assert most_in_a_second(asked) <= CALLS / 2, "they do not come all at once"


def test_only_what_can_matter_no_more_is_unconfirmed() -> None:
    away_s = 2 * HOUR
    for call in range(CALLS):
        ended_at = call * away_s / CALLS
        stage, result = played(call, ended_at, (0, away_s))
        if ended_at + HOUR < away_s:
            assert (result.confirmation, stage.dispositions) == (Confirmation.UNCONFIRMED, []), stage
            assert HOUR <= stage.times[-1] <= HOUR + 60, "never given up before"
        elif ended_at + HOUR > away_s + 60:
            assert (result.confirmation, stage.dispositions) == (Confirmation.CONFIRMED, ["Completed"]), stage


def test_a_term_code_that_livevox_took_as_it_went_away_is_not_set_again_an_hour_later() -> None:
    stage = Stage(limits=Limits())
    gone: list[float] = []

    def weather(step: Request) -> object:
        if isinstance(step, SetTermCode) and not gone:
            gone.append(stage.desk.now)
            return LOST_AFTER
        return LOST_BEFORE if gone and stage.desk.now < gone[0] + HOUR - 60 else None

    stage.weather = weather  # type: ignore[assignment]
    result = stage.play()
    assert result is not None
    assert (stage.dispositions, stage.names.count("SetTermCode")) == (["Completed"], 1)
    # LiveVox may have closed the call by itself meanwhile: nobody can tell, and it is no success.
    assert (result.confirmation, result.reason) == (Confirmation.UNCONFIRMED, "the answer to the term code was lost")
