"""[sans-IO] From a call that is to end to its disposition in LiveVox and the agent Ready."""

from bridge.errors import InvalidTransition
from bridge.livevox.agent_status import LineState
from bridge.livevox.term_codes import TermCodes
from bridge.wrapup.agenda import Agenda
from bridge.wrapup.plan import CustomerLeg, Disposition, EndCallBy, Plan
from bridge.wrapup.sighting import ARRIVING, AWAY, CallRecord, Legs, Sighting, Whose
from bridge.wrapup.states import CodeInCall, Sent
from bridge.wrapup.steps import (
    Answer,
    Confirmation,
    EndCall,
    Failure,
    Finished,
    HangUpCustomer,
    LeaveConference,
    ListTermCodes,
    ReadyAgent,
    SetTermCode,
    Step,
)
from bridge.wrapup.term_code_order import TermCodeOrder

#: Orders to be Ready before that is left to the agent pool.
MAX_READIES = 3
#: A term code is set during the call, where that is not the setting, only after so many times `end_s`.
PATIENCE = 3


class Disposal:
    """Puts its steps on the agenda; the last one is Finished.

    The term code is sent only when the status, read just before, shows our transaction in wrap-up, or on the line
    where the term code is to end the call.
    """

    def __init__(
        self,
        plan: Plan,
        disposition: Disposition,
        record: CallRecord,
        legs: Legs,
        agenda: Agenda,
        now: float,
        *,
        give_up_at: float,
        transferred_to: str = "",
    ) -> None:
        """`transferred_to`: the contact that has the customer. Then nothing is done that could end their call."""
        self._plan = plan
        self._limits = plan.limits
        self._disposition = disposition
        self._record = record
        self._legs = legs
        self._agenda = agenda
        self._give_up_at = give_up_at
        self._transferred_to = transferred_to
        self._order = TermCodeOrder(plan, disposition)
        if plan.before.term_code is not None:
            self._order.resume(plan.before.term_code, now)
        self._in_doubt = False
        self._seen_in_wrap_up = False
        self._readies = 0
        self._verdict: Finished | None = None
        by_bye = plan.end_call is EndCallBy.BYE and not transferred_to
        self._hang_up_at = now if by_bye else now + self._limits.end_s
        self._ending_since = now
        by_code = plan.end_call is EndCallBy.TERM_CODE
        self._code_in_call = CodeInCall.AT_ONCE if by_code else CodeInCall.AT_LAST
        by_rest = plan.end_call is EndCallBy.CALL_END or legs.customer is CustomerLeg.LOST
        self._order_at = now if by_rest and not transferred_to else now + self._limits.end_s
        self._agenda.look(now)

    @property
    def limit(self) -> float:
        """When `expire` is due."""
        if self._verdict:
            return float("inf")
        return min(self._give_up_at, self._hang_up_at) if self._is_up else self._give_up_at

    # what happens

    def saw(self, sighting: Sighting, now: float) -> None:
        """The agent's status was read."""
        match sighting.whose:
            case Whose.UNKNOWN:
                self._agenda.poll(now)
            case Whose.OURS if sighting.state == LineState.WRAPUP:
                self._in_wrap_up(now)
            case Whose.OURS:
                self._still_on_the_line(sighting, now)
            case _:
                self._call_gone(sighting, now)

    def done(self, step: Step, answer: Answer, now: float) -> None:
        """A step of ours was performed."""
        match step, answer:
            case HangUpCustomer(), None:
                self._customer_leaves(now)
            case ListTermCodes(fresh=fresh), TermCodes() as codes:
                self._order.learn(codes, is_fresh=fresh)
                self._set(now)
            case SetTermCode(name=name), None:
                self._order.acknowledged(name, now)
                self._in_doubt = False
                self._agenda.look(now)
            case ((EndCall() | LeaveConference() | ReadyAgent()), None):
                self._agenda.look(now)
            case _:
                raise InvalidTransition("DISPOSING", type(step).__name__)

    def failed(self, step: Step, failure: Failure, now: float) -> None:
        """A request of ours failed: look, and go on from there."""
        at = self._agenda.failed(step, failure, now, self._limits.retry_max_s)
        if isinstance(step, EndCall | LeaveConference) and not failure.is_refusal:
            self._order_at = at
        if isinstance(step, SetTermCode):
            if failure.maybe_done:
                self._order.unanswered(step.name, now)
                self._agenda.hold(now + self._limits.settle_s)
                at = max(at, now + self._limits.settle_s)
            elif failure.is_refusal and self._seen_in_wrap_up:
                self._order.refused(failure.reason)
            elif failure.is_refusal:
                self._in_call_refused(now)
        if self._agenda.refused_for(step, now) >= self._limits.refused_s:
            self._finish(Confirmation.UNCONFIRMED, f"refused again and again: {failure.reason}", now)
        else:
            self._agenda.look(at)

    def try_now(self, now: float) -> None:
        """Somebody has mended what failed: do not wait before the next try, nor for one without effect to have any."""
        if self._agenda.has_failed(EndCall, LeaveConference):
            self._order_at = min(self._order_at, now)
        self._order.hasten()
        self._agenda.hasten(now)

    def customer_gone(self, now: float) -> None:
        """Our leg of the customer has ended."""
        self._customer_leaves(now)
        if not self._verdict:
            self._agenda.look(now)

    def customer_lost(self, now: float) -> None:
        """Nobody holds our leg any more: only LiveVox can end the call."""
        if self._verdict:
            self._agenda.put(self._verdict, now)
        else:
            self._order_at = self._order_at if self._transferred_to else now
            self._agenda.look(now)

    def expire(self, now: float) -> None:
        """The limit has come: our leg must end, or nothing matters any more."""
        if now < self._give_up_at:
            self._agenda.put(HangUpCustomer(), now)
            return
        seen = self._record.last_state or "nothing"
        why = self._agenda.last_failure or f"the agent's last state was {seen}"
        self._finish(Confirmation.UNCONFIRMED, f"not settled in {self._limits.give_up_s:g} s: {why}", now)

    # the end of the call

    def _still_on_the_line(self, sighting: Sighting, now: float) -> None:
        """LiveVox has not noticed the end of the call, or the call is to be ended by REST."""
        by_code = self._code_in_call is CodeInCall.AT_ONCE and self._legs.customer is not CustomerLeg.GONE
        acknowledged = self._order.sent is Sent.ACKNOWLEDGED
        if self._order.sent is not Sent.NO and self._seen_in_wrap_up:
            self._settled(sighting, now)  # an active line that names no call: it is the next one
        elif self._transferred_to:
            self._repeat(LeaveConference(), now)  # the customer has a human: leave their conference, never end it
        elif self._is_up and (acknowledged or (by_code and self._order.is_exhausted)):
            self._agenda.put(HangUpCustomer(), now)
        elif sighting.state in ARRIVING:
            self._agenda.poll(now)
        elif not acknowledged and not self._order.is_exhausted and (by_code or self._is_overdue(now)):
            self._set(now)
        else:
            self._repeat(EndCall(), now)

    def _repeat(self, step: EndCall | LeaveConference, now: float) -> None:
        """Order this when its time has come, and again as long as the status shows no effect."""
        if now < self._order_at:
            self._agenda.poll(now)
            return
        self._order_at = now + self._limits.end_s
        self._agenda.put(step, now)

    def _is_overdue(self, now: float) -> bool:
        """Neither BYE nor customer/call/end had an effect: the term code, which hangs up, is what is left."""
        late = now >= self._ending_since + PATIENCE * self._limits.end_s
        return late and self._code_in_call is not CodeInCall.NEVER and not self._is_up

    def _in_call_refused(self, now: float) -> None:
        """LiveVox wants the call ended before its term code, which is no fault of the code: end it, or wait."""
        self._code_in_call = CodeInCall.NEVER
        self._hang_up_at = now

    def _customer_leaves(self, now: float) -> None:
        """Our leg is over, or told to be: LiveVox should notice from now on."""
        if self._legs.customer is CustomerLeg.UP:
            self._legs.customer, self._legs.gone_at = CustomerLeg.GONE, now
        if self._verdict:
            self._agenda.put(self._verdict, now)
            return
        self._ending_since = now
        if self._plan.end_call is not EndCallBy.CALL_END:
            self._order_at = now + self._limits.end_s
        self._agenda.look(now + self._limits.hang_up_s)

    # the term code

    def _in_wrap_up(self, now: float) -> None:
        self._seen_in_wrap_up = True
        if self._is_up:
            self._agenda.put(HangUpCustomer(), now)
        elif self._order.may_show_late(now):
            self._agenda.poll(now)
        elif self._order.is_exhausted:
            self._free_agent(now)
        else:
            self._set(now)

    def _set(self, now: float) -> None:
        """Our call is in wrap-up, or to be ended by its term code: send it, if list and ids are there."""
        if self._order.is_exhausted:
            self._agenda.look(now)
        elif self._record.missing:
            self._wait_for_ids(now)
        else:
            self._agenda.put(self._order.next_step(self._record), now)

    def _wait_for_ids(self, now: float) -> None:
        if now < self._ending_since + self._limits.first_look_s:
            self._agenda.poll(now)
        else:
            self._finish(Confirmation.UNCONFIRMED, f"LiveVox does not say the call's {self._record.missing}", now)

    def _free_agent(self, now: float) -> None:
        """No term code can be set: Ready may free the agent, and LiveVox writes down its own default."""
        if self._readies < MAX_READIES:
            self._readies += 1
            self._agenda.put(ReadyAgent(), now)
        else:
            self._finish(Confirmation.UNCONFIRMED, "no term code could be set", now)

    # after the call

    def _call_gone(self, sighting: Sighting, now: float) -> None:
        """The line shows no call, or another one: that one is never touched."""
        in_wrap_up = sighting.state == LineState.WRAPUP
        abandoned = sighting.line.customer_disconnected_before_bridge
        if self._order.sent is not Sent.NO:
            self._settled(sighting, now)
        elif self._record.may_appear(now) and not (sighting.whose is Whose.NOBODYS and abandoned):
            self._agenda.poll(now)
        elif sighting.whose is Whose.NOBODYS and in_wrap_up and not (self._plan.named_only or self._record.missing):
            self._in_wrap_up(now)
        elif self._seen_in_wrap_up:
            self._finish(Confirmation.UNCONFIRMED, "it left wrap-up without our term code", now)
        elif in_wrap_up:
            self._finish(Confirmation.UNCONFIRMED, "the call in wrap-up is not known to be ours", now)
        else:
            unasked = "LiveVox had the call on the line and asks for no term code" if self._record.seen else ""
            self._finish(Confirmation.NOTHING_TO_SET, unasked, now)

    def _settled(self, sighting: Sighting, now: float) -> None:
        """A term code was sent and the call has left the line: is it set, and is the agent where it should be?"""
        idle = sighting.whose is not Whose.ANOTHERS
        in_wrap_up = idle and sighting.state == LineState.WRAPUP
        if in_wrap_up and self._order.was_sent_recently(now):
            self._agenda.poll(now)
            return
        not_ready = idle and sighting.state == LineState.NOTREADY
        away = idle and (not sighting.state or sighting.state in AWAY)
        # Not Ready is no sign of our code even where it asked for that: LiveVox's own default leaves it so as well.
        self._in_doubt |= self._order.is_doubtful(now, agent_is_free=not (not_ready or away or in_wrap_up))
        if not_ready and not self._plan.move_to_not_ready and self._readies < MAX_READIES:
            self._readies += 1
            self._agenda.put(ReadyAgent(), now)
        elif self._in_doubt:
            self._finish(Confirmation.UNCONFIRMED, "the answer to the term code was lost", now)
        else:
            self._finish(Confirmation.CONFIRMED, "", now)

    @property
    def _is_up(self) -> bool:
        return self._legs.customer is CustomerLeg.UP

    def _finish(self, confirmation: Confirmation, reason: str, now: float) -> None:
        self._verdict = Finished(
            confirmation=confirmation,
            disposition=self._disposition,
            term_code=self._order.sent_name,
            transferred_to=self._transferred_to,
            agent_state=self._record.last_state,
            reason="; ".join(filter(None, (*self._order.reasons, reason))),
        )
        self._agenda.put(HangUpCustomer() if self._is_up else self._verdict, now)
