"""[sans-IO] A call before the answer: engines are tried until one can talk, while a worker gets LiveVox's INVITE."""

from bridge.calls import events as ev
from bridge.calls.conversation import Conversation
from bridge.calls.events import CallCommand, CallEvent
from bridge.calls.standing import Standing
from bridge.calls.states import CallState, LegState
from bridge.engines.events import EngineEnded, EngineFailed, EngineReady, Fate, VerdictGiven
from bridge.errors import InvalidTransition


class Ringing:
    """The states ADMITTED and CONNECTING.

    The engine is dialled before a worker has the INVITE. Until then nothing can be said on LiveVox's leg: whatever is
    to become of the customer waits for it.
    """

    def __init__(self, standing: Standing, conversation: Conversation) -> None:
        self._standing = standing
        self._conversation = conversation
        self._arrival_limit = self._engine_limit = standing.deadline
        self._ready = False
        """An engine can talk, or has said its farewell since."""
        self._refusal: Fate | None = None
        """Why the customer is refused, whatever the engines say."""
        self._early: VerdictGiven | EngineEnded | None = None
        """What the bot said before the customer was answered."""
        self._ordered: ev.Ordered | None = None

    def handle(self, event: CallEvent, now: float) -> list[CallCommand]:
        """What to do about an event; raises InvalidTransition."""
        standing = self._standing
        match event:
            case ev.CallOpened():
                return self._connect_next(now)
            case ev.InviteTaken() if standing.state is CallState.ADMITTED:
                standing.enter(CallState.CONNECTING, self._engine_limit)
                return self._settle(now)
            case EngineReady() if standing.legs.engine is LegState.PENDING:
                standing.legs.engine, self._ready = LegState.UP, True
                return self._settle(now)
            case EngineEnded(lost=False) if self._ready:
                self._early = self._early or event
                return []
            case EngineFailed() | EngineEnded():
                return [] if self._refusal else self._connect_next(now)
            case ev.PartFailed():
                return self._refuse(Fate.BRIDGE_FAILURE, now)
            case ev.Drained():
                return self._refuse(Fate.DRAINED, now)
        return self._note(event)

    def expire(self, now: float) -> list[CallCommand]:
        """No worker has the INVITE, or the engine is too slow."""
        standing = self._standing
        if standing.state is CallState.ADMITTED and standing.deadline == self._arrival_limit:
            return standing.refuse(Fate.BRIDGE_FAILURE, 500, now)
        return [*standing.legs.drop_engine(Fate.ENGINE_UNAVAILABLE), *self._connect_next(now)]

    def _note(self, event: CallEvent) -> list[CallCommand]:
        match event:
            case VerdictGiven():  # even of an engine whose 200 is on the way: a worker's events come after the edge's
                self._early = event
            case ev.Ordered():
                self._ordered = event
            case EngineReady() | ev.AudioTimedOut() | ev.DeadAir():  # the first, of an engine that was told to go
                pass
            case _:
                raise InvalidTransition(self._standing.state.name, type(event).__name__)
        return []

    def _connect_next(self, now: float) -> list[CallCommand]:
        standing = self._standing
        self._ready, self._early = False, None
        commands, _ = standing.reach_engine(standing.state, now)
        self._engine_limit = standing.deadline
        return [*commands, *self._settle(now)]

    def _refuse(self, fate: Fate, now: float) -> list[CallCommand]:
        self._refusal = fate
        if self._standing.state is CallState.CONNECTING:
            return self._standing.refuse(fate, 503, now)
        return [*self._standing.legs.drop_engine(fate), *self._settle(now)]

    def _settle(self, now: float) -> list[CallCommand]:
        """What becomes of the customer, once that is known and a worker has the INVITE."""
        standing = self._standing
        waits = standing.legs.engine is LegState.PENDING
        if standing.state is CallState.ADMITTED:
            limits = (self._arrival_limit, self._engine_limit if waits else None)
            standing.deadline = min(limit for limit in limits if limit is not None)
            return []
        if self._refusal is not None:
            return standing.refuse(self._refusal, 503, now)
        if self._ready:
            return self._answer(now)
        return [] if waits else self._do_without(now)

    def _do_without(self, now: float) -> list[CallCommand]:
        standing = self._standing
        if not standing.policy.answer_without_engine:
            return standing.refuse(Fate.ENGINE_UNAVAILABLE, 503, now)
        standing.legs.answered = True
        return [ev.AnswerCustomer(), *standing.rescue(Fate.ENGINE_UNAVAILABLE, now)]

    def _answer(self, now: float) -> list[CallCommand]:
        standing = self._standing
        standing.legs.answered = True
        standing.enter(CallState.ANSWERING, now + standing.policy.ack_limit_s)
        said = self._ordered or self._early
        return [ev.AnswerCustomer(), *(self._conversation.handle(said, now) if said else ())]
