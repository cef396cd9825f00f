"""A wrap-up on the simulated platform, step by step: between any two steps anything may happen, in SIP and in LiveVox.

A request goes out, reaches LiveVox, and its answer comes back; each is a moment of its own. One whose answer is not
waited for any more may still reach LiveVox, but only so late as `Limits.settle_s` reckons with, and before the agent's
next call is answered: orders name no call, so nobody could keep one that is late for hours from the next call.
"""

from dataclasses import dataclass
from typing import Any

from bridge.livevox.agent_status import AgentStatus
from bridge.livevox.errors import LiveVoxError, LiveVoxUnreachable
from bridge.simulator.customer_call import CustomerCall
from bridge.simulator.endpoints import Endpoint
from bridge.simulator.errors import CallNotPlaced
from bridge.simulator.faults import Faults
from bridge.simulator.floor import Call, HangUpLeg
from bridge.simulator.ledger import Kind
from bridge.wrapup import (
    Answer,
    Confirmation,
    CustomerLeg,
    EndCall,
    Failure,
    Finished,
    HangUpCustomer,
    JoinCustomer,
    LeaveConference,
    Notice,
    ReadStatus,
    Reconnect,
    Request,
    SetTermCode,
    StartTransfer,
    Step,
    TransferSucceeded,
)
from tests.wrapup_notices import Notices
from tests.wrapup_stage import Stage

#: How long the driver waits for a request.
REQUEST_S = 20.0
#: How much later than that a request may reach LiveVox.
LATE_S = 1.5
TIME_OUT = LiveVoxUnreachable("X", "time-out", maybe_done=True)
#: They concern whoever is on the line.
ON_THE_LINE = EndCall | StartTransfer | JoinCustomer | LeaveConference | Reconnect


@dataclass
class Flying:
    """A request that is under way."""

    step: Request
    sent_at: float
    arrived: bool = False
    answer: Answer = None
    error: LiveVoxError | None = None
    """How LiveVox refused it."""


