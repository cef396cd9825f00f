"""Admission gives back all it took, whatever happens in whatever order."""

import asyncio
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from bridge.calls.outcomes import Outcomes
from bridge.settings import load
from sip.admission import Admitted, Refused
from sip.messages import Dial, HangUp, InviteArrived, Leg, LegAnswered, LegEnded
from tests.paper_bridge import PaperBridge, paper_settings_text
from tests.virtual_time import run_virtually

AGENTS, CAP = 5, 3


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> Outcomes:
    path = tmp_path_factory.mktemp("paper") / Path("bridge.toml")
    path.write_text(paper_settings_text(AGENTS), encoding="utf-8")
    return Outcomes(load(path, {}))


class Day:
    """INVITEs and what becomes of them, one act after the other."""

    def __init__(self, outcomes: Outcomes) -> None:
        self.bridge = PaperBridge(outcomes, AGENTS, CAP)
        self.asked: list[asyncio.Task[Admitted | Refused]] = []
        self.over: set[str] = set()

    async def act(self, what: str, which: int) -> None:
        match what:
            case "invite":
                invite = self.bridge.invite(which % AGENTS)
                self.asked.append(asyncio.create_task(self.bridge.controller.admit(invite)))
            case "cancel" if waiting := [task for task in self.asked if not task.done()]:
                waiting[which % len(waiting)].cancel()
            case "media" | "no media":
                self._answer(list(self.bridge.media.opening.values()), which, what == "media")
            case "worker" | "no worker":
                self._answer(list(self.bridge.pool.reserving.values()), which, what == "worker")
            case _ if calls := [live.facts.call for live in self.bridge.controller.calls]:
                self._happens(what, calls[which % len(calls)])
        if which % 2:
            await asyncio.sleep(0)
        assert len(self.bridge.pool.calls) <= CAP

    @staticmethod
    def _answer(waiting: list[asyncio.Future[bool]], which: int, answer: bool) -> None:
        if waiting and not waiting[which % len(waiting)].done():
            waiting[which % len(waiting)].set_result(answer)

    def _happens(self, what: str, call: str) -> None:
        controller = self.bridge.controller
        match what:
            case "arrives":
                controller.sip_event(InviteArrived(call))
            case "engine answers":
                controller.sip_event(LegAnswered(call, Leg.ENGINE))
            case "engine ends":
                controller.sip_event(LegEnded(call, Leg.ENGINE, True, 200, "BYE received"))
            case "acknowledged":
                controller.sip_event(LegAnswered(call, Leg.CUSTOMER))
            case "customer ends":
                controller.sip_event(LegEnded(call, Leg.CUSTOMER, True, 200, "BYE received"))
            case "worker lost" if call not in self.over:
                self.over.add(call)
                controller.workers_lost([call])

    async def end(self) -> None:
        """All that has not ended ends by its own time limits."""
        for task in self.asked:
            task.cancel()
        await asyncio.sleep(0)
        for live in self.bridge.controller.calls:
            live.sip_event(LegEnded(live.facts.call, Leg.CUSTOMER, True, 200, "BYE received"))
        await asyncio.sleep(300)


ACTS = [
    "invite",
    "invite",
    "invite",
    "cancel",
    "media",
    "media",
    "no media",
    "worker",
    "worker",
    "no worker",
    "arrives",
    "engine answers",
    "engine ends",
    "acknowledged",
    "customer ends",
    "worker lost",
]


@hypothesis_settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(acts=st.lists(st.tuples(st.sampled_from(ACTS), st.integers(0, 20)), max_size=60))
def test_whatever_happens_in_whatever_order_all_is_given_back(outcomes: Outcomes, acts: list[tuple[str, int]]) -> None:
    async def life() -> None:
        day = Day(outcomes)
        bridge = day.bridge
        for what, which in acts:
            await day.act(what, which)
        await day.end()
        assert bridge.controller.calls == ()
        assert (bridge.media.sessions, bridge.pool.calls, bridge.agents.calls) == (set(), set(), {})
        assert sorted(bridge.agents.started) == sorted(bridge.agents.closed)
        assert await bridge.controller.wait_idle(0.1)
        # and as many calls as ever may be admitted, and not one more
        again = [asyncio.create_task(bridge.controller.admit(bridge.invite(agent))) for agent in range(AGENTS)]
        await asyncio.sleep(0)
        assert len(bridge.media.opening) == CAP
        for task in again:
            task.cancel()
        await asyncio.wait(again)
        assert asyncio.all_tasks() == {asyncio.current_task()}

    run_virtually(life())


