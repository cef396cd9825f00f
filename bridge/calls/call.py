"""[sans-IO] The life of one call: from LiveVox's INVITE to both legs gone and the disposition set.

                                        REPLACING
                                           ▲│
    ADMITTED ─▶ CONNECTING ─▶ ANSWERING ─▶ TALKING ◀─▶ TRANSFERRING
        └────────────┴────────────┴──────────┴─────────────┴──▶ ENDING ─▶ CLOSED

An engine is reached from ADMITTED on; CONNECTING is passed through where it is ready before a worker has the INVITE. An
engine that is lost while ANSWERING is replaced too. Where no engine can be had, CONNECTING goes to TRANSFERRING, if the
settings want that, and so does REPLACING.

Feed it with `handle(event, now)`, and with `expire(now)` when `deadline` is reached; do what they return, in order.
"""

from collections.abc import Callable, Sequence

from bridge.calls import events as ev
from bridge.calls.conversation import Conversation
from bridge.calls.engine_queue import EngineQueue
from bridge.calls.events import CallCommand, CallEvent
from bridge.calls.hand_over import HandOver
from bridge.calls.legs import CallLegs
from bridge.calls.ringing import Ringing
from bridge.calls.standing import Standing
from bridge.calls.states import CallPolicy, CallState, EngineChoice, LegState
from bridge.engines.events import EngineEnded, EngineFailed, EngineReady, Fate, VerdictGiven
from bridge.errors import InvalidTransition
from bridge.verdicts import Verdict
from sip.messages import Leg

#: What may still come in after the end has begun, and needs no answer.
LATE = (
    ev.InviteTaken,
    EngineReady,
    VerdictGiven,
    ev.Ordered,
    ev.CustomerAnswered,
    ev.AudioTimedOut,
    ev.DeadAir,
    ev.PartFailed,
    ev.Drained,
    ev.TransferUnderWay,
    ev.TransferSucceeded,
    ev.TransferFailed,
)


class Call:
    """One call; of `engines`, those that `allows` has nothing against are tried in order."""

    def __init__(
        self,
        engines: Sequence[EngineChoice],
        policy: CallPolicy,
        now: float,
        allows: Callable[[str], bool] = lambda name: True,
    ) -> None:
        self._standing = Standing(EngineQueue(engines, allows), policy, now)
        self._conversation = Conversation(self._standing)
        self._ringing = Ringing(self._standing, self._conversation)
        self._hand_over = HandOver(self._standing)

    @property
    def state(self) -> CallState:
        """Where it is."""
        return self._standing.state

    @property
    def legs(self) -> CallLegs:
        """LiveVox's and the engine's."""
        return self._standing.legs

    @property
    def fate(self) -> Fate | None:
        """What it has come to; None while it is open."""
        return self._standing.fate

    @property
    def verdict(self) -> Verdict | None:
        """What the bot said, if that is what counts."""
        return self._standing.verdict

    @property
    def deadline(self) -> float | None:
        """When `expire` must be called."""
        return self._standing.deadline

    def handle(self, event: CallEvent, now: float) -> list[CallCommand]:
        """What to do about an event; raises InvalidTransition for one that cannot come in this state."""
        match event:
            case ev.CustomerEnded():
                return self._customer_ended(now)
            case ev.WorkerLost():
                return self._worker_lost(now)
            case ev.HangUpWanted():
                return self._standing.hang_up_customer(now)
            case ev.WrapUpFinished():
                self._standing.wrapped_up = True
                return self._standing.end_legs(now)
            case EngineEnded() | EngineFailed():
                self.legs.engine = LegState.GONE
        match self.state:
            case CallState.ADMITTED | CallState.CONNECTING:
                return self._ringing.handle(event, now)
            case CallState.TRANSFERRING:
                return self._hand_over.handle(event, now)
            case CallState.ENDING | CallState.CLOSED:
                return self._after_end(event)
        return self._conversation.handle(event, now)

    def expire(self, now: float) -> list[CallCommand]:
        """What to do now that the deadline is reached."""
        match self.state:
            case CallState.ADMITTED | CallState.CONNECTING:
                return self._ringing.expire(now)
            case CallState.ANSWERING | CallState.REPLACING:
                return self._conversation.expire(now)
            case CallState.ENDING:
                return self._standing.press_on(now)
        return self._hand_over.expire()

    def _after_end(self, event: CallEvent) -> list[CallCommand]:
        if isinstance(event, EngineEnded | EngineFailed):
            return [] if self.state is CallState.CLOSED else self._standing.close_if_over()
        if isinstance(event, LATE):
            return []
        raise InvalidTransition(self.state.name, type(event).__name__)

    def _customer_ended(self, now: float) -> list[CallCommand]:
        self.legs.customer_gone()
        match self.state:
            case CallState.ENDING:
                return [ev.TellWrapUp(Leg.CUSTOMER), *self._standing.close_if_over()]
            case CallState.CLOSED:
                return []
            case CallState.TRANSFERRING:
                # until then the bot may hear how it went
                self._standing.deadline = now + self._standing.policy.leg_end_limit_s
                return [ev.TellWrapUp(Leg.CUSTOMER)]
        return self._standing.finish(Fate.CUSTOMER_HUNG_UP, None, now, answered=self.legs.answered)

    def _worker_lost(self, now: float) -> list[CallCommand]:
        standing, was = self._standing, self.state
        drop = self.legs.lose_worker(Fate.BRIDGE_FAILURE)
        match was:
            case CallState.CLOSED:
                return []
            case CallState.ENDING | CallState.TRANSFERRING:
                told = ev.TellWrapUp(Leg.CUSTOMER, worker_lost=self.legs.stranded)
                return [*drop, *standing.hush(), ev.TellWrapUp(Leg.ENGINE), told, *standing.close_if_over()]
            case CallState.ADMITTED | CallState.CONNECTING:
                return [*drop, *standing.finish(Fate.BRIDGE_FAILURE, None, now, answered=False)]
        return [*drop, *standing.rescue(Fate.BRIDGE_FAILURE, now)]
