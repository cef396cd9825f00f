"""The settings of the media process, every Command it obeys and every Event it reports."""

import enum
from dataclasses import dataclass, field

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
    """How the media process works; fixed for its life."""

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


@dataclass(frozen=True)
class OpenSession:
    """Bind two ports for a call; answered by SessionOpened or SessionRefused."""

    call: str
    codec: Codec
    """What silence is written in until the first SetRemote."""
    customer_port: int = 0
    """0 takes the next free one of the range; a number is for reopening after a restart."""
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


@dataclass(frozen=True)
class SetFlow:
    """Relay, or silence both ways."""

    call: str
    flow: Flow


@dataclass(frozen=True)
class SendDigits:
    """Play digits to a side as RFC 4733 events."""

    call: str
    side: Side
    digits: str


@dataclass(frozen=True)
class CloseSession:
    """Close both ports and let them rest; answered by SessionClosed."""

    call: str


@dataclass(frozen=True)
class RestPorts:
    """Let these ports rest: calls before a restart used them a short while ago."""

    ports: tuple[int, ...]


Command = OpenSession | SetRemote | SetFlow | SendDigits | CloseSession | RestPorts


@dataclass(frozen=True)
class ProcessReady:
    """The media process takes commands."""

    pid: int


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
class StreamStatistics:
    """What arrived from one side and what was sent to it."""

    received: int = 0
    """RTP packets taken from this side."""
    lost: int = 0
    """Expected less received (RFC 3550 appendix A.3); never below 0."""
    jitter_ms: float = 0.0
    """Interarrival jitter (RFC 3550 section 6.4.1), at the end."""
    relayed: int = 0
    """Packets of the other side sent on to this one."""
    silence: int = 0
    """Packets of silence of ours sent to this side."""
    unsent: int = 0
    """Packets among relayed and silence that the system refused to send."""
    unheard: int = 0
    """Packets of this side with nobody to hear them: the other side is not there yet, on hold, or in silence."""
    strangers: int = 0
    """Datagrams from another address than the SDP's: ignored."""
    invalid: int = 0
    """Datagrams that were not RTP: ignored."""
    digits: str = ""
    """Keys this side pressed."""


@dataclass(frozen=True)
class SessionClosed:
    """The session is gone; its ports rest."""

    call: str
    customer: StreamStatistics = field(default_factory=StreamStatistics)
    engine: StreamStatistics = field(default_factory=StreamStatistics)


Event = ProcessReady | SessionOpened | SessionRefused | AudioStarted | DtmfReceived | RtpTimedOut | SessionClosed
