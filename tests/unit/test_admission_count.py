"""The count of calls cannot leak: controller, dispatch and the queue for workers agree, whatever happens."""

import asyncio
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from bridge.calls.outcomes import Outcomes
from bridge.media.messages import SessionRefused
from bridge.settings import load
from sip.admission import Admitted, Refused
from sip.dispatch import Dispatch
from sip.messages import Event, InviteArrived, Leg, LegAnswered, LegEnded
from sip.pool import PoolSettings, WorkerPool
from tests.paper_bridge import PaperBridge, PaperPool, paper_settings_text
from tests.virtual_time import run_virtually

AGENTS, CAP, SLOTS = 6, 4, 4


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> Outcomes:
    path = tmp_path_factory.mktemp("paper") / Path("bridge.toml")
    path.write_text(paper_settings_text(AGENTS), encoding="utf-8")
    return Outcomes(load(path, {}))


class CountingPool(PaperPool):
    """The real pool, dispatch and queue; there are no processes, and workers come and go as a test says."""

    def __init__(self) -> None:
        super().__init__()
        self.dispatch = Dispatch()
        self.real = WorkerPool(PoolSettings(0, "", 1, CAP), self.dispatch, lambda event: None, lambda calls: None)
        self.lingering: dict[int, int] = {}
        """Slots of each worker whose dialogs are over and not answered."""
        self._last = 0

    async def reserve(self, call: str, dialogs: int) -> int:
        return await self.real.reserve(call, dialogs)

    def release(self, call: str) -> None:
        self.real.release(call)

    def worker_comes(self) -> None:
        self._last += 1
        self.lingering[self._last] = 0
        self.dispatch.add_worker(self._last, 40_000 + self._last, SLOTS)
        self.real._waiting.serve()

    def worker_dies(self, which: int) -> list[str]:
        """The calls it had."""
        if not self.lingering:
            return []
        worker = list(self.lingering)[which % len(self.lingering)]
        del self.lingering[worker]
        return self.dispatch.remove_worker(worker)

    def linger(self, which: int, count: int) -> None:
        if self.lingering:
            worker = list(self.lingering)[which % len(self.lingering)]
            self.lingering[worker] = count
            self.dispatch.set_lingering(worker, count)
            self.real._waiting.serve()

    def check(self) -> None:
        """The dispatch agrees with itself."""
        dispatch = self.dispatch
        for number, worker in dispatch._workers.items():
            assert worker.taken == sum(worker.calls.values())
            assert worker.free == max(SLOTS - self.lingering[number] - worker.taken, 0)
            assert number in dispatch._workers_by_free[worker.free]
            assert all(dispatch.worker_of_call(call) == number for call in worker.calls)
        assert dispatch.calls == sum(len(worker.calls) for worker in dispatch._workers.values())
        assert sum(map(len, dispatch._workers_by_free.values())) == len(dispatch._workers)


