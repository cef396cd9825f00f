"""The settings of the media process, every Command it obeys and every Event it reports."""

import enum
from dataclasses import dataclass, field

from bridge.media.statistics import PlayoutStatistics, QualitySample, SideStatistics
from bridge.media.stream_messages import DefineEngine, ForgetEngine, StreamCommand, StreamEvent
from sip.messages import Codec


class Side(enum.StrEnum):
    """One of the two RTP ports of a call."""

    CUSTOMER = "customer"
    ENGINE = "engine"


class Flow(enum.StrEnum):
    """What the customer and the engine hear."""

    RELAY = "relay"
    #: Each hears the other; silence where the other is missing.
    SILENCE = "silence"
    #: Both hear silence: the customer is being handed over.


class Prompt(enum.StrEnum):
    """What the customer hears instead of silence, over and over."""

    NONE = ""
    WAIT = "wait"
    #: The engine is being replaced.
    UNAVAILABLE = "unavailable"
    #: No engine can be had: a human will come.


class Follow(enum.StrEnum):
    """Whether replies follow packets that come from elsewhere than the SDP says (symmetric RTP, RFC 4961).

    SDP is what the other side's signalling vouches for. Following anyone lets whoever guesses a port first listen to
    the call and speak in it, so only the port may differ by default: what a NAT or an SBC changes.
    """

    ADDRESS = "address"
    #: Another port of the SDP's address.
    ANY = "any"
    #: The first source that speaks after a SetRemote: for peers whose SDP shows a private address.
    NEVER = "never"
    #: Nothing but the SDP's address and port.


@dataclass(frozen=True)
class MediaSettings:
    """How the media process works; said again, what of it concerns calls holds for those that come then."""

    listen_address: str
    """IPv4 address the RTP ports are bound to; 0.0.0.0 for all."""
    public_address: str
    """IPv4 address the other sides see, for SDP. The bound port is the public one."""
    first_port: int
    last_port: int
    """RTP ports are the even numbers from first to last, two a call. Odd ones stay unused: RTCP is not relayed."""
    rtp_timeout_s: float
    """Silence on the wire, in seconds, after which a side that should send is reported; 0 never."""
    port_rest_s: float
    """Seconds a port is left alone after a call."""
    follow: Follow = Follow.ADDRESS
    dead_air_s: float = 0.0
    """When nobody has said anything for so many seconds it is reported, and once more after twice as long; 0 never."""
    wait_prompt: str = ""
    """WAV file that the customer hears while an engine is being replaced; empty: a soft tone of ours."""
    unavailable_prompt: str = ""
    """WAV file that the customer hears when no engine can be had; empty: the same tone."""


@dataclass(frozen=True)
class BindPorts:
    """Bind so many pairs of ports ahead of the calls that need them; answered by PortsBound."""

    pairs: int


@dataclass(frozen=True)
class OpenSession:
    """Two ports for a call; answered by SessionOpened or SessionRefused, and if they were bound ahead only by that."""

    call: str
    codec: Codec
    """What silence is written in until the first SetRemote."""
    customer_port: int = 0
    """0 takes the next free one of the range; a number is one of PortsBound, or for reopening after a restart."""
    engine_port: int = 0


@dataclass(frozen=True)
class SetRemote:
    """Where one side's RTP goes and what it is, as its SDP says; said again after each negotiation."""

    call: str
    side: Side
    address: str
    port: int
    codec: Codec
    telephone_event: int | None
    send: bool
    """We may send to this side."""
    receive: bool
    """This side is expected to send to us; the watchdog runs only while it is."""
    silent_s: float = 0.0
    """How long it has sent nothing, when a process that died has watched it before."""


@dataclass(frozen=True)
class SetFlow:
    """Relay, or silence both ways; the customer may hear a prompt instead of silence."""

    call: str
    flow: Flow
    prompt: Prompt = Prompt.NONE


@dataclass(frozen=True)
class SendDigits:
    """Play digits to a side as RFC 4733 events; to an engine that is reached by WebSocket, in its dialect's words."""

    call: str
    side: Side
    digits: str


@dataclass(frozen=True)
class Record:
    """Write the audio of a call to a file; said again to pause, to go on, and to a process that takes the call over."""

    call: str
    path: str
    """The file's, once it is complete; until then .part follows."""
    codec: Codec
    """What it is written in."""
    started: float
    """What time.monotonic() is at its first sample."""
    paused: bool = False
    """Both sides are silence for now."""


@dataclass(frozen=True)
class CloseSession:
    """Close both ports and let them rest; answered by SessionClosed."""

    call: str


@dataclass(frozen=True)
class RestPorts:
    """Let these ports rest: calls before a restart used them a short while ago."""

    ports: tuple[int, ...]


#: What the relay does.
AudioCommand = (
    MediaSettings | BindPorts | OpenSession | SetRemote | SetFlow | SendDigits | Record | CloseSession | RestPorts
)
Command = AudioCommand | DefineEngine | ForgetEngine | StreamCommand


@dataclass(frozen=True)
class ProcessReady:
    """The media process takes commands."""

    pid: int


@dataclass(frozen=True)
class PortsBound:
    """These ports wait for OpenSession."""

    pairs: tuple[tuple[int, int], ...]
    """The customer's and the engine's; fewer than wanted where no more can be had."""


@dataclass(frozen=True)
class SessionOpened:
    """Both ports are bound."""

    call: str
    customer_port: int
    engine_port: int


@dataclass(frozen=True)
class SessionRefused:
    """No ports could be bound."""

    call: str
    reason: str


@dataclass(frozen=True)
class AudioStarted:
    """The first RTP packet of a side arrived."""

    call: str
    side: Side


@dataclass(frozen=True)
class DtmfReceived:
    """A side pressed a key (RFC 4733); once a key, however many packets said so."""

    call: str
    side: Side
    digit: str
    duration_ms: int


@dataclass(frozen=True)
class RtpTimedOut:
    """A side that should send has been silent on the wire for rtp_timeout."""

    call: str
    side: Side
    silent_s: float


@dataclass(frozen=True)
class DeadAir:
    """Nobody says anything, or the bot leaves the customer without an answer."""

    call: str
    side: Side
    """Who owes the next word."""
    silent_s: float
    last: bool
    """The second report: it has lasted twice the limit."""


@dataclass(frozen=True)
class RecordingStopped:
    """A call is not recorded any more though it goes on: what there is of it can be played."""

    call: str
    reason: str


@dataclass(frozen=True)
class CallQuality:
    """How one call's audio was in the past second."""

    call: str
    customer: QualitySample | None
    """None: nothing has come from that side yet."""
    engine: QualitySample | None


@dataclass(frozen=True)
class QualityTick:
    """How the audio of the calls was in the past second: of all that have some, or, of many calls, of some."""

    calls: tuple[CallQuality, ...]


@dataclass(frozen=True)
class SessionClosed:
    """The session is gone; its ports rest."""

    call: str
    customer: SideStatistics = field(default_factory=SideStatistics)
    engine: SideStatistics = field(default_factory=SideStatistics)
    playout: PlayoutStatistics | None = None
    """None: no engine was reached by WebSocket."""


Event = (
    ProcessReady
    | PortsBound
    | SessionOpened
    | SessionRefused
    | AudioStarted
    | DtmfReceived
    | RtpTimedOut
    | DeadAir
    | RecordingStopped
    | QualityTick
    | SessionClosed
    | StreamEvent
)
