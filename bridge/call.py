"""[sans-IO] The life of one call: from LiveVox's INVITE to both legs gone and the disposition set.

    ADMITTED ─▶ CONNECTING ─▶ ANSWERING ─▶ TALKING ◀─▶ TRANSFERRING
        └────────────┴────────────┴──────────┴─────────────┴──▶ ENDING ─▶ CLOSED

Feed it with `handle(event, now)`, and with `expire(now)` when `deadline` is reached; do what they return, in order.
"""

from collections.abc import Sequence

from bridge.call_events import (
    AnswerCustomer,
    AudioTimedOut,
    CallCommand,
    CallEvent,
    Close,
    ConnectEngine,
    CustomerAnswered,
    CustomerEnded,
    Drained,
    DropEngine,
    EngineEnded,
    EngineFailed,
    EngineReady,
    Fate,
    FetchScreenPop,
    HangUpCustomer,
    HangUpWanted,
    InviteTaken,
    RefuseCustomer,
    ReportTransfer,
    SetAudio,
    StartWrapUp,
    TellWrapUp,
    TransferFailed,
    TransferSucceeded,
    TransferUnderWay,
    VerdictGiven,
    WorkerLost,
    WrapUpFinished,
)
from bridge.call_states import CallPolicy, CallState, EngineChoice, LegState
from bridge.errors import InvalidTransition
from bridge.media.messages import Flow, Side
from bridge.verdicts import Complete, Transfer, Verdict
from bridge.wrapup.plan import CustomerLeg
from sip.messages import Leg

#: States in which the customer hears us.
BRIDGED = frozenset({CallState.ANSWERING, CallState.TALKING, CallState.TRANSFERRING})
#: What may still come in after the end has begun, and needs no answer.
LATE = (
    InviteTaken,
    EngineReady,
    VerdictGiven,
    CustomerAnswered,
    AudioTimedOut,
    Drained,
    TransferUnderWay,
    TransferSucceeded,
    TransferFailed,
)


