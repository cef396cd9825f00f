"""[sans-IO] A call before the answer: engines are tried until one can talk."""

from bridge.calls import events as ev
from bridge.calls.events import CallCommand, CallEvent
from bridge.calls.standing import Standing
from bridge.calls.states import CallState, LegState
from bridge.engines.events import EngineEnded, EngineFailed, EngineReady, Fate, VerdictGiven
from bridge.errors import InvalidTransition
from bridge.verdicts import Verdict


class Ringing:
    """The states ADMITTED and CONNECTING."""

    def __init__(self, standing: Standing) -> None:
        self._standing = standing
        self._early: Verdict | None = None
        """What the bot said before it had answered."""
        self._ordered: Verdict | None = None

    def handle(self, event: CallEvent, now: float) -> tuple[list[CallCommand], Verdict | None]:
        """What to do, and the verdict that counts now that the customer is answered."""
        match self._standing.state, event:
            case CallState.ADMITTED, ev.InviteTaken():
                return self._connect_next(now), None
            case CallState.CONNECTING, EngineReady():
                return self._answer(now)
            case CallState.CONNECTING, EngineFailed() | EngineEnded():
                return self._connect_next(now), None
        return self._other(event, now), None

    def _other(self, event: CallEvent, now: float) -> list[CallCommand]:
        standing = self._standing
        match standing.state, event:
            case CallState.CONNECTING, VerdictGiven(verdict):
                self._early = verdict  # its 200 is on the way: events of a worker come later than those of the edge
                return []
            case _, ev.Ordered(verdict):
                self._ordered = verdict
                return []
            case _, ev.PartFailed():
                return standing.refuse(Fate.BRIDGE_FAILURE, 503, now)
            case _, ev.Drained():
                return standing.refuse(Fate.DRAINED, 503, now)
            case _, ev.AudioTimedOut() | ev.DeadAir() | EngineEnded():
                return []
        raise InvalidTransition(standing.state.name, type(event).__name__)

    def expire(self, now: float) -> list[CallCommand]:
        """No worker has the INVITE, or the engine is too slow."""
        if self._standing.state is CallState.ADMITTED:
            return self._standing.refuse(Fate.BRIDGE_FAILURE, 500, now)
        return [*self._standing.legs.drop_engine(Fate.ENGINE_UNAVAILABLE), *self._connect_next(now)]

    def _connect_next(self, now: float) -> list[CallCommand]:
        self._early = None
        commands, reached = self._standing.reach_engine(CallState.CONNECTING, now)
        return commands if reached else [*commands, *self._do_without(now)]

    def _do_without(self, now: float) -> list[CallCommand]:
        standing = self._standing
        if not standing.policy.answer_without_engine:
            return standing.refuse(Fate.ENGINE_UNAVAILABLE, 503, now)
        standing.legs.answered = True
        return [ev.AnswerCustomer(), *standing.rescue(Fate.ENGINE_UNAVAILABLE, now)]

    def _answer(self, now: float) -> tuple[list[CallCommand], Verdict | None]:
        standing = self._standing
        standing.legs.engine = LegState.UP
        standing.legs.answered = True
        standing.enter(CallState.ANSWERING, now + standing.policy.ack_limit_s)
        return [ev.AnswerCustomer()], self._ordered or self._early
