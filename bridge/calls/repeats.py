"""Wrap-ups that were given up, and are tried again: LiveVox is looked at first, and then told, or not.

An operator orders it, or LiveVox keeps an agent in wrap-up for such a call.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic, time
from typing import Protocol

import structlog
from structlog.contextvars import bound_contextvars

from bridge.agents.messages import AgentStuck
from bridge.calls.call_journal import CallJournal
from bridge.calls.events import CallEvent
from bridge.calls.own_repeats import OwnRepeats
from bridge.calls.parts import CallParts
from bridge.calls.pending_wrapup import Kind, PendingWrapUp
from bridge.calls.repeat_plan import check_repeatable, not_in_wrap_up, repeat_plan, repeated, shown_instead
from bridge.calls.terms import TermsInForce
from bridge.calls.timeline import Fact, Listener, Timeline
from bridge.calls.wrapup_driver import WrapUpDriver
from bridge.errors import JournalUnusable, OrderRefused
from bridge.journal.open_call import ClosedCall
from bridge.journal.records import ActionTaken, CallCorrected
from bridge.livevox.agent_status import AgentStatus
from bridge.livevox.call_at_hand import CALL_AT_HAND
from bridge.livevox.errors import LiveVoxError
from bridge.wrapup.plan import Plan
from bridge.wrapup.steps import Confirmation

log = structlog.get_logger()

#: How long LiveVox may take to say where the agent is, in seconds: somebody waits for the answer.
LOOK_S = 6.0
#: Who has a wrap-up repeated, as the call's timeline and the audit say it.
OPERATOR, BRIDGE = "operator", "bridge"


class Calls(Protocol):
    """Who has the calls that are going on."""

    @property
    def terms(self) -> TermsInForce:
        """Those that calls are admitted on."""

    @property
    def accepts_calls(self) -> bool:
        """False: the bridge is about to stop."""

    def disposed_late(self, call: str) -> None:
        """LiveVox has confirmed the disposition of a closed call after all."""


class ClosedCalls(Protocol):
    """The journal; both raise JournalUnusable."""

    async def closed_call(self, call: str) -> ClosedCall | None:
        """The call with this id of ours."""

    async def closed_call_shown(self, agent: str, transaction: str, session: str | None) -> ClosedCall | None:
        """The latest call of an agent that LiveVox calls so."""


@dataclass(frozen=True)
class _Running:
    """One that is under way."""

    pending: PendingWrapUp
    """As it began."""
    driver: WrapUpDriver


class Repeats:
    """One at a time for each agent, which counts as being on a call until it is over."""

    def __init__(
        self,
        calls: Callable[[], Calls],
        closed: ClosedCalls,
        is_freed: Callable[[str], bool],
        listener: Listener,
    ) -> None:
        """`is_freed`: a stray call of an agent is wrapped up; `listener` hears all."""
        self._calls = calls
        self._closed = closed
        self._is_freed = is_freed
        self._listener = listener
        self._looked_at: set[str] = set()
        """Agents of whom LiveVox is being asked."""
        self._running: dict[str, _Running] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._own = OwnRepeats()

    async def take(self, news: AgentStuck) -> bool:
        """LiveVox keeps an agent for a call: repeat its wrap-up, if the journal knows it as given up.

        False: it is for whoever frees agents of stray calls, and nobody here is at work on the agent. True also where
        nothing can be done at this moment: it is told again while it lasts.
        """
        call = None if self._has(news.number) else await self._shown(news)
        if self._has(news.number):
            return True
        if call is None or not self._own.wants(news.state, call):
            return False
        if not self._calls().accepts_calls:
            return True  # the next start finds the agent as it is
        id = call.known.call
        try:
            await self.begin(id, BRIDGE)
        except OrderRefused as exc:
            self._own.refused(call)
            log.warning("stuck_call_not_repeated", call=id, agent=news.number, code=exc.code)
        except JournalUnusable as exc:
            log.warning("stuck_call_not_repeated", call=id, agent=news.number, code=exc.reason)
        else:
            self._parts().journal.note(ActionTaken(id, time(), BRIDGE, "retry_wrap_up", id, "done"))
            log.warning("stuck_call_repeated", call=id, agent=news.number, lasted_s=round(news.lasted_s))
        return True

    async def begin(self, id: str, by: str = OPERATOR) -> bool:
        """Look at LiveVox, and repeat the wrap-up of this call if it waits for it; False: the journal has no such call.

        Raises OrderRefused, with nothing sent, when LiveVox or the journal says something else; and JournalUnusable.
        """
        await self._parts().journal.on_disk(id)
        call = await self._closed.closed_call(id)
        if call is None:
            return False
        check_repeatable(call)
        agent = call.known.agent
        if self._has(agent) or self._is_freed(agent):
            raise OrderRefused("retry_running", "a disposition of this call's agent is being set already")
        self._looked_at.add(agent)
        at_hand = CALL_AT_HAND.set(id)
        try:
            with bound_contextvars(call=id, agent=agent):
                await self._look_and_begin(call, by)
        finally:
            CALL_AT_HAND.reset(at_hand)
            self._looked_at.discard(agent)
        return True

    def try_now(self, call: str) -> bool | None:
        """Do not wait for the next try; False: none is waited for, None: there is no such call."""
        return next((each.driver.try_now() for each in self._running.values() if each.pending.call == call), None)

    def next_call_came(self, agent: str, transaction_id: str | None) -> None:
        """LiveVox has sent an agent's next call."""
        if agent in self._running:
            self._running[agent].driver.next_call_came(transaction_id)

    @property
    def wrap_ups(self) -> tuple[PendingWrapUp, ...]:
        """Those that are not over."""
        return tuple(each.pending.at(each.driver.progress) for each in self._running.values())

    async def stop(self) -> None:
        """Leave what is not finished as it was: given up."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _parts(self) -> CallParts:
        return self._calls().terms.now.parts

    def _has(self, agent: str) -> bool:
        """A call of the agent is being looked at, or repeated."""
        return agent in self._looked_at or agent in self._running

    async def _shown(self, news: AgentStuck) -> ClosedCall | None:
        """The journal's call that LiveVox shows; None: nobody knows it."""
        if news.transaction_id is None:
            return None
        try:
            return await self._closed.closed_call_shown(news.number, news.transaction_id, news.session_id)
        except JournalUnusable as exc:
            log.warning("stuck_call_not_looked_up", agent=news.number, reason=exc.reason)
            return None

    async def _look_and_begin(self, call: ClosedCall, by: str) -> None:
        known, agents = call.known, self._parts().agents
        plan = repeat_plan(known, self._parts().outcomes, time())
        self._check_agent(call)
        shown = shown_instead(plan, await self._status(known.agent))
        self._check_agent(call)
        if shown:
            raise not_in_wrap_up(known, shown)
        if agents.leaves(known.agent):
            plan = plan.leaving()
        agents.call_started(known.agent, known.call)
        agents.call_wrapping(known.agent, known.call)
        self._start(call, plan, by)

    def _check_agent(self, call: ClosedCall) -> None:
        known = call.known
        agent = self._parts().agents.find(known.agent)
        if agent is None:
            raise OrderRefused("unknown_agent", f"no agent of the settings has the number {known.agent} of this call")
        if agent.call is not None or self._is_freed(known.agent):
            raise not_in_wrap_up(known, "another call")

    async def _status(self, agent: str) -> AgentStatus | None:
        try:
            async with asyncio.timeout(LOOK_S):
                return await self._parts().agents.request(
                    agent, lambda client, session: client.status(session, urgent=True)
                )
        except (LiveVoxError, TimeoutError) as exc:
            why = str(exc) or f"no answer within {LOOK_S:g} s"
            what = "LiveVox does not say where the call's agent is, so nothing was sent; try again"
            raise OrderRefused("livevox_silent", f"{what} ({why})") from exc

    def _start(self, call: ClosedCall, plan: Plan, by: str) -> None:
        known, parts = call.known, self._parts()
        journal = CallJournal(parts.journal, known.call, known.ids)
        started = monotonic() - max(time() - known.admitted_at, 0.0)
        timeline = Timeline(known.call, known.agent, started, (self._listener, journal.entry))

        def note(what: str, /, **facts: Fact) -> None:
            entry = timeline.add(what, monotonic(), **facts)
            log.debug(what, **{"call": entry.call, "agent": entry.agent, "ms": entry.elapsed_ms} | facts)

        driver = WrapUpDriver(plan, parts.agents, parts.requests, journal, _ignore, note)
        pending = PendingWrapUp(known.call, known.agent, known.caller, Kind.REPEATED, time(), driver.progress)
        self._running[known.agent] = _Running(pending, driver)
        note("repeat_begun", by=by)
        task = asyncio.create_task(self._run(call, driver, journal, note), name=f"repeat the wrap-up of {known.call}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _run(
        self, call: ClosedCall, driver: WrapUpDriver, journal: CallJournal, note: Callable[..., None]
    ) -> None:
        known, agents, begun = call.known, self._parts().agents, monotonic()
        try:
            await driver.run()
            assert driver.result is not None
            result, line, trouble = repeated(call, driver.result)
            if result is not driver.result:
                told = {"term_code": result.term_code, "agent_state": result.agent_state, "reason": result.reason}
                note("disposition", confirmation=result.confirmation, **told)
            journal.disposed(result)
            self._parts().journal.note(CallCorrected(known.call, line, trouble))
            note("repeated", confirmation=result.confirmation, reason=result.reason, trouble=",".join(trouble))
            log.info("wrap_up_repeated", call=known.call, agent=known.agent, confirmation=result.confirmation)
            if result.confirmation is Confirmation.CONFIRMED:
                self._calls().disposed_late(known.call)
        except Exception:  # the repeat's outermost level: the agent must be free
            log.exception("repeat_fault", call=known.call, agent=known.agent)
        self._own.ended(call, driver.result, monotonic() - begun)
        del self._running[known.agent]
        agents.call_closed(known.agent, known.call, driver.result.agent_state if driver.result else None)


def _ignore(event: CallEvent) -> None:
    """There is no leg of ours that would want to know."""
