"""[sans-IO] A transfer that was begun by a bridge which has died since: the first look decides, nothing is repeated."""

from bridge.wrapup.agenda import Agenda
from bridge.wrapup.attempt import Attempt
from bridge.wrapup.plan import OrderGiven, Plan
from bridge.wrapup.sighting import CallRecord, Legs
from bridge.wrapup.states import TransferState
from bridge.wrapup.transfer import Transfer


class ResumedTransfer(Transfer):
    """Goes on where the order for its first contact, or the leaving of the conference with it, was given."""

    def __init__(
        self, plan: Plan, order: OrderGiven, record: CallRecord, legs: Legs, agenda: Agenda, now: float
    ) -> None:
        super().__init__(plan, record, legs, agenda, now)
        at, limits, leaving = now - order.ago_s, plan.limits, plan.before.leaving
        self._attempt = Attempt(
            self.contact, orders=1, ordered_at=at, certain=order.certain, announced=leaving, conferenced=leaving
        )
        if leaving:
            self._enter(TransferState.LEAVING, now + limits.prepare_s)
        else:
            # Its time may be over: LiveVox is asked all the same before it is given up.
            self._enter(TransferState.WATCHING, max(at + limits.transfer_s, now + limits.prepare_s))
