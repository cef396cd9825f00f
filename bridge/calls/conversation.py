"""[sans-IO] A call whose customer talks to a bot, or hears that another one is being reached."""

from bridge.calls import events as ev
from bridge.calls.events import CallCommand, CallEvent
from bridge.calls.standing import Standing
from bridge.calls.states import CallState, LegState
from bridge.engines.events import EngineEnded, EngineFailed, EngineReady, Fate, VerdictGiven
from bridge.errors import InvalidTransition
from bridge.media.messages import Flow, Prompt, Side
from bridge.verdicts import Complete, Verdict


class Conversation:
    """The states ANSWERING, TALKING and REPLACING."""

    def __init__(self, standing: Standing) -> None:
        self._standing = standing
        self._lost_by = Fate.ENGINE_LOST
        """Why the engine is being replaced."""

    def handle(self, event: CallEvent, now: float) -> list[CallCommand]:
        """What to do about an event; raises InvalidTransition."""
        match event:
            case ev.CustomerAnswered():
                return self._acknowledged()
            case VerdictGiven(verdict) | ev.Ordered(verdict):
                return self._obey(verdict, now)
            case ev.AudioTimedOut(Side.CUSTOMER):
                return self._standing.finish(Fate.RTP_TIMEOUT, None, now)
            case ev.PartFailed():
                return self._standing.rescue(Fate.BRIDGE_FAILURE, now)
            case ev.Drained():
                return self._standing.rescue(Fate.DRAINED, now)
        if self._standing.state is CallState.REPLACING:
            return self._while_replacing(event, now)
        return self._with_engine(event, now)

    def expire(self, now: float) -> list[CallCommand]:
        """LiveVox has not acknowledged, or the next engine is too slow."""
        if self._standing.state is CallState.REPLACING:
            return [*self._standing.legs.drop_engine(Fate.ENGINE_UNAVAILABLE), *self._replace(now)]
        return self._standing.finish(Fate.BRIDGE_FAILURE, None, now)

    def _obey(self, verdict: Verdict, now: float) -> list[CallCommand]:
        """The bot, or somebody for it, has said what should become of the call."""
        standing = self._standing
        if isinstance(verdict, Complete):
            return standing.finish(Fate.FINISHED, verdict, now)
        if standing.legs.engine is LegState.UP:
            return [ev.ReportTransfer(100), *standing.transfer(Fate.TRANSFERRED, verdict)]
        return [*standing.legs.drop_engine(Fate.TRANSFERRED), *standing.transfer(Fate.TRANSFERRED, verdict)]

    def _acknowledged(self) -> list[CallCommand]:
        standing = self._standing
        if not standing.legs.acknowledge():
            return []
        if standing.state is CallState.ANSWERING:
            standing.enter(CallState.TALKING, None)
        return [ev.FetchScreenPop()]

    def _with_engine(self, event: CallEvent, now: float) -> list[CallCommand]:
        match event:
            case EngineEnded(verdict, lost=False):
                return self._standing.finish(Fate.FINISHED, verdict, now)
            case EngineEnded() | EngineFailed():
                return self._lose_engine(Fate.ENGINE_LOST, now)
            case ev.AudioTimedOut():
                return self._lose_engine(Fate.RTP_TIMEOUT, now)
            case ev.DeadAir(last=False, silent_s=silent_s):
                return [ev.TellDeadAir(silent_s)]
            case ev.DeadAir(Side.ENGINE):
                return self._standing.rescue(Fate.DEAD_AIR, now)
            case ev.DeadAir():
                return self._standing.finish(Fate.DEAD_AIR, None, now)
            case EngineReady():
                return []
        raise InvalidTransition(self._standing.state.name, type(event).__name__)

    def _while_replacing(self, event: CallEvent, now: float) -> list[CallCommand]:
        match event:
            case EngineReady():
                return self._replaced(now)
            case EngineFailed() | EngineEnded():
                return self._replace(now)
            case ev.AudioTimedOut() | ev.DeadAir():  # the last of the engine that is lost
                return []
        raise InvalidTransition(self._standing.state.name, type(event).__name__)

    def _lose_engine(self, fate: Fate, now: float) -> list[CallCommand]:
        self._lost_by = fate
        return [*self._standing.legs.drop_engine(fate), *self._replace(now)]

    def _replace(self, now: float) -> list[CallCommand]:
        """The next engine while the customer hears the wait prompt; none left: a human, or the end."""
        already = self._standing.state is CallState.REPLACING
        commands, reached = self._standing.reach_engine(CallState.REPLACING, now)
        if not reached:
            return [*commands, *self._standing.rescue(self._lost_by, now)]
        return commands if already else [ev.SetAudio(Flow.SILENCE, Prompt.WAIT), *commands]

    def _replaced(self, now: float) -> list[CallCommand]:
        standing = self._standing
        standing.legs.engine = LegState.UP
        if standing.legs.customer is LegState.UP:
            standing.enter(CallState.TALKING, None)
        else:
            standing.enter(CallState.ANSWERING, now + standing.policy.ack_limit_s)
        return [ev.SetAudio(Flow.RELAY)]