class WrapUpWorld(Stage):
    """One call on the simulated platform; its wrap-up goes on only as far as it is told."""

    def __init__(self, faults: Faults, **plan: Any) -> None:
        super().__init__(faults, **plan)
        self.fault = False
        """Something did not hold."""
        self.flying: Flying | None = None
        self.worker_lives = self.plan.customer is not CustomerLeg.LOST
        self.our_bye = self.their_bye = False
        """One is under way."""
        self.next_call: Call | None = None
        self.next_call_told = False
        self.meddled = False
        """Somebody else has moved the agent."""
        self.freed = False
        """From wrap-up to Ready, which looks as if our term code had done it."""
        self.result: Finished | None = None
        self._notices = Notices(self.plan.customer, transfers=bool(self.plan.transfer), bot=self.plan.bot_present)
        self._late: list[Request] = []
        self._looked = True
        self._seen: str | None = None
        """The transaction in the last status that was read."""
        self._codes: set[object] = set()
        """Those that LiveVox may have."""
        self._in_doubt = False
        """The answer to a term code was lost."""
        self._human = ""
        self._leg_over = self.plan.customer is CustomerLeg.GONE
        """That LiveVox's leg has ended is known."""
        if self._leg_over:
            self.customer_hangs_up()
            self.desk.platform.calls.ended(self.call, False, self.desk.now)
            self.desk.platform.commands()

    # the wrap-up's driver

    def turn(self) -> bool:
        """Take the next step, if there is one to take now."""
        if self.flying is not None or self.wrap_up.is_over:
            return False
        step = self.wrap_up.next(self.desk.now)
        if step is None:
            return False
        self.steps.append(step)
        self.times.append(self.desk.now - self.began)
        self.errors.append(None)
        self._check_step(step)
        if isinstance(step, Request):
            self.flying = Flying(step, self.desk.now)
        else:
            self._notice(step)
        return True

    def arrive(self) -> None:
        """The request reaches LiveVox."""
        assert self.flying is not None and not self.flying.arrived
        self.flying.arrived = True
        try:
            self.flying.answer = self.ask(self.flying.step)
        except LiveVoxError as exc:
            self.flying.error = exc
        self.obey_platform()

    def deliver(self, error: LiveVoxError | None = None) -> None:
        """The answer comes, or this instead."""
        assert self.flying is not None
        flying, self.flying = self.flying, None
        error = error or flying.error
        self.errors[-1] = error
        if isinstance(flying.step, SetTermCode) and (error is None or error.maybe_done):
            self._codes.add(flying.step.choice)
            self._in_doubt |= error is not None
            assert len(self._codes) == 1, "two different term codes may be set"
        if error is not None:
            self.wrap_up.failed(flying.step, Failure.of(error), self.desk.now)
            return
        if isinstance(flying.step, ReadStatus):
            self._looked = True
            status = flying.answer if isinstance(flying.answer, AgentStatus) else None
            self._seen = status.call.call_transaction_id if status and status.call else None
        self.wrap_up.done(flying.step, flying.answer, self.desk.now)

    def time_out(self, *, late: bool) -> None:
        """The driver waits no longer; `late`: the request is still on its way."""
        assert self.flying is not None
        flying = self.flying
        if late and not flying.arrived:
            self._late.append(flying.step)
            self.at(self.desk.now - self.began + LATE_S, lambda: self._arrive_late(flying.step))
        self.deliver(TIME_OUT)

    def wait(self, seconds: float) -> None:
        """Time passes: the driver takes the steps that fall due, and waits for no request without end."""
        until = self.desk.now + seconds
        while self.desk.now < until:
            if self.turn():
                continue
            due = self.flying.sent_at + REQUEST_S if self.flying else self.wrap_up.deadline
            assert due is None or due > self.desk.now, "the driver turns round and round"
            self.pass_time(min(until, due or until))
            if self.flying and self.desk.now >= self.flying.sent_at + REQUEST_S:
                self.time_out(late=False)

    def go_on(self, turns: int, latency_s: float = 0.0) -> None:
        """So many turns in which nothing goes wrong; BYEs arrive."""
        for _ in range(turns):
            self.deliver_byes()
            if self.flying is not None:
                self.pass_time(self.desk.now + latency_s)
                if not self.flying.arrived:
                    self.arrive()
                self.deliver()
            elif not self.turn():
                if self.wrap_up.deadline is None:
                    return
                self.pass_time(max(self.desk.now, self.wrap_up.deadline), once=True)

    def _notice(self, notice: Notice) -> None:
        self._notices.say(notice)
        self.wrap_up.done(notice, None, self.desk.now)
        match notice:
            case HangUpCustomer():
                self.leg, self.our_bye = CustomerLeg.GONE, True
            case TransferSucceeded(contact):
                self._human = contact
            case Finished():
                self.result = notice
                self._check_result(notice)

    def _arrive_late(self, step: Request) -> None:
        self._late.remove(step)
        try:
            self.ask(step)
        except LiveVoxError:
            return  # nobody is told

    # SIP

    def obey_platform(self) -> None:
        """LiveVox hangs up; its BYE is under way."""
        self.their_bye |= HangUpLeg(self.call.id) in self.desk.platform.commands()

    def deliver_byes(self) -> None:
        """Whichever is under way arrives; where they cross, ours is first."""
        if self.our_bye or self.their_bye:
            self.desk.platform.calls.ended(self.call, self.our_bye, self.desk.now)
            self.our_bye = self.their_bye = False
            self.leg, self._leg_over = CustomerLeg.GONE, True
            self.wrap_up.customer_gone(self.desk.now)
            self._notices.customer_gone()

    def bot_leaves(self) -> None:
        """The bot goes away."""
        super().bot_leaves()
        self._notices.bot_gone()

    def worker_dies(self) -> None:
        """Nobody holds our leg any more, and a BYE of ours is not repeated."""
        self.worker_lives = self.our_bye = False
        self.bot_leaves()
        if not self._leg_over:
            self.leg = CustomerLeg.LOST
            self.wrap_up.customer_lost(self.desk.now)
            self._notices.customer_lost()

    def place_next_call(self) -> None:
        """LiveVox finds the agent Ready."""
        try:
            self.next_call = self.desk.platform.place(CustomerCall(), self.desk.now)
        except CallNotPlaced:
            return
        self.obey_platform()

    def take_next_call(self, *, named: bool) -> None:
        """Its INVITE comes, with its transaction or without; while a customer is on the line it is refused."""
        assert self.next_call is not None
        if not self._leg_over:
            self.desk.platform.calls.refused(self.next_call, 486, self.desk.now)
            self.next_call = None
            return
        self.next_call_told = True
        self.wrap_up.next_call_came(self.next_call.transaction_id if named else None)

    def answer_next_call(self) -> None:
        """The bridge answers it, a while after its INVITE."""
        assert self.next_call is not None
        self.wait(LATE_S)
        self.desk.platform.calls.answered(self.next_call, self.desk.now)

    def end_next_call(self) -> None:
        """Its customer leaves, and its own wrap-up sets its term code."""
        assert self.next_call is not None
        call, self.next_call = self.next_call, None
        self.desk.platform.calls.customer_hangs_up(call, self.desk.now)
        self.desk.platform.calls.ended(call, False, self.desk.now)
        self.desk.platform.commands()
        if call is self.desk.agent.call:
            assert self.desk.set_term_code(call)[0] == 204

    # what must hold

    def _check_step(self, step: Step) -> None:
        if self._human:
            assert not isinstance(step, StartTransfer | EndCall | JoinCustomer | Reconnect), "a human has the customer"
        if self.next_call_told:
            assert not isinstance(step, ON_THE_LINE), "the next call is on the line"
        if isinstance(step, StartTransfer):
            assert self._looked, "a transfer is ordered again without a look"
            self._looked = False
        if isinstance(step, SetTermCode):
            assert step.choice.call_transaction_id == self.call.transaction_id
            assert self._seen == self.call.transaction_id, "a term code without having seen the call"

    def _check_result(self, result: Finished) -> None:
        if result.confirmation is Confirmation.CONFIRMED and not (self.freed and self._in_doubt):
            assert self.dispositions == [result.term_code]
        if result.confirmation is Confirmation.NOTHING_TO_SET:
            assert self.desk.agent.call is not self.call, "the agent is left with the call"
        assert result.transferred_to == self._human

    def check(self) -> None:
        """What LiveVox has written down of our call, and of the next."""
        self.fault = True
        ledger = self.desk.platform.ledger
        assert len(self.dispositions) <= 1
        started = [
            entry.facts["contact"]
            for entry in ledger.entries
            if entry.call == self.call.id and entry.kind is Kind.TRANSFER and entry.name == "started"
        ]
        assert len(started) == len(set(started)), "a contact was called twice"
        if self.next_call is not None:
            done = [entry for entry in ledger.entries if entry.call == self.next_call.id]
            asked = [entry.name for entry in done if entry.kind is Kind.REQUEST and entry.facts["status"] == 204]
            assert set(asked) <= {Endpoint.READY.short}, f"the next call was touched: {asked}"
        self.fault = False
