"""[sans-IO] The life of one call: from LiveVox's INVITE to both legs gone and the disposition set.

    ADMITTED ─▶ CONNECTING ─▶ ANSWERING ─▶ TALKING ◀─▶ TRANSFERRING
        └────────────┴────────────┴──────────┴─────────────┴──▶ ENDING ─▶ CLOSED

Feed it with `handle(event, now)`, and with `expire(now)` when `deadline` is reached; do what they return, in order.
"""

from collections.abc import Sequence

from bridge.calls import events as ev
from bridge.calls.events import CallCommand, CallEvent
from bridge.calls.legs import CallLegs
from bridge.calls.states import CallPolicy, CallState, EngineChoice, LegState
from bridge.engines.events import EngineEnded, EngineFailed, EngineReady, Fate, VerdictGiven
from bridge.engines.verdicts import Complete, Transfer, Verdict
from bridge.errors import InvalidTransition
from bridge.media.messages import Flow, Side
from bridge.wrapup.plan import CustomerLeg
from sip.messages import Leg

#: What may still come in after the end has begun, and needs no answer.
LATE = (
    ev.InviteTaken,
    EngineReady,
    VerdictGiven,
    ev.CustomerAnswered,
    ev.AudioTimedOut,
    ev.PartFailed,
    ev.Drained,
    ev.TransferUnderWay,
    ev.TransferSucceeded,
    ev.TransferFailed,
)


