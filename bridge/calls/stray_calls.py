"""Calls that LiveVox shows on an agent and that are none of ours: an agent must not be stuck with one for ever.

The bridge may have died with such a call, or never got its INVITE. LiveVox keeps the agent in wrap-up until somebody
sets a term code; here it is set, as the outcome bridge_failure says. First whoever repeats wrap-ups that were given up
is asked: for such a call another term code may be meant.
"""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from time import time

import structlog

from bridge.agents.messages import AgentStuck
from bridge.agents.pool import AgentPool
from bridge.calls.call_journal import CallJournal
from bridge.calls.events import CallEvent
from bridge.calls.outcomes import Outcomes
from bridge.calls.pending_wrapup import Kind, PendingWrapUp
from bridge.calls.timeline import Fact
from bridge.calls.wrapup_driver import WrapUpDriver
from bridge.calls.wrapup_requests import WrapUpRequests
from bridge.journal.record_keeper import RecordKeeper

log = structlog.get_logger()


class StrayCalls:
    """One wrap-up at a time for each agent that is stuck."""

    def __init__(
        self,
        agents: AgentPool,
        outcomes: Outcomes,
        requests: WrapUpRequests,
        journal: RecordKeeper,
        taken: Callable[[AgentStuck], Awaitable[bool]],
    ) -> None:
        """`taken`: somebody else looks after the call, as it is not of nobody."""
        self._agents = agents
        self._outcomes = outcomes
        self._requests = requests
        self._journal = journal
        self._taken = taken
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._drivers: dict[str, tuple[str, float, WrapUpDriver]] = {}
        """Of each agent: the call's id, when it began, and who wraps it up."""

    def change(self, outcomes: Outcomes, requests: WrapUpRequests) -> None:
        """Wrap-ups that begin from now on go by these."""
        self._outcomes = outcomes
        self._requests = requests

    def stuck(self, news: AgentStuck) -> None:
        """An agent has been busy for long with a call that is not ours."""
        if news.number in self._tasks or news.transaction_id is None:
            return
        task = asyncio.create_task(self._wrap_up(news), name=f"stray call of {news.number}")
        self._tasks[news.number] = task
        task.add_done_callback(lambda done: self._ended(news.number, done))

    @property
    def pending(self) -> int:
        """How many are being wrapped up."""
        return len(self._drivers)

    def try_now(self, call: str) -> bool | None:
        """Do not wait for the next try; False: none is waited for, None: there is no such call."""
        return next((driver.try_now() for id, _, driver in self._drivers.values() if id == call), None)

    def has(self, agent: str) -> bool:
        """The agent's line is being freed."""
        return agent in self._drivers

    @property
    def wrap_ups(self) -> tuple[PendingWrapUp, ...]:
        """Those that are not over."""
        return tuple(
            PendingWrapUp(id, agent, "", Kind.STRAY, since, driver.progress)
            for agent, (id, since, driver) in self._drivers.items()
        )

    async def stop(self) -> None:
        """Give up what is not finished."""
        for task in tuple(self._tasks.values()):
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    def _ended(self, number: str, task: asyncio.Task[None]) -> None:
        self._tasks.pop(number, None)
        self._drivers.pop(number, None)
        if not task.cancelled() and (exc := task.exception()) is not None:
            log.error("stray_call_failed", agent=number, exc_info=exc)

    async def _wrap_up(self, news: AgentStuck) -> None:
        if await self._taken(news):
            return
        # From that answer to `_drivers` nothing is waited for: nobody else can begin meanwhile.
        log.warning("stray_call", agent=news.number, state=news.state, lasted_s=round(news.lasted_s))
        plan = self._outcomes.stray_plan(news)
        journal = CallJournal(self._journal, secrets.token_hex(10), plan.ids, stray=True)
        journal.admitted(news.number, "")
        journal.answered()
        driver = WrapUpDriver(plan, self._agents, self._requests, journal, _ignore, _note)
        self._drivers[news.number] = journal.call, time(), driver
        await driver.run()
        if driver.result is not None:
            line: dict[str, Fact] = {
                "agent": news.number,
                "term_code": driver.result.term_code,
                "confirmation": driver.result.confirmation,
                "agent_state": driver.result.agent_state,
            }
            journal.closed(line)
            log.info("stray_call_closed", **line)


def _ignore(event: CallEvent) -> None:
    """There is no call of ours that would want to know."""


def _note(what: str, **facts: Fact) -> None:
    log.debug("stray_call_step", what=what, **facts)