class Call:
    """One call; `engines` are tried in order."""

    def __init__(self, engines: Sequence[EngineChoice], policy: CallPolicy, now: float) -> None:
        self.state = CallState.ADMITTED
        self.customer = LegState.PENDING
        self.engine = LegState.NONE
        self.fate: Fate | None = None
        self.verdict: Verdict | None = None
        self.deadline: float | None = now + policy.arrival_limit_s
        self._policy = policy
        self._engines = list(engines)
        self._wrapped_up = True

    def handle(self, event: CallEvent, now: float) -> list[CallCommand]:
        """What to do about an event; raises InvalidTransition for one that cannot come in this state."""
        match event:
            case CustomerEnded():
                return self._customer_ended(now)
            case EngineEnded():
                return self._engine_ended(event, now)
            case EngineFailed() if self.state is not CallState.CONNECTING:
                return self._engine_ended(EngineEnded(None, True, event.reason), now)
            case WorkerLost():
                return self._worker_lost(now)
            case HangUpWanted():
                return self._hang_up_customer()
            case WrapUpFinished():
                self._wrapped_up = True
                return self._end_legs(now)
            case _ if self.state in (CallState.ENDING, CallState.CLOSED) and isinstance(event, LATE):
                return []
            case _ if self.state in (CallState.ADMITTED, CallState.CONNECTING):
                return self._before_answer(event, now)
            case _ if self.state is CallState.TRANSFERRING:
                return self._in_transfer(event, now)
        return self._in_talk(event, now)

    def expire(self, now: float) -> list[CallCommand]:
        """What to do now that the deadline is reached."""
        match self.state:
            case CallState.ADMITTED:
                return self._fail_before_answer(Fate.BRIDGE_FAILURE, 500, now)
            case CallState.CONNECTING:
                return [DropEngine(Fate.ENGINE_UNAVAILABLE), *self._connect_next(now)]
            case CallState.ANSWERING:
                return self._finish(Fate.BRIDGE_FAILURE, None, now)
            case CallState.ENDING:
                return self._press_on(now)
        self.deadline = None
        return []

    # before the answer

    def _before_answer(self, event: CallEvent, now: float) -> list[CallCommand]:
        match self.state, event:
            case CallState.ADMITTED, InviteTaken():
                return self._connect_next(now)
            case CallState.CONNECTING, EngineReady():
                self.engine = LegState.UP
                self._enter(CallState.ANSWERING, now + self._policy.ack_limit_s)
                return [AnswerCustomer()]
            case CallState.CONNECTING, EngineFailed():
                return self._connect_next(now)
            case _, Drained():
                return self._fail_before_answer(Fate.DRAINED, 503, now)
            case _, VerdictGiven():
                return []  # an engine that decides before it has spoken will hang up, or not
        raise InvalidTransition(self.state.name, type(event).__name__)

    def _connect_next(self, now: float) -> list[CallCommand]:
        if not self._engines:
            self.engine = LegState.GONE
            return self._fail_before_answer(Fate.ENGINE_UNAVAILABLE, 503, now)
        choice = self._engines.pop(0)
        self.engine = LegState.PENDING
        self._enter(CallState.CONNECTING, now + choice.connect_timeout_s)
        return [ConnectEngine(choice.name)]

    def _fail_before_answer(self, fate: Fate, status: int, now: float) -> list[CallCommand]:
        self.fate = fate
        drop = self._drop_engine()
        self._enter(CallState.ENDING, now + self._policy.leg_end_limit_s)
        self.customer = LegState.HANGING_UP
        return [RefuseCustomer(status, fate), *drop, self._wrap_up(answered=False)]

    # after the answer

    def _in_talk(self, event: CallEvent, now: float) -> list[CallCommand]:
        match self.state, event:
            case CallState.ANSWERING, CustomerAnswered():
                self.customer = LegState.UP
                self._enter(CallState.TALKING, None)
                return [FetchScreenPop()]
            case ((CallState.ANSWERING | CallState.TALKING), VerdictGiven(Complete() as verdict)):
                return self._finish(Fate.FINISHED, verdict, now)
            case ((CallState.ANSWERING | CallState.TALKING), VerdictGiven(Transfer() as verdict)):
                return [ReportTransfer(100), *self._transfer(Fate.TRANSFERRED, verdict)]
            case ((CallState.ANSWERING | CallState.TALKING), AudioTimedOut(side)):
                fate = Fate.RTP_TIMEOUT
                return self._rescue(fate, now) if side is Side.ENGINE else self._finish(fate, None, now)
            case ((CallState.ANSWERING | CallState.TALKING), Drained()):
                return self._rescue(Fate.DRAINED, now)
            case _, (CustomerAnswered() | EngineReady()):
                return []
        raise InvalidTransition(self.state.name, type(event).__name__)

    def _in_transfer(self, event: CallEvent, now: float) -> list[CallCommand]:
        match event:
            case TransferUnderWay():
                return [SetAudio(Flow.SILENCE)]
            case TransferSucceeded():
                return [ReportTransfer(200), *self._drop_engine()]
            case TransferFailed(back_to_bot=True) if self.engine is LegState.UP:
                self._enter(CallState.TALKING, None)
                self._wrapped_up = True
                self.fate = self.verdict = None
                return [SetAudio(Flow.RELAY), ReportTransfer(503)]
            case TransferFailed():
                self.fate = Fate.TRANSFER_FAILED if self.fate is Fate.TRANSFERRED else self.fate
                return [ReportTransfer(503), *self._drop_engine()]
            case CustomerAnswered():
                self.customer = LegState.UP
                return [FetchScreenPop()]
            case VerdictGiven(Complete()):
                return self._drop_engine()  # it is done and the transfer goes on without it
            case VerdictGiven() | AudioTimedOut() | Drained() | EngineReady():
                return []
        raise InvalidTransition(self.state.name, type(event).__name__)

    def _customer_ended(self, now: float) -> list[CallCommand]:
        was = self.state
        self.customer = LegState.GONE
        match was:
            case CallState.ENDING:
                return [TellWrapUp(Leg.CUSTOMER), *self._close_if_over()]
            case CallState.CLOSED:
                return []
            case CallState.TRANSFERRING:
                return [TellWrapUp(Leg.CUSTOMER)]
        return self._finish(Fate.CUSTOMER_HUNG_UP, None, now, answered=was in BRIDGED)

    def _engine_ended(self, event: EngineEnded, now: float) -> list[CallCommand]:
        was, self.engine = self.state, LegState.GONE
        match was:
            case CallState.ENDING:
                return self._close_if_over()
            case CallState.TRANSFERRING:
                return [TellWrapUp(Leg.ENGINE)]
            case CallState.ANSWERING | CallState.TALKING if event.lost:
                return self._rescue(Fate.ENGINE_LOST, now)
            case CallState.ANSWERING | CallState.TALKING:
                return self._finish(Fate.FINISHED, event.verdict, now)
        return []  # an engine we gave up before the answer

    def _worker_lost(self, now: float) -> list[CallCommand]:
        was = self.state
        customer_was = self.customer
        self.engine = self.customer = LegState.GONE
        match was:
            case CallState.CLOSED:
                return []
            case CallState.ENDING | CallState.TRANSFERRING:
                return [TellWrapUp(Leg.CUSTOMER, worker_lost=True), *self._close_if_over()]
            case CallState.ADMITTED | CallState.CONNECTING:
                return self._finish(Fate.BRIDGE_FAILURE, None, now, answered=False)
        leg = CustomerLeg.GONE if customer_was is LegState.GONE else CustomerLeg.LOST
        return self._rescue(Fate.BRIDGE_FAILURE, now, customer=leg)

    # the end

    def _rescue(self, fate: Fate, now: float, *, customer: CustomerLeg = CustomerLeg.UP) -> list[CallCommand]:
        """The customer is still there and the bot cannot go on: to a human, if one is named."""
        if not self._policy.failure_target:
            return self._finish(fate, None, now, customer=customer)
        self.fate = fate
        drop = self._drop_engine()
        verdict = Transfer(self._policy.failure_target, outcome=fate)
        return [SetAudio(Flow.SILENCE), *drop, *self._transfer(fate, verdict, customer=customer)]

    def _transfer(self, fate: Fate, verdict: Transfer, *, customer: CustomerLeg = CustomerLeg.UP) -> list[CallCommand]:
        self.fate, self.verdict = fate, verdict
        self._enter(CallState.TRANSFERRING, None)
        return [self._wrap_up(answered=True, customer=customer)]

    def _finish(
        self,
        fate: Fate,
        verdict: Complete | None,
        now: float,
        *,
        answered: bool = True,
        customer: CustomerLeg | None = None,
    ) -> list[CallCommand]:
        self.fate, self.verdict = fate, verdict
        drop = self._drop_engine()
        self._enter(CallState.ENDING, now + self._policy.leg_end_limit_s)
        return [*drop, self._wrap_up(answered=answered, customer=customer)]

    def _wrap_up(self, *, answered: bool, customer: CustomerLeg | None = None) -> StartWrapUp:
        assert self.fate is not None
        self._wrapped_up = False
        if customer is None:
            present = answered and self.customer is not LegState.GONE
            customer = CustomerLeg.UP if present else CustomerLeg.GONE
        return StartWrapUp(
            self.fate,
            self.verdict,
            customer=customer,
            bot_present=self.engine is LegState.UP and self.state is CallState.TRANSFERRING,
            answered=answered,
        )

    def _drop_engine(self) -> list[CallCommand]:
        if self.engine not in (LegState.PENDING, LegState.UP):
            return []
        self.engine = LegState.HANGING_UP
        return [DropEngine(self.fate or Fate.FINISHED)]

    def _hang_up_customer(self) -> list[CallCommand]:
        if self.customer not in (LegState.PENDING, LegState.UP):
            return []
        self.customer = LegState.HANGING_UP
        return [HangUpCustomer(self.fate or Fate.FINISHED)]

    def _end_legs(self, now: float) -> list[CallCommand]:
        """LiveVox knows all; what is still up is ended."""
        if self.state is CallState.CLOSED:
            return []
        commands = [*self._drop_engine(), *self._hang_up_customer()]
        self._enter(CallState.ENDING, now + self._policy.leg_end_limit_s)
        return [*commands, *self._close_if_over()]

    def _press_on(self, now: float) -> list[CallCommand]:
        """The end takes too long: a leg still up is hung up now, one that does not end is given up."""
        if self.engine is LegState.HANGING_UP:
            self.engine = LegState.GONE
        if self.customer is LegState.HANGING_UP:
            self.customer = LegState.GONE
        commands = [*self._drop_engine(), *self._hang_up_customer()]
        self.deadline = now + self._policy.leg_end_limit_s if commands else None
        return [*commands, *self._close_if_over()]

    def _close_if_over(self) -> list[CallCommand]:
        legs_over = self.customer is LegState.GONE and self.engine in (LegState.NONE, LegState.GONE)
        if not (legs_over and self._wrapped_up):
            return []
        self._enter(CallState.CLOSED, None)
        return [Close()]

    def _enter(self, state: CallState, deadline: float | None) -> None:
        self.state = state
        self.deadline = deadline
