"""What a bot wants written of one call's customer: the contact record, and the call's context.

It goes beside the disposition and never before it: nothing waits for it but the last moment of the call, no longer than
`CustomerRecords.limit_s`; what fails is an entry of the timeline and a line of the log.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic
from typing import Protocol

import structlog

from bridge.call_facts import ScreenPopRows
from bridge.calls.customer_records import CustomerRecords, reason_of, refusal_of
from bridge.calls.outcomes import Outcomes
from bridge.calls.tasks import CallTasks
from bridge.errors import OrderRefused
from bridge.livevox.errors import LiveVoxError
from bridge.livevox.requests import ContextOf
from bridge.verdicts import NamedValues, Remarks, Verdict
from bridge.wrapup.plan import CallIds

log = structlog.get_logger()

#: Labels that services give the account in their screen pops, as ScreenPop.fields writes them.
ACCOUNT_LABELS = ("accountnumber", "account")
#: The API may write so often on one call.
MAX_WRITES = 20


@dataclass(frozen=True)
class Known:
    """What is known of the call when something is written."""

    ids: CallIds
    pop: ScreenPopRows | None

    @property
    def shown(self) -> str:
        """The account of the screen pop; empty: none."""
        fields = self.pop.fields if self.pop else {}
        return next((fields[label] for label in ACCOUNT_LABELS if fields.get(label)), "")


class Parts(Protocol):
    """What it needs of CallParts."""

    @property
    def outcomes(self) -> Outcomes:
        """Whose `contact` says what may be written."""

    @property
    def customer_records(self) -> CustomerRecords:
        """Who writes."""


class CallContact:
    """One call's. `note` gets entries of the timeline: names of fields, never values."""

    def __init__(self, agent: str, parts: Parts, tasks: CallTasks, note: Callable[..., None]) -> None:
        self.account = ""
        """As the INVITE said it, or LiveVox since; empty: not known yet."""
        self.tasks: set[asyncio.Task[None]] = set()
        """What is being written of verdicts; each ends within the limit."""
        self._agent = agent
        self._terms = parts.outcomes.contact
        self._records = parts.customer_records
        self._tasks = tasks
        self._note = note
        self._writes = 0
        self._one_asks = asyncio.Lock()

    def begin(self, verdict: Verdict | None, ids: CallIds, pop: ScreenPopRows | None) -> None:
        """Write what a verdict says, in tasks of their own."""
        kept, problems = self._terms.permitted(verdict.remarks if verdict else Remarks())
        for problem in problems:
            log.warning("customer_value_refused", reason=problem)
            self._note("customer_value_refused", reason=problem)
        for what, values in (("contact", kept.contact), ("context", kept.context)):
            if values:
                writing = self._write_unheard(what, values, Known(ids, pop))
                self.tasks.add(self._tasks.start(f"{what} of", writing))

    async def order(self, contact: NamedValues, ids: CallIds, pop: ScreenPopRows | None) -> None:
        """Write the contact now; raises OrderRefused with the reason why it is not written."""
        self._terms.check(Remarks(contact=contact))
        if self._writes == MAX_WRITES:
            raise OrderRefused("too_many_writes", f"this call's contact has been written {MAX_WRITES} times")
        self._writes += 1
        await self._write("contact", contact, Known(ids, pop))

    async def _write_unheard(self, what: str, values: NamedValues, known: Known) -> None:
        """Nobody waits to hear whether it is written."""
        try:
            await self._write(what, values, known)
        except OrderRefused as exc:
            log.warning("customer_record_not_written", what=what, reason=reason_of(exc))

    async def _write(self, what: str, values: NamedValues, known: Known) -> None:
        """Raises OrderRefused; either way the timeline has it."""
        started, names = monotonic(), ", ".join(name for name, _ in values)
        try:
            await self._within_limit(what, values, known)
        except OrderRefused as exc:
            self._note(f"{what}_not_written", fields=names, reason=reason_of(exc))
            raise
        self._note(f"{what}_written", fields=names, ms=round((monotonic() - started) * 1000, 1))

    async def _within_limit(self, what: str, values: NamedValues, known: Known) -> None:
        records = self._records
        try:
            async with asyncio.timeout(records.limit_s):
                await self._learn_account(known)
                if what == "contact":
                    details = self._terms.details(values)
                    await records.write_contact(self._agent, self.account, details)
                else:
                    await records.write_context(self._agent, self._context_of(known.ids), dict(values))
        except (LiveVoxError, TimeoutError) as exc:
            raise refusal_of(exc, records.limit_s) from exc

    async def _learn_account(self, known: Known) -> None:
        async with self._one_asks:
            self.account = self.account or await self._records.account(self._agent, known.ids, known.shown)
        if not self.account:
            raise OrderRefused("no_account", "LiveVox does not say whose account this call is about")

    def _context_of(self, ids: CallIds) -> ContextOf:
        if ids.session_id is None or ids.transaction_id is None:
            raise OrderRefused("no_call_ids", "LiveVox has not said its ids of this call")
        return ContextOf(ids.session_id, ids.transaction_id, self.account)
