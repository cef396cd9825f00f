"""One call that was open when the bridge died: LiveVox is looked at, and the call brought to its end."""

import asyncio
from dataclasses import dataclass
from time import monotonic, time

import structlog

from bridge.agents.pool import AgentPool
from bridge.calls.call_journal import CallJournal
from bridge.calls.events import CallEvent
from bridge.calls.outcomes import Outcomes
from bridge.calls.pending_wrapup import Kind, PendingWrapUp, Progress
from bridge.calls.recovery_plan import found, judged, meant, recovery_plan, result_without_looking
from bridge.calls.timeline import Fact, Listener, Timeline
from bridge.calls.wrapup_driver import WrapUpDriver
from bridge.calls.wrapup_requests import WrapUpRequests
from bridge.journal.open_call import OpenCall
from bridge.journal.record_keeper import RecordKeeper
from bridge.livevox.agent_status import AgentStatus
from bridge.livevox.call_at_hand import CALL_AT_HAND
from bridge.livevox.errors import LiveVoxError
from bridge.story.trouble import trouble_names
from bridge.verdicts import Remarks
from bridge.wrapup.plan import Plan
from bridge.wrapup.steps import Finished

log = structlog.get_logger()

#: Pauses between looks while LiveVox does not answer: the first, and the longest they grow to.
FIRST_WAIT_S = 1.0
LONGEST_WAIT_S = 30.0


@dataclass(frozen=True)
class RecoveryParts:
    """What the end of every such call needs."""

    agents: AgentPool
    outcomes: Outcomes
    requests: WrapUpRequests
    journal: RecordKeeper
    listeners: tuple[Listener, ...]
    failure_target: str
    """The one of [targets] for customers whose bot is gone; empty: none."""


class RecoveredCall:
    """`close_without_looking(…)`, or `await run()`; both write its end into journal and log."""

    def __init__(self, call: OpenCall, parts: RecoveryParts) -> None:
        self.call = call
        self._parts = parts
        self._journal = CallJournal(parts.journal, call.call, call.ids)
        started = monotonic() - max(time() - call.admitted_at, 0.0)
        self._timeline = Timeline(call.call, call.agent, started, (*parts.listeners, self._journal.entry))
        self._fate, self._verdict = meant(call, parts.failure_target)
        self._driver: WrapUpDriver | None = None
        self._begun_at = time()
        self._failing = ""
        """Why LiveVox could not be looked at."""
        self._over = False
        """LiveVox has sent the agent's next call."""
        self._stirred = asyncio.Event()

    @property
    def agent_state(self) -> str | None:
        """The agent's, as its wrap-up saw it last; None: it has seen none."""
        result = self._driver.result if self._driver else None
        return result.agent_state or None if result else None

    def next_call_came(self, transaction_id: str | None) -> None:
        """LiveVox has sent the agent's next call."""
        self._over = True
        self._stirred.set()
        if self._driver is not None:
            self._driver.next_call_came(transaction_id)

    def try_now(self) -> bool:
        """Do not wait for the next try; False: none is waited for."""
        if self._driver is not None:
            return self._driver.try_now()
        self._stirred.set()
        return True

    @property
    def pending(self) -> PendingWrapUp:
        """How it stands."""
        progress = self._driver.progress if self._driver else Progress(None, self._failing)
        return PendingWrapUp(
            self.call.call, self.call.agent, self.call.caller, Kind.RECOVERED, self._begun_at, progress
        )

    async def run(self) -> None:
        """Look where it is, and bring it to its end; in a task of its own."""
        CALL_AT_HAND.set(self.call.call)
        self._note("recovery_begun", answered=self.call.answered, fate=self.call.fate)
        said = self.call.verdict.remarks if self.call.verdict else Remarks()
        if names := ", ".join(name for name, _ in (*said.contact, *said.context)):
            # Not written now: a human may have changed the record since.
            self._note("record_uncertain", fields=names, reason="the bridge died while it was to be written")
        if self.call.result is not None:
            self.close_without_looking("")
            return
        shown = await self._look()
        if shown is None:
            self.close_without_looking("the agent has its next call")
            return
        self._note("recovery_found", state=shown)
        if not self.call.fate:
            self._journal.decided(self._fate, self._verdict)
        agents, requests = self._parts.agents, self._parts.requests
        self._driver = WrapUpDriver(self._plan(), agents, requests, self._journal, _ignore, self._note)
        await self._driver.run()
        assert self._driver.result is not None
        self._close(judged(self.call, self._driver.result), shown)

    def close_without_looking(self, reason: str) -> None:
        """Nothing can be done for it any more; why."""
        self._close(result_without_looking(self.call, reason), "not looked at")

    def _close(self, result: Finished, shown: str) -> None:
        """The one line that tells it all."""
        line: dict[str, Fact] = {
            "call": self.call.call,
            "agent": self.call.agent,
            "caller": self.call.caller,
            "transaction_id": self.call.ids.transaction_id,
            "found": shown,
            "fate": self._fate,
            "outcome": result.disposition.outcome,
            "term_code": result.term_code,
            "confirmation": result.confirmation,
            "transferred_to": result.transferred_to,
            "agent_state": result.agent_state,
            "why": result.reason,
            "lasted_ms": round((monotonic() - self._timeline.started) * 1000, 1),
        }
        log.info("call_recovered", **line)
        self._note("recovered", **line)
        self._journal.disposed(result)
        self._journal.closed(line, trouble_names(self._timeline.entries, line))

    def _plan(self) -> Plan:
        outcomes, target = self._parts.outcomes, self._parts.failure_target
        return recovery_plan(self.call, self._fate, self._verdict, outcomes, target, time())

    async def _look(self) -> str | None:
        """What LiveVox shows, as soon as it shows anything; None: the agent's next call has come.

        Only then the wrap-up begins: its limits are those of a LiveVox that answers.
        """
        plan, clock, wait = self._plan(), asyncio.get_running_loop().time, FIRST_WAIT_S
        until = clock() + plan.limits.give_up_s
        while not self._over:
            try:
                shown = found(plan, await self._status())
            except (LiveVoxError, TimeoutError) as exc:
                self._failing = str(exc) or "no answer in time"
                self._note("recovery_look_failed", reason=self._failing)
                if clock() < until and not is_refusal(exc):
                    await self._pause(wait)
                    wait = min(2 * wait, LONGEST_WAIT_S)
                    continue
                shown = "no answer"
            if not self._over:
                return shown
        return None

    async def _status(self) -> AgentStatus | None:
        async with asyncio.timeout(self._parts.requests.limit_s):
            return await self._parts.agents.request(
                self.call.agent, lambda client, session: client.status(session, urgent=True)
            )

    async def _pause(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._stirred.wait()
        except TimeoutError:
            return
        finally:
            self._stirred.clear()

    def _note(self, what: str, /, **facts: Fact) -> None:
        entry = self._timeline.add(what, monotonic(), **facts)
        log.debug(what, **{"call": entry.call, "agent": entry.agent, "ms": entry.elapsed_ms} | facts)


def is_refusal(exc: LiveVoxError | TimeoutError) -> bool:
    """LiveVox has answered, and would answer the same again."""
    return isinstance(exc, LiveVoxError) and not (exc.retryable or exc.maybe_done)


def _ignore(event: CallEvent) -> None:
    """There is no leg of ours that would want to know."""