class Call:
    """One call; `engines` are tried in order."""

    def __init__(self, engines: Sequence[EngineChoice], policy: CallPolicy, now: float) -> None:
        self.state = CallState.ADMITTED
        self.legs = CallLegs()
        self.fate: Fate | None = None
        self.verdict: Verdict | None = None
        self.deadline: float | None = now + policy.arrival_limit_s
        self._policy = policy
        self._engines = list(engines)
        self._early: Verdict | None = None
        """What the bot said before it had answered."""
        self._no_return: Fate | None = None
        """Why the bot cannot have the customer back from a transfer."""
        self._wrapped_up = True

    def handle(self, event: CallEvent, now: float) -> list[CallCommand]:
        """What to do about an event; raises InvalidTransition for one that cannot come in this state."""
        match event:
            case ev.CustomerEnded():
                return self._customer_ended(now)
            case EngineEnded():
                return self._engine_ended(event, now)
            case EngineFailed() if self.state is not CallState.CONNECTING:
                return self._engine_ended(EngineEnded(None, True, event.reason), now)
            case ev.WorkerLost():
                return self._worker_lost(now)
            case ev.HangUpWanted():
                return self.legs.hang_up_customer(self._why)
            case ev.WrapUpFinished():
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
            case CallState.CONNECTING if self._engines:
                return [ev.DropEngine(Fate.ENGINE_UNAVAILABLE), *self._connect_next(now)]
            case CallState.CONNECTING:
                return self._connect_next(now)
            case CallState.ANSWERING:
                return self._finish(Fate.BRIDGE_FAILURE, None, now)
            case CallState.ENDING:
                return self._press_on(now)
        self.deadline = None
        return self.legs.drop_engine(self._why)  # of a transfer whose customer has left

    @property
    def _why(self) -> Fate:
        return self.fate or Fate.FINISHED

    # before the answer

    def _before_answer(self, event: CallEvent, now: float) -> list[CallCommand]:
        match self.state, event:
            case CallState.ADMITTED, ev.InviteTaken():
                return self._connect_next(now)
            case CallState.CONNECTING, EngineReady():
                return self._answer(now)
            case CallState.CONNECTING, EngineFailed():
                self.legs.engine = LegState.GONE
                return self._connect_next(now)
            case CallState.CONNECTING, VerdictGiven(verdict):
                self._early = verdict  # its 200 is on the way: events of a worker come later than those of the edge
                return []
            case _, ev.PartFailed():
                return self._fail_before_answer(Fate.BRIDGE_FAILURE, 503, now)
            case _, ev.Drained():
                return self._fail_before_answer(Fate.DRAINED, 503, now)
            case _, ev.AudioTimedOut():
                return []
        raise InvalidTransition(self.state.name, type(event).__name__)

    def _connect_next(self, now: float) -> list[CallCommand]:
        if not self._engines:
            return self._fail_before_answer(Fate.ENGINE_UNAVAILABLE, 503, now)
        choice = self._engines.pop(0)
        self._early = None
        self.legs.engine = LegState.PENDING
        self._enter(CallState.CONNECTING, now + choice.connect_timeout_s)
        return [ev.ConnectEngine(choice.name)]

    def _answer(self, now: float) -> list[CallCommand]:
        self.legs.engine = LegState.UP
        self.legs.answered = True
        self._enter(CallState.ANSWERING, now + self._policy.ack_limit_s)
        said = [] if self._early is None else self._in_talk(VerdictGiven(self._early), now)
        return [ev.AnswerCustomer(), *said]

    def _fail_before_answer(self, fate: Fate, status: int, now: float) -> list[CallCommand]:
        self.fate = fate
        drop = self.legs.drop_engine(fate)
        self._enter(CallState.ENDING, now + self._policy.leg_end_limit_s)
        self.legs.customer = LegState.HANGING_UP
        return [ev.RefuseCustomer(status, fate), *drop, self._wrap_up(answered=False)]

    # after the answer

    def _in_talk(self, event: CallEvent, now: float) -> list[CallCommand]:
        match event:
            case ev.CustomerAnswered() if self.state is CallState.ANSWERING:
                self.legs.customer = LegState.UP
                self._enter(CallState.TALKING, None)
                return [ev.FetchScreenPop()]
            case VerdictGiven(Complete() as verdict):
                return self._finish(Fate.FINISHED, verdict, now)
            case VerdictGiven(Transfer() as verdict):
                return [ev.ReportTransfer(100), *self._transfer(Fate.TRANSFERRED, verdict)]
            case ev.AudioTimedOut(Side.ENGINE):
                return self._rescue(Fate.RTP_TIMEOUT, now)
            case ev.AudioTimedOut():
                return self._finish(Fate.RTP_TIMEOUT, None, now)
            case ev.PartFailed():
                return self._rescue(Fate.BRIDGE_FAILURE, now)
            case ev.Drained():
                return self._rescue(Fate.DRAINED, now)
            case ev.CustomerAnswered() | EngineReady():
                return []
        raise InvalidTransition(self.state.name, type(event).__name__)

    def _in_transfer(self, event: CallEvent, now: float) -> list[CallCommand]:
        match event:
            case ev.TransferUnderWay():
                return [ev.SetAudio(Flow.SILENCE)]
            case ev.TransferSucceeded():
                return [ev.ReportTransfer(200), *self.legs.drop_engine(self._why)]
            case ev.TransferFailed(back_to_bot=True):
                return self._back_to_bot(now)
            case ev.TransferFailed():
                self.fate = Fate.TRANSFER_FAILED if self.fate is Fate.TRANSFERRED else self.fate
                return [ev.ReportTransfer(503), *self.legs.drop_engine(self._why)]
            case ev.CustomerAnswered():
                self.legs.customer = LegState.UP
                return [ev.FetchScreenPop()]
            case VerdictGiven(Complete()):  # it is done, and the transfer goes on without it
                return [ev.TellWrapUp(Leg.ENGINE), *self.legs.drop_engine(self._why)]
            case ev.Drained() | ev.PartFailed() | ev.AudioTimedOut(Side.ENGINE):
                self._no_return = ev.FATE_OF[type(event)]
                return []
            case VerdictGiven() | ev.AudioTimedOut() | EngineReady():
                return []
        raise InvalidTransition(self.state.name, type(event).__name__)

    def _back_to_bot(self, now: float) -> list[CallCommand]:
        """The wrap-up is over and the customer with us again; a bot that cannot go on does not get it back."""
        self._wrapped_up = True
        self.fate = self.verdict = None
        fate, self._no_return = self._no_return, None
        if self.legs.customer is LegState.GONE:
            return self._finish(Fate.CUSTOMER_HUNG_UP, None, now)
        if fate is None and self.legs.engine is LegState.UP:
            self._enter(CallState.TALKING, None)
            return [ev.SetAudio(Flow.RELAY), ev.ReportTransfer(503)]
        return [ev.ReportTransfer(503), *self._rescue(fate or Fate.ENGINE_LOST, now)]

    def _customer_ended(self, now: float) -> list[CallCommand]:
        was = self.state
        self.legs.customer_gone()
        match was:
            case CallState.ENDING:
                return [ev.TellWrapUp(Leg.CUSTOMER), *self._close_if_over()]
            case CallState.CLOSED:
                return []
            case CallState.TRANSFERRING:
                self.deadline = now + self._policy.leg_end_limit_s  # until then the bot may hear how it went
                return [ev.TellWrapUp(Leg.CUSTOMER)]
        return self._finish(Fate.CUSTOMER_HUNG_UP, None, now, answered=self.legs.answered)

    def _engine_ended(self, event: EngineEnded, now: float) -> list[CallCommand]:
        was, self.legs.engine = self.state, LegState.GONE
        match was:
            case CallState.ENDING:
                return self._close_if_over()
            case CallState.TRANSFERRING:
                return [ev.TellWrapUp(Leg.ENGINE)]
            case CallState.ANSWERING | CallState.TALKING if event.lost:
                return self._rescue(Fate.ENGINE_LOST, now)
            case CallState.ANSWERING | CallState.TALKING:
                return self._finish(Fate.FINISHED, event.verdict, now)
        return []  # an engine we gave up before the answer

    def _worker_lost(self, now: float) -> list[CallCommand]:
        self.legs.lose_worker()
        match self.state:
            case CallState.CLOSED:
                return []
            case CallState.ENDING | CallState.TRANSFERRING:
                told = ev.TellWrapUp(Leg.CUSTOMER, worker_lost=self.legs.stranded)
                return [ev.TellWrapUp(Leg.ENGINE), told, *self._close_if_over()]
            case CallState.ADMITTED | CallState.CONNECTING:
                return self._finish(Fate.BRIDGE_FAILURE, None, now, answered=False)
        return self._rescue(Fate.BRIDGE_FAILURE, now)

    # the end

    def _rescue(self, fate: Fate, now: float) -> list[CallCommand]:
        """The customer is still there and the bot cannot go on: to a human, if one is named."""
        if not self._policy.failure_target:
            return self._finish(fate, None, now)
        self.fate = fate
        drop = self.legs.drop_engine(fate)
        verdict = Transfer(self._policy.failure_target, outcome=fate)
        return [ev.SetAudio(Flow.SILENCE), *drop, *self._transfer(fate, verdict)]

    def _transfer(self, fate: Fate, verdict: Transfer) -> list[CallCommand]:
        self.fate, self.verdict = fate, verdict
        self._enter(CallState.TRANSFERRING, None)
        return [self._wrap_up(answered=True)]

    def _finish(self, fate: Fate, verdict: Complete | None, now: float, *, answered: bool = True) -> list[CallCommand]:
        self.fate, self.verdict = fate, verdict
        drop = self.legs.drop_engine(fate)
        self._enter(CallState.ENDING, now + self._policy.leg_end_limit_s)
        return [*drop, self._wrap_up(answered=answered)]

    def _wrap_up(self, *, answered: bool) -> ev.StartWrapUp:
        assert self.fate is not None
        self._wrapped_up = False
        present = answered and self.legs.customer is not LegState.GONE
        customer = CustomerLeg.LOST if self.legs.stranded else CustomerLeg.UP if present else CustomerLeg.GONE
        return ev.StartWrapUp(
            self.fate,
            self.verdict,
            customer=customer,
            bot_present=self.legs.engine is LegState.UP and self.state is CallState.TRANSFERRING,
            answered=answered,
        )

    def _end_legs(self, now: float) -> list[CallCommand]:
        """LiveVox knows all; what is still up is ended."""
        if self.state is CallState.CLOSED:
            return []
        commands = [*self.legs.drop_engine(self._why), *self.legs.hang_up_customer(self._why)]
        self._enter(CallState.ENDING, now + self._policy.leg_end_limit_s)
        return [*commands, *self._close_if_over()]

    def _press_on(self, now: float) -> list[CallCommand]:
        commands = self.legs.press_on(self._why)
        self.deadline = now + self._policy.leg_end_limit_s if commands else None
        return [*commands, *self._close_if_over()]

    def _close_if_over(self) -> list[CallCommand]:
        if not (self.legs.over and self._wrapped_up):
            return []
        self._enter(CallState.CLOSED, None)
        return [ev.Close()]

    def _enter(self, state: CallState, deadline: float | None) -> None:
        self.state = state
        self.deadline = deadline