class Rush:
    """Calls, and all that may happen to them, one act after the other."""

    def __init__(self, outcomes: Outcomes) -> None:
        self.pool = CountingPool()
        self.bridge = PaperBridge(outcomes, AGENTS, CAP, pool=self.pool)
        self.asked: list[asyncio.Task[Admitted | Refused]] = []
        self.draining: asyncio.Task[bool] | None = None
        self._hurry = asyncio.Event()
        self.pool.worker_comes()

    async def act(self, what: str, which: int) -> None:
        match what:
            case "time passes":
                await asyncio.sleep(which / 4)
            case "drain" | "hurry":
                self._drains(what, which)
            case "invite" | "cancel" | "media" | "no media":
                self._asks(what, which)
            case "worker comes" | "worker lost" | "slots linger":
                self._workers_change(what, which)
            case _ if calls := [live.facts.call for live in self.bridge.controller.calls]:
                self._happens(what, calls[which % len(calls)])
        if which % 2:
            await asyncio.sleep(0)
        self.check()

    def _asks(self, what: str, which: int) -> None:
        bridge = self.bridge
        match what:
            case "invite":
                self.asked.append(asyncio.create_task(bridge.controller.admit(bridge.invite(which % AGENTS))))
            case "cancel" if waiting := [task for task in self.asked if not task.done()]:
                waiting[which % len(waiting)].cancel()
            case "media" | "no media" if opening := [each for each in bridge.media.opening.values() if not each.done()]:
                opening[which % len(opening)].set_result(what == "media")

    def _workers_change(self, what: str, which: int) -> None:
        match what:
            case "worker comes":
                self.pool.worker_comes()
            case "worker lost":
                self.bridge.controller.workers_lost(self.pool.worker_dies(which))
            case "slots linger":
                self.pool.linger(which, which % SLOTS)

    def _drains(self, what: str, which: int) -> None:
        if what == "hurry":
            self._hurry.set()
        elif self.draining is None and which > 15:  # not in most lives, as nothing is let in after it
            self.draining = asyncio.create_task(self.bridge.controller.drain(300, self._hurry))

    def _happens(self, what: str, call: str) -> None:
        match what:
            case "media lost":
                self.bridge.controller.media_event(SessionRefused(call, "the ports are another's"))
            case "arrives":
                self._event(InviteArrived(call))
            case "engine answers":
                self._event(LegAnswered(call, Leg.ENGINE))
            case "engine ends":
                self._event(LegEnded(call, Leg.ENGINE, True, 200, "BYE received"))
            case "acknowledged":
                self._event(LegAnswered(call, Leg.CUSTOMER))
            case "customer ends":
                self._event(LegEnded(call, Leg.CUSTOMER, True, 200, "BYE received"))

    def _event(self, event: Event) -> None:
        self.bridge.controller.sip_event(event)

    def check(self) -> None:
        """What is counted is what there is, and never too much."""
        self.pool.check()
        on_line = self.bridge.controller.on_line
        assert self.pool.dispatch.calls + len(self.pool.real._waiting) <= on_line <= CAP

    async def end(self) -> None:
        """All that has not ended ends by its own time limits."""
        for task in self.asked:
            task.cancel()
        await asyncio.wait([asyncio.create_task(asyncio.sleep(0)), *self.asked])
        for live in self.bridge.controller.calls:
            live.sip_event(LegEnded(live.facts.call, Leg.CUSTOMER, True, 200, "BYE received"))
        await asyncio.sleep(400)
        if self.draining is not None:
            await self.draining

    async def fill(self) -> int:
        """How many calls are let in when as many come as there are agents."""
        for task in self.asked:
            assert task.done()
        for worker in self.pool.lingering:
            self.pool.dispatch.set_lingering(worker, 0)
        while self.pool.dispatch.room(2) < CAP:
            self.pool.worker_comes()
        controller, opening = self.bridge.controller, self.bridge.media.opening
        again = [asyncio.create_task(controller.admit(self.bridge.invite(agent))) for agent in range(AGENTS)]
        await asyncio.sleep(0)
        for waiting in list(opening.values()):
            waiting.set_result(True)
        return sum(isinstance(answer, Admitted) for answer in await asyncio.gather(*again))


ACTS = (
    *("invite", "invite", "invite", "invite", "media", "media", "media"),
    *("cancel", "no media", "worker comes", "worker lost", "slots linger", "media lost", "time passes"),
    *("arrives", "engine answers", "engine ends", "acknowledged", "customer ends", "customer ends"),
    *("drain", "hurry"),
)


@hypothesis_settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(acts=st.lists(st.tuples(st.sampled_from(ACTS), st.integers(0, 20)), min_size=40, max_size=80))
def test_whatever_happens_in_whatever_order_as_many_calls_fit_as_at_the_start(
    outcomes: Outcomes, acts: list[tuple[str, int]]
) -> None:
    async def life() -> None:
        rush = Rush(outcomes)
        for what, which in acts:
            await rush.act(what, which)
        await rush.end()
        rush.check()
        controller, dispatch = rush.bridge.controller, rush.pool.dispatch
        assert (controller.calls, controller.on_line, dispatch.calls, len(rush.pool.real._waiting)) == ((), 0, 0, 0)
        assert rush.bridge.media.sessions == set()
        free = sum(max(SLOTS - lingering, 0) for lingering in rush.pool.lingering.values())
        assert dispatch.room(1) == free
        assert await rush.fill() == (0 if rush.draining else CAP)
        await controller.stop()

    run_virtually(life())


def test_of_many_at_once_exactly_as_many_as_fit_are_let_in(outcomes: Outcomes) -> None:
    async def life() -> None:
        rush = Rush(outcomes)
        assert await rush.fill() == CAP
        refused = await rush.bridge.controller.admit(rush.bridge.invite(AGENTS - 1))
        assert isinstance(refused, Refused) and refused.status == 503
        await rush.bridge.controller.stop()

    run_virtually(life())
