"""[sans-IO] The wrap-up of one call: a transfer if one is wanted, then the disposition, or back to the bot."""

import random

from bridge.livevox.agent_status import AgentStatus
from bridge.wrapup.agenda import Agenda
from bridge.wrapup.disposal import Disposal
from bridge.wrapup.plan import CustomerLeg, Disposition, Plan
from bridge.wrapup.resumed_transfer import ResumedTransfer
from bridge.wrapup.sighting import CallRecord, Legs
from bridge.wrapup.states import TransferState, WrapUpState
from bridge.wrapup.steps import (
    Answer,
    Failure,
    Finished,
    ReadStatus,
    ReturnToBot,
    Step,
    TransferFailed,
    TransferSucceeded,
)
from bridge.wrapup.transfer import Transfer


class WrapUp:
    """One call's way out of LiveVox; see the package's docstring for how it is driven."""

    def __init__(self, plan: Plan, now: float, jitter: random.Random) -> None:
        self._plan = plan
        self._give_up_at = now + plan.limits.give_up_s
        self._record = CallRecord(plan, now)
        self._legs = Legs(plan.customer, plan.bot_present, now)
        self._agenda = Agenda(plan.limits, jitter, now)
        self._transfer: Transfer | None = None
        self._part: Transfer | Disposal
        if plan.transfer and plan.customer is not CustomerLeg.GONE:
            self.state = WrapUpState.TRANSFERRING
            self._part = self._transfer = self._begin_transfer(now)
        else:
            self.state = WrapUpState.DISPOSING
            disposition = plan.customer_hung_up if plan.transfer else plan.disposition
            self._part = self._disposal(disposition, now, plan.before.handed_to)

    def _begin_transfer(self, now: float) -> Transfer:
        begun, rest = self._plan.before.contact, (self._record, self._legs, self._agenda, now)
        return Transfer(self._plan, *rest) if begun is None else ResumedTransfer(self._plan, begun, *rest)

    # for the driver

    def next(self, now: float) -> Step | None:
        """The step to perform now; None: wait until `deadline`, for the step in flight, or for an event."""
        if self.is_over or self._agenda.in_flight is not None:
            return None
        if self.state is not WrapUpState.REPORTING and now >= self._part.limit:
            self._part.expire(now)
            self._go_on(now)
        return self._agenda.take(now)

    @property
    def deadline(self) -> float | None:
        """When `next` may have a step; None: only after the step in flight, or never."""
        if self.is_over or self._agenda.in_flight is not None:
            return None
        if self.state is WrapUpState.REPORTING:
            return self._agenda.due
        return min(self._agenda.due, self._part.limit)

    @property
    def is_over(self) -> bool:
        """ReturnToBot or Finished is done."""
        return self.state in (WrapUpState.RETURNED, WrapUpState.FINISHED)

    @property
    def failing(self) -> str:
        """Why LiveVox has not done what it was asked for last; empty: it has, or was not asked yet."""
        return self._agenda.failing

    @property
    def in_flight(self) -> Step | None:
        """The step that was taken and is not yet done."""
        return self._agenda.in_flight

    def done(self, step: Step, answer: Answer, now: float) -> None:
        """The step in flight was performed; raises InvalidTransition for any other step."""
        self._agenda.close(step, self.state.name)
        self._agenda.succeeded(step)
        match step, answer:
            case ReadStatus(), AgentStatus() | None as status:
                self._part.saw(self._record.look(status, now), now)
            case ReturnToBot(), None:
                self._enter(WrapUpState.RETURNED)
            case Finished(), None:
                self._enter(WrapUpState.FINISHED)
            case TransferFailed(back_to_bot=True), None:
                self._agenda.put(ReturnToBot(), now)
            case TransferFailed(), None:
                self._dispose(self._plan.transfer_failed, now)
            case TransferSucceeded(contact=contact), None:
                self._dispose(self._plan.disposition, now, transferred_to=contact)
            case _:
                self._part.done(step, answer, now)
        self._go_on(now)

    def failed(self, step: Step, failure: Failure, now: float) -> None:
        """The request in flight failed; raises InvalidTransition for any other step."""
        self._agenda.close(step, self.state.name)
        self._part.failed(step, failure, now)
        self._go_on(now)

    def try_now(self, now: float) -> bool:
        """An operator does not want to wait for the next try; False: none is waited for.

        What may still be in the making at LiveVox is waited for all the same.
        """
        if not isinstance(self._part, Disposal) or self.is_over or self._agenda.in_flight is not None:
            return False
        self._part.try_now(now)
        return True

    def customer_gone(self, now: float) -> None:
        """Our leg with LiveVox has ended, by whichever side."""
        if self._legs.customer is not CustomerLeg.GONE:
            self._legs.customer, self._legs.gone_at = CustomerLeg.GONE, now
        if self.state in (WrapUpState.TRANSFERRING, WrapUpState.DISPOSING):
            self._part.customer_gone(now)
        self._go_on(now)

    def customer_lost(self, now: float) -> None:
        """The worker that held our leg is dead: LiveVox still has the customer, and no BYE can be sent."""
        self._legs.customer = CustomerLeg.LOST
        if isinstance(self._part, Disposal):
            self._part.customer_lost(now)
        self._go_on(now)

    def next_call_came(self, transaction_id: str | None) -> None:
        """LiveVox has sent the agent's next call: nothing may be done to it in the belief that it is this one."""
        self._record.succeeded_by(transaction_id)

    def bot_gone(self, now: float) -> None:
        """The bot cannot take the customer back any more."""
        self._legs.bot = False
        self._go_on(now)

    # from one part to the next

    def _go_on(self, now: float) -> None:
        """Once the transfer is over, say how it went; again, if that changed before it was said."""
        transfer, waiting = self._transfer, self._agenda.in_flight is None
        if self.state is WrapUpState.TRANSFERRING and transfer and transfer.state.is_over:
            self._enter(WrapUpState.REPORTING)
            self._report(transfer, now)
        elif self.state is WrapUpState.REPORTING and transfer and waiting:
            if isinstance(self._agenda.next_step, TransferFailed):
                self._report(transfer, now)

    def _report(self, transfer: Transfer, now: float) -> None:
        customer, reason = self._legs.customer, "; ".join(transfer.reasons)
        match transfer.state:
            case TransferState.HANDED_OVER:
                self._agenda.put(TransferSucceeded(transfer.contact), now)
            case TransferState.FAILED if customer is not CustomerLeg.GONE:
                back = self._legs.bot and customer is CustomerLeg.UP
                self._agenda.put(TransferFailed(reason, back_to_bot=back), now)
            case TransferState.CALL_OVER:
                self._agenda.put(TransferFailed(reason, back_to_bot=False), now)
            case _:
                self._dispose(self._plan.customer_hung_up, now)

    def _dispose(self, disposition: Disposition, now: float, transferred_to: str = "") -> None:
        self._enter(WrapUpState.DISPOSING)
        self._part = self._disposal(disposition, now, transferred_to)

    def _disposal(self, disposition: Disposition, now: float, transferred_to: str = "") -> Disposal:
        return Disposal(
            self._plan,
            disposition,
            self._record,
            self._legs,
            self._agenda,
            now,
            give_up_at=self._give_up_at,
            transferred_to=transferred_to,
        )

    def _enter(self, state: WrapUpState) -> None:
        self.state = state