def test_an_admission_that_breaks_gives_back_all_it_took(outcomes: Outcomes) -> None:
    async def life() -> None:
        bridge = PaperBridge(outcomes, AGENTS, CAP)
        invite = bridge.invite(0)
        object.__setattr__(invite, "headers", None)  # what nobody has thought of
        asked = asyncio.create_task(bridge.controller.admit(invite))
        await asyncio.sleep(0)
        next(iter(bridge.media.opening.values())).set_result(True)
        await asyncio.sleep(0)
        next(iter(bridge.pool.reserving.values())).set_result(True)
        with pytest.raises(TypeError):
            await asked
        await asyncio.sleep(0.1)
        assert (bridge.media.sessions, bridge.pool.calls, bridge.agents.calls) == (set(), set(), {})
        assert await bridge.controller.wait_idle(0.1)

    run_virtually(life())


def test_a_call_that_breaks_is_ended_and_costs_no_other(outcomes: Outcomes) -> None:
    async def life() -> None:
        day = Day(outcomes)
        for agent in range(2):
            await day.act("invite", agent * 2)
            await asyncio.sleep(0)
            await day.act("media", 1)
            await asyncio.sleep(0)
            await day.act("worker", 1)
            await asyncio.sleep(0)
        broken, good = day.bridge.controller.calls
        object.__setattr__(broken.call, "_ringing", None)  # what nobody has thought of
        day._happens("arrives", broken.facts.call)
        await asyncio.sleep(1)
        assert day.bridge.controller.calls == (good,)
        assert day.bridge.pool.calls == {good.facts.call}
        await day.end()
        assert not day.bridge.controller.calls

    run_virtually(life())


def test_while_draining_hurriedly_nobody_is_admitted_to_stay(outcomes: Outcomes) -> None:
    async def life() -> None:
        day = Day(outcomes)
        await day.act("invite", 0)
        await asyncio.sleep(0)
        hurry = asyncio.Event()
        hurry.set()
        assert not await day.bridge.controller.drain(300, hurry)
        await day.act("media", 1)
        await asyncio.sleep(0)
        await day.act("worker", 1)
        await asyncio.sleep(0)
        assert isinstance(day.asked[0].result(), Admitted)
        assert await day.bridge.controller.wait_idle(60)
        refused = await day.bridge.controller.admit(day.bridge.invite(1))
        assert isinstance(refused, Refused) and refused.status == 503

    run_virtually(life())


def test_the_engine_is_dialled_with_the_last_step_of_an_admission(outcomes: Outcomes) -> None:
    async def life() -> None:
        bridge = PaperBridge(outcomes, AGENTS, CAP)
        asked = asyncio.create_task(bridge.controller.admit(bridge.invite(0)))
        await asyncio.sleep(0)
        assert bridge.pool.sent == []
        live = await bridge.let_in(asked)
        assert [type(command) for command in bridge.pool.sent] == [Dial]
        live.sip_event(LegEnded(live.facts.call, Leg.CUSTOMER, True, 487, "cancelled"))
        assert [type(command) for command in bridge.pool.sent] == [Dial, HangUp]
        await asyncio.sleep(300)
        assert bridge.controller.calls == ()

    run_virtually(life())


def test_a_call_that_is_not_admitted_reaches_no_engine(outcomes: Outcomes) -> None:
    async def life() -> None:
        bridge = PaperBridge(outcomes, AGENTS, CAP)
        cancelled = asyncio.create_task(bridge.controller.admit(bridge.invite(0)))
        await asyncio.sleep(0)
        next(iter(bridge.media.opening.values())).set_result(True)
        await asyncio.sleep(0)
        next(iter(bridge.pool.reserving.values())).set_result(True)
        cancelled.cancel()
        await asyncio.wait({cancelled})
        assert cancelled.cancelled()
        assert (bridge.pool.sent, bridge.controller.calls) == ([], ())

    run_virtually(life())
