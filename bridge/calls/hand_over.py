"""[sans-IO] A call whose customer LiveVox brings to a human."""

from bridge.calls import events as ev
from bridge.calls.events import CallCommand, CallEvent
from bridge.calls.standing import Standing
from bridge.calls.states import CallState, LegState
from bridge.engines.events import EngineEnded, EngineFailed, EngineReady, Fate, VerdictGiven
from bridge.errors import InvalidTransition
from bridge.media.messages import Flow, Side
from bridge.verdicts import Complete
from sip.messages import Leg


class HandOver:
    """The state TRANSFERRING."""

    def __init__(self, standing: Standing) -> None:
        self._standing = standing
        self._no_return: Fate | None = None
        """Why the bot cannot have the customer back."""

    def handle(self, event: CallEvent, now: float) -> list[CallCommand]:
        """What to do about an event; raises InvalidTransition."""
        standing = self._standing
        match event:
            case ev.TransferUnderWay():
                return standing.hush() or [ev.SetAudio(Flow.SILENCE)]  # a prompt ends, too
            case ev.TransferSucceeded():
                return [ev.ReportTransfer(200), *self._let_go()]
            case ev.TransferFailed(back_to_bot=True):
                return self._back_to_bot(now)
            case ev.TransferFailed():
                standing.fate = Fate.TRANSFER_FAILED if standing.fate is Fate.TRANSFERRED else standing.fate
                return [ev.ReportTransfer(503), *self._let_go()]
            case ev.CustomerAnswered():
                return [ev.FetchScreenPop()] if standing.legs.acknowledge() else []
        return self._of_the_bot(event)

    def expire(self) -> list[CallCommand]:
        """The customer has left: the bot has had its time to hear how it went."""
        self._standing.deadline = None
        return self._standing.legs.drop_engine(self._standing.why)

    def _of_the_bot(self, event: CallEvent) -> list[CallCommand]:
        standing = self._standing
        match event:
            case EngineEnded() | EngineFailed():
                return [*standing.hush(), ev.TellWrapUp(Leg.ENGINE)]
            case VerdictGiven(Complete()) | ev.Ordered(Complete()):  # it is done, and the transfer goes on without it
                return [ev.TellWrapUp(Leg.ENGINE), *self._let_go()]
            case ev.Drained() | ev.PartFailed() | ev.AudioTimedOut(Side.ENGINE):
                self._no_return = ev.FATE_OF[type(event)]
                return []
            case VerdictGiven() | ev.Ordered() | ev.AudioTimedOut() | ev.DeadAir() | EngineReady():
                return []
        raise InvalidTransition(standing.state.name, type(event).__name__)

    def _let_go(self) -> list[CallCommand]:
        """The bot is not needed any more."""
        return [*self._standing.hush(), *self._standing.legs.drop_engine(self._standing.why)]

    def _back_to_bot(self, now: float) -> list[CallCommand]:
        """The wrap-up is over and the customer with us again; a bot that cannot go on does not get it back."""
        standing = self._standing
        standing.wrapped_up = True
        standing.fate = standing.verdict = None
        fate, self._no_return = self._no_return, None
        if standing.legs.customer is LegState.GONE:
            return standing.finish(Fate.CUSTOMER_HUNG_UP, None, now)
        if fate is None and standing.legs.engine is LegState.UP:
            standing.enter(CallState.TALKING, None)
            return [ev.SetAudio(Flow.RELAY), ev.ReportTransfer(503)]
        return [ev.ReportTransfer(503), *standing.rescue(fate or Fate.ENGINE_LOST, now)]
