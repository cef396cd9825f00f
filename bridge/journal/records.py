"""[sans-IO] What is written down of a call: each record is a fact that must survive the bridge."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass

from bridge.verdicts import Verdict
from bridge.wrapup.plan import CallIds
from bridge.wrapup.steps import Finished

Fact = str | int | float | bool | None


class Effect(enum.StrEnum):
    """Whether LiveVox has done what it was asked for."""

    DONE = "done"
    NONE = "none"
    UNKNOWN = "unknown"
    """No answer came, or the bridge died before it."""


@dataclass(frozen=True)
class CallAdmitted:
    """A customer's INVITE was taken; `at` in seconds since the epoch, here and below.

    Numbers of customers are written as they are.
    """

    call: str
    at: float
    agent: str
    caller: str
    ids: CallIds
    """As far as the INVITE said them."""
    stray: bool = False
    """It is none of ours: LiveVox shows it on an agent. Webhooks are not told of it."""


@dataclass(frozen=True)
class CallAnswered:
    """LiveVox got its 200: from now on it will want a disposition."""

    call: str
    at: float
    stray: bool = False


@dataclass(frozen=True)
class ScreenPopCame:
    """LiveVox has shown who the customer is; written down only as what webhooks are told."""

    call: str
    at: float
    rows: tuple[tuple[str, str], ...]
    """Key and value."""


@dataclass(frozen=True)
class DeliveryTried:
    """A message was sent to a webhook, or could not be."""

    call: str
    at: float
    delivery: int
    """Its row."""
    next_at: float | None
    """When it is tried again; None: it was taken, or given up."""
    error: str
    """Empty: it was taken."""


@dataclass(frozen=True)
class IdsLearned:
    """LiveVox said what it calls the call."""

    call: str
    ids: CallIds


@dataclass(frozen=True)
class OutcomeDecided:
    """What is to become of the call; on disk before LiveVox is asked for anything."""

    call: str
    at: float
    fate: str
    verdict: Verdict | None


@dataclass(frozen=True)
class OutcomeReopened:
    """The bot has the customer back: what becomes of the call is open again."""

    call: str


@dataclass(frozen=True)
class StepBegun:
    """LiveVox is about to be asked for something that must not be done twice; on disk before it is asked."""

    call: str
    at: float
    step: str
    """The endpoint, as the API's documents name it."""
    about: str
    """The term code, or the contact."""


@dataclass(frozen=True)
class StepEnded:
    """LiveVox answered, or did not."""

    call: str
    at: float
    step: str
    ms: float
    effect: Effect
    error: str
    """Empty: done."""


@dataclass(frozen=True)
class EntryNoted:
    """An entry of the timeline."""

    call: str
    at: float
    elapsed_ms: float
    what: str
    facts: Mapping[str, Fact]


@dataclass(frozen=True)
class MessageSeen:
    """A message about the call went over the wire; the text is without secrets."""

    call: str
    at: float
    protocol: str
    """sip or rest."""
    leg: str
    """customer or engine; empty: none of the two."""
    sent: bool
    """By the bridge."""
    peer: str
    """host:port."""
    text: str


@dataclass(frozen=True)
class QualityNoted:
    """How one side's audio was, a sample a second."""

    call: str
    at: float
    """Of the first sample."""
    side: str
    samples: tuple[tuple[float, ...], ...]
    """Each in the order of bridge.media.statistics.QualitySample."""


@dataclass(frozen=True)
class CallDisposed:
    """The wrap-up is over."""

    call: str
    at: float
    result: Finished


@dataclass(frozen=True)
class CallClosed:
    """Nothing is left to be done for the call."""

    call: str
    at: float
    line: Mapping[str, Fact]
    """The call's canonical log line."""
    trouble: tuple[str, ...] = ()
    """What went wrong, by name; empty: nothing."""
    stray: bool = False


@dataclass(frozen=True)
class CallCorrected:
    """A wrap-up that was given up was repeated after the call was closed; webhooks are not told."""

    call: str
    line: Mapping[str, Fact]
    trouble: tuple[str, ...]


@dataclass(frozen=True)
class ActionTaken:
    """An operator did something."""

    call: str
    """Empty: it was not about a call."""
    at: float
    who: str
    """The token's scope, and where the request came from."""
    did: str
    about: str
    result: str


Record = (
    CallAdmitted
    | CallAnswered
    | ScreenPopCame
    | DeliveryTried
    | IdsLearned
    | OutcomeDecided
    | OutcomeReopened
    | StepBegun
    | StepEnded
    | EntryNoted
    | MessageSeen
    | QualityNoted
    | CallDisposed
    | CallClosed
    | CallCorrected
    | ActionTaken
)
