"""[sans-IO] What can happen to a call, and what a call wants done."""

from dataclasses import dataclass

from bridge.engines.events import EngineEnded, EngineFailed, EngineReady, Fate, VerdictGiven
from bridge.media.messages import Flow, Prompt, Side
from bridge.verdicts import Verdict
from bridge.wrapup.plan import CustomerLeg
from sip.messages import Leg

# Events


@dataclass(frozen=True)
class CallOpened:
    """Ports, dialogs and the agent are taken: an engine can be reached. The worker gets LiveVox's INVITE next."""


@dataclass(frozen=True)
class InviteTaken:
    """The worker has LiveVox's INVITE."""


@dataclass(frozen=True)
class CustomerAnswered:
    """LiveVox acknowledged our 200."""


@dataclass(frozen=True)
class CustomerEnded:
    """LiveVox's leg is over."""

    by_peer: bool
    status: int


@dataclass(frozen=True)
class AudioTimedOut:
    """A side that should send audio sends none."""

    side: Side


@dataclass(frozen=True)
class DeadAir:
    """Nobody says anything, or the bot leaves the customer without an answer."""

    side: Side
    """Who owes the next word."""
    silent_s: float
    last: bool
    """It has lasted twice the limit: nobody will say anything any more."""


@dataclass(frozen=True)
class Ordered:
    """A verdict by the HTTP API: whoever gave it, it counts."""

    verdict: Verdict


@dataclass(frozen=True)
class WorkerLost:
    """The SIP worker that held both legs is dead: nothing more can be said in SIP."""


@dataclass(frozen=True)
class PartFailed:
    """Something of ours that the call cannot do without is gone for good: its audio ports, for example."""


@dataclass(frozen=True)
class Drained:
    """The service stops and waits no longer."""


@dataclass(frozen=True)
class TransferUnderWay:
    """LiveVox is calling the human and holds the customer."""


@dataclass(frozen=True)
class TransferSucceeded:
    """The customer is with a human."""


@dataclass(frozen=True)
class TransferFailed:
    """No contact of the list took the customer."""

    reason: str
    back_to_bot: bool
    """The customer is with us again and the bot goes on."""


@dataclass(frozen=True)
class HangUpWanted:
    """The wrap-up has come to the point where our leg of the customer ends."""


@dataclass(frozen=True)
class WrapUpFinished:
    """LiveVox has its disposition, or we know that it will not."""


CallEvent = (
    CallOpened
    | InviteTaken
    | EngineReady
    | EngineFailed
    | EngineEnded
    | VerdictGiven
    | CustomerAnswered
    | CustomerEnded
    | AudioTimedOut
    | DeadAir
    | Ordered
    | WorkerLost
    | PartFailed
    | Drained
    | TransferUnderWay
    | TransferSucceeded
    | TransferFailed
    | HangUpWanted
    | WrapUpFinished
)

#: What becomes of a call that cannot go on with its bot after one of these.
FATE_OF: dict[type[CallEvent], Fate] = {
    AudioTimedOut: Fate.RTP_TIMEOUT,
    PartFailed: Fate.BRIDGE_FAILURE,
    Drained: Fate.DRAINED,
}

# Commands


@dataclass(frozen=True)
class ConnectEngine:
    """Reach this engine of the settings."""

    name: str


@dataclass(frozen=True)
class PassOverEngine:
    """This engine is not tried: its circuit is open."""

    name: str


@dataclass(frozen=True)
class DropEngine:
    """End the engine's leg, whatever its state."""

    fate: Fate


@dataclass(frozen=True)
class AnswerCustomer:
    """200 OK."""


@dataclass(frozen=True)
class RefuseCustomer:
    """A final response that lets LiveVox route on."""

    status: int
    fate: Fate


@dataclass(frozen=True)
class HangUpCustomer:
    """BYE, or whatever ends LiveVox's leg in its state."""

    fate: Fate


@dataclass(frozen=True)
class SetAudio:
    """Relay, or silence to both; the customer may hear a prompt instead."""

    flow: Flow
    prompt: Prompt = Prompt.NONE


@dataclass(frozen=True)
class FetchScreenPop:
    """Ask LiveVox for the screen pop and give it to the engine."""


@dataclass(frozen=True)
class StartWrapUp:
    """Bring the call to its end in LiveVox."""

    fate: Fate
    verdict: Verdict | None
    customer: CustomerLeg
    bot_present: bool
    answered: bool
    """The customer was bridged to us: LiveVox will want a disposition."""


@dataclass(frozen=True)
class TellWrapUp:
    """A wrap-up under way must know that a leg is gone."""

    gone: Leg
    worker_lost: bool = False
    """Gone because nobody holds it any more: LiveVox still has the customer on it, and we cannot send BYE."""


@dataclass(frozen=True)
class ReportTransfer:
    """Tell the bot how its transfer went: 100 while it runs, 200 done, 4xx or 5xx not done."""

    status: int


@dataclass(frozen=True)
class TellDeadAir:
    """Tell the bot that nobody has said anything for so long."""

    silent_s: float


@dataclass(frozen=True)
class Close:
    """Both legs are over and the wrap-up is finished."""


CallCommand = (
    ConnectEngine
    | PassOverEngine
    | DropEngine
    | AnswerCustomer
    | RefuseCustomer
    | HangUpCustomer
    | SetAudio
    | FetchScreenPop
    | StartWrapUp
    | TellWrapUp
    | ReportTransfer
    | TellDeadAir
    | Close
)
