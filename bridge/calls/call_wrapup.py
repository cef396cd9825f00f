"""The wrap-ups of one call: the one at its end, and one for each transfer that gave the customer back to the bot."""

from collections.abc import Callable, Coroutine
from time import monotonic
from typing import Any

import structlog

from bridge.call_facts import CallFacts
from bridge.calls.call_journal import CallJournal
from bridge.calls.events import CallEvent, StartWrapUp, WrapUpFinished
from bridge.calls.parts import CallParts
from bridge.calls.pending_wrapup import Progress
from bridge.calls.timeline import Timeline
from bridge.calls.wrapup_driver import WrapUpDriver
from bridge.wrapup.plan import CallIds
from bridge.wrapup.steps import Finished
from sip.messages import Leg

log = structlog.get_logger()

#: LiveVox's status may show a call so much later than its INVITE came, and no more.
STATUS_LAG_MS = 10_000


class CallWrapUp:
    """One at a time."""

    def __init__(
        self,
        parts: CallParts,
        timeline: Timeline,
        journal: CallJournal,
        feed: Callable[[CallEvent], None],
        note: Callable[..., None],
    ) -> None:
        self._parts = parts
        self._timeline = timeline
        self._journal = journal
        self._feed = feed
        self._note = note
        self._driver: WrapUpDriver | None = None

    @property
    def result(self) -> Finished | None:
        """What the last one came to."""
        return self._driver.result if self._driver else None

    @property
    def progress(self) -> Progress | None:
        """How far the one that is under way has come; None: none has begun."""
        return self._driver.progress if self._driver else None

    def try_now(self) -> bool:
        """Do not wait for the next try; False: none is waited for."""
        return self._driver is not None and self._driver.try_now()

    def begin(self, command: StartWrapUp, ids: CallIds, facts: CallFacts) -> Coroutine[Any, Any, None]:
        """The next one, and what there is to run of it."""
        answered = self._timeline.first("answered")
        seen = answered is not None and (monotonic() - self._timeline.started) * 1000 - answered > STATUS_LAG_MS
        plan = self._parts.outcomes.plan(command, ids, facts, seen=seen)
        if self._parts.agents.leaves(facts.agent_number):
            plan = plan.leaving()
        self._journal.decided(command.fate, command.verdict)
        self._driver = WrapUpDriver(
            plan, self._parts.agents, self._parts.requests, self._journal, self._feed, self._note
        )
        return self._run(self._driver)

    async def _run(self, driver: WrapUpDriver) -> None:
        try:
            await driver.run()
        except Exception:  # the wrap-up's outermost level: the call must end all the same
            log.exception("wrap_up_fault")
            self._feed(WrapUpFinished())

    def leg_gone(self, leg: Leg, *, worker_lost: bool) -> None:
        """A leg of the call is over."""
        if self._driver is not None:
            self._driver.leg_gone(leg, worker_lost=worker_lost)

    def next_call_came(self, transaction_id: str | None) -> None:
        """The agent has its next call."""
        if self._driver is not None:
            self._driver.next_call_came(transaction_id)
