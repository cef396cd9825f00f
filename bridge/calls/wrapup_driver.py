"""The driver of one wrap-up: asks `WrapUp` for the next step, performs it, tells it the answer."""

import asyncio
from collections.abc import Callable
from random import Random
from time import monotonic
from typing import assert_never

import structlog

from bridge.agents.pool import AgentPool
from bridge.calls import events
from bridge.calls.call_journal import CallJournal
from bridge.calls.events import CallEvent, HangUpWanted, WrapUpFinished
from bridge.calls.pending_wrapup import Progress
from bridge.calls.rest_steps import name_of
from bridge.calls.wrapup_requests import WrapUpRequests
from bridge.livevox.errors import LiveVoxError
from bridge.wrapup import (
    Failure,
    Finished,
    HangUpCustomer,
    Plan,
    ReturnToBot,
    TransferFailed,
    TransferSucceeded,
    TransferUnderWay,
    WrapUp,
)
from bridge.wrapup.steps import Notice, Request
from sip.messages import Leg

log = structlog.get_logger()


class WrapUpDriver:
    """Runs until LiveVox has the disposition, the bot has the customer back, or nothing more can be done."""

    def __init__(
        self,
        plan: Plan,
        agents: AgentPool,
        requests: WrapUpRequests,
        journal: CallJournal,
        feed: Callable[[CallEvent], None],
        note: Callable[..., None],
    ) -> None:
        self.result: Finished | None = None
        self._plan = plan
        self._agents = agents
        self._requests = requests
        self._journal = journal
        self._feed = feed
        self._note = note
        self._stirred = asyncio.Event()
        self._wrap_up = WrapUp(plan, asyncio.get_running_loop().time(), Random())

    def leg_gone(self, leg: Leg, *, worker_lost: bool) -> None:
        """A leg of the call is over."""
        now = asyncio.get_running_loop().time()
        if worker_lost:
            self._wrap_up.bot_gone(now)
            self._wrap_up.customer_lost(now)
        elif leg is Leg.CUSTOMER:
            self._wrap_up.customer_gone(now)
        else:
            self._wrap_up.bot_gone(now)
        self._stirred.set()

    def next_call_came(self, transaction_id: str | None) -> None:
        """The agent has its next call."""
        self._wrap_up.next_call_came(transaction_id)

    def try_now(self) -> bool:
        """Do not wait for the next try; False: LiveVox is being asked at this moment, or a transfer comes first."""
        hastened = self._wrap_up.try_now(asyncio.get_running_loop().time())
        self._stirred.set()
        return hastened

    @property
    def progress(self) -> Progress:
        """How far it has come."""
        deadline = self._wrap_up.deadline
        wait = None if deadline is None else max(deadline - asyncio.get_running_loop().time(), 0.0)
        return Progress(wait, self._wrap_up.failing)

    async def run(self) -> None:
        """Perform step after step."""
        now = asyncio.get_running_loop().time
        while not self._wrap_up.is_over:
            step = self._wrap_up.next(now())
            if step is None:
                await self._wait()
            elif isinstance(step, Request):
                await self._perform(step)
            else:
                self._wrap_up.done(step, None, now())
                self._tell(step)

    async def _wait(self) -> None:
        deadline = self._wrap_up.deadline
        try:
            async with asyncio.timeout_at(deadline):
                await self._stirred.wait()
        except TimeoutError:
            return
        finally:
            self._stirred.clear()

    async def _perform(self, step: Request) -> None:
        await self._journal.before(step)
        loop = asyncio.get_running_loop()
        asks, started = not self._requests.keeps(step, loop.time()), monotonic()
        try:
            async with asyncio.timeout(self._requests.limit_s):
                answer = await self._agents.request(
                    self._plan.agent, lambda client, session: self._requests.perform(step, client, session)
                )
        except LiveVoxError as exc:
            self._failed(step, started, Failure.of(exc))
            return
        except TimeoutError:
            self._failed(step, started, Failure(f"no answer within {self._requests.limit_s:g} s", maybe_done=True))
            return
        if asks:
            self._note_step(step, started)
        self._wrap_up.done(step, answer, loop.time())

    def _failed(self, step: Request, started: float, failure: Failure) -> None:
        self._note_step(step, started, failure)
        self._wrap_up.failed(step, failure, asyncio.get_running_loop().time())

    def _note_step(self, step: Request, started: float, failure: Failure | None = None) -> None:
        ms = round((monotonic() - started) * 1000, 1)
        self._journal.after(step, ms, failure)
        self._note("rest_step", step=name_of(step), ms=ms, error=failure.reason if failure else "")

    def _tell(self, notice: Notice) -> None:
        match notice:
            case HangUpCustomer():
                self._feed(HangUpWanted())
            case TransferUnderWay(contact):
                self._note("transfer_under_way", contact=contact)
                self._feed(events.TransferUnderWay())
            case TransferSucceeded(contact):
                self._note("transfer_succeeded", contact=contact)
                self._feed(events.TransferSucceeded())
            case TransferFailed(reason, back_to_bot):
                self._note("transfer_failed", reason=reason, back_to_bot=back_to_bot)
                self._feed(events.TransferFailed(reason, back_to_bot))
            case ReturnToBot():
                self._journal.reopened()
                self._note("back_to_bot")
            case Finished():
                self.result = notice
                self._journal.disposed(notice)
                self._note_result(notice)
                self._feed(WrapUpFinished())
            case _:
                assert_never(notice)

    def _note_result(self, result: Finished) -> None:
        self._note(
            "disposition",
            term_code=result.term_code,
            confirmation=result.confirmation,
            agent_state=result.agent_state,
            reason=result.reason,
        )
