"""What is said to and by the media process of engines that are reached by WebSocket."""

from dataclasses import dataclass, field

from bridge.call_facts import CallFacts
from bridge.verdicts import Complete, Transfer


@dataclass(frozen=True)
class DefineEngine:
    """How an engine is reached by WebSocket; said before its first stream, and again when its settings change."""

    engine: str
    """Its name in the settings."""
    kind: str
    """One of bridge.dialects.KINDS."""
    settings: str = field(repr=False)
    """Its DialectSection as JSON; secrets may stand among its headers."""
    secret: str = field(repr=False)
    outcomes: tuple[str, ...]
    """What the bot may name: the outcomes and targets of the settings."""
    targets: tuple[str, ...]
    contact_fields: tuple[str, ...] = ()
    """What it may write of the customer: fields of the contact, and keys of the call's context."""
    context_keys: tuple[str, ...] = ()


@dataclass(frozen=True)
class ForgetEngine:
    """No stream of this engine will be started any more."""

    engine: str


@dataclass(frozen=True)
class StartStream:
    """Connect an engine by WebSocket instead of the engine's RTP port; StreamReady or StreamFailed follows."""

    call: str
    stream: int
    """Counts the tries of this call; the events of a stream carry it."""
    engine: str
    facts: CallFacts
    traceparent: str = ""
    """A header of the WebSocket's HTTP request (W3C Trace Context); empty: none."""


@dataclass(frozen=True)
class AnswerStream:
    """The customer is on the line: what the engine says is played from now on."""

    call: str
    stream: int


@dataclass(frozen=True)
class ShowScreenPop:
    """LiveVox's data of the customer, for the bot."""

    call: str
    stream: int
    rows: tuple[tuple[str, str], ...]
    fields: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class TellTransfer:
    """How the transfer goes that the bot asked for: 100 it runs, 200 done, 300 and more it failed."""

    call: str
    stream: int
    status: int


@dataclass(frozen=True)
class AnswerTool:
    """What a forwarded function answered."""

    call: str
    stream: int
    id: str
    output: str
    """JSON."""


@dataclass(frozen=True)
class StopStream:
    """Say goodbye to the engine and close its WebSocket; StreamEnded or StreamFailed follows."""

    call: str
    stream: int
    fate: str


StreamCommand = StartStream | AnswerStream | ShowScreenPop | TellTransfer | AnswerTool | StopStream


@dataclass(frozen=True)
class StreamReady:
    """The engine can talk; the first time only."""

    call: str
    stream: int


@dataclass(frozen=True)
class StreamFailed:
    """The engine was never ready: why."""

    call: str
    stream: int
    reason: str


@dataclass(frozen=True)
class StreamEnded:
    """An engine that was ready is gone, and no reconnect brought it back."""

    call: str
    stream: int
    lost: bool
    """It did not say goodbye, and we did not hang up."""
    reason: str
    verdict: Complete | None = None
    """What it said with its goodbye."""


@dataclass(frozen=True)
class StreamVerdict:
    """The bot said what should become of the call: one of both is set."""

    call: str
    stream: int
    complete: Complete | None = None
    transfer: Transfer | None = None


@dataclass(frozen=True)
class StreamNote:
    """An entry for the call's timeline."""

    call: str
    stream: int
    what: str
    facts: str
    """A JSON object of words and numbers."""


@dataclass(frozen=True)
class StreamTranscript:
    """What was said, by the bot or the customer."""

    call: str
    stream: int
    role: str
    text: str


@dataclass(frozen=True)
class StreamRecording:
    """The bot wants the recording paused, or to go on."""

    call: str
    stream: int
    paused: bool


@dataclass(frozen=True)
class StreamTool:
    """The bot uses a function that is forwarded by HTTP; AnswerTool is awaited."""

    call: str
    stream: int
    id: str
    name: str
    arguments: str
    """JSON."""


StreamEvent = (
    StreamReady
    | StreamFailed
    | StreamEnded
    | StreamVerdict
    | StreamNote
    | StreamTranscript
    | StreamRecording
    | StreamTool
)
