"""Every Event a SIP worker or the edge reports, and every Command a worker obeys."""

import enum
from dataclasses import dataclass


class Leg(enum.StrEnum):
    """One of the two dialogs of a call."""

    CUSTOMER = "customer"
    #: LiveVox's INVITE to us: the customer's side.
    ENGINE = "engine"
    #: Our INVITE to a SIP speech engine.


class Direction(enum.StrEnum):
    """Which way audio may flow on a leg, seen from our side (RFC 4566 section 6)."""

    SENDRECV = "sendrecv"
    SENDONLY = "sendonly"
    RECVONLY = "recvonly"
    INACTIVE = "inactive"

    @classmethod
    def of(cls, sends: bool, receives: bool) -> "Direction":
        """The direction in which we may do so."""
        if sends:
            return cls.SENDRECV if receives else cls.SENDONLY
        return cls.RECVONLY if receives else cls.INACTIVE

    @property
    def sends(self) -> bool:
        """We may send audio to the other side."""
        return self in (Direction.SENDRECV, Direction.SENDONLY)

    @property
    def receives(self) -> bool:
        """The other side may send audio to us."""
        return self in (Direction.SENDRECV, Direction.RECVONLY)


class Codec(enum.StrEnum):
    """The codecs we carry; both have a static payload type (RFC 3551 table 4)."""

    PCMU = "PCMU"
    PCMA = "PCMA"

    def __init__(self, name: str) -> None:
        #: The static RTP payload type. No property: it is asked for each packet.
        self.payload_type = 0 if name == "PCMU" else 8


@dataclass(frozen=True)
class Header:
    """One SIP header line."""

    name: str
    value: str


@dataclass(frozen=True)
class MediaOffer:
    """What we say in our own SDP: the answer to the customer, the offer to the engine."""

    address: str
    """The IPv4 address the other side must send RTP to."""
    port: int
    codecs: tuple[Codec, ...]
    """In order of preference; one once it is chosen."""
    telephone_event: int | None
    """Payload type of RFC 4733 events, the same on both legs; None where the offer had none."""


# Commands: from the bridge to a worker.


@dataclass(frozen=True)
class Answer:
    """Send 200 OK on the customer's leg."""

    call: str
    media: MediaOffer
    """What the 200 says if the INVITE had no SDP; else what the answer already said."""


@dataclass(frozen=True)
class Refuse:
    """Send a final response of 300 or more on the customer's leg."""

    call: str
    status: int
    headers: tuple[Header, ...] = ()


@dataclass(frozen=True)
class Dial:
    """Send an INVITE to a SIP engine."""

    call: str
    uri: str
    """Request URI and To of the engine."""
    caller: str
    """URI for From: the customer."""
    display_name: str
    sip_call_id: str
    headers: tuple[Header, ...]
    media: MediaOffer


@dataclass(frozen=True)
class HangUp:
    """End a leg: CANCEL, BYE or a refusal, whichever its state asks for."""

    call: str
    leg: Leg
    headers: tuple[Header, ...] = ()
    """For the BYE: Reason (RFC 3326) and our own."""


@dataclass(frozen=True)
class SendRequest:
    """Send INFO or NOTIFY inside a leg's dialog."""

    call: str
    leg: Leg
    method: str
    headers: tuple[Header, ...] = ()
    content_type: str = ""
    body: str = ""


@dataclass(frozen=True)
class Stop:
    """Hang up what is left and exit."""


Command = Answer | Refuse | Dial | HangUp | SendRequest | Stop

# Events: what a worker reports.


@dataclass(frozen=True)
class WorkerReady:
    """The worker listens."""

    port: int
    """Its SIP port on 127.0.0.1."""
    capacity: int
    """Dialogs it can hold, as the library says."""


@dataclass(frozen=True)
class SlotsLingering:
    """Dialog slots still occupied by legs that have ended (their peer does not answer)."""

    count: int


@dataclass(frozen=True)
class InviteArrived:
    """The worker has LiveVox's INVITE and has sent 180."""

    call: str


@dataclass(frozen=True)
class LegRinging:
    """A provisional response above 100 came from the engine."""

    call: str
    leg: Leg
    status: int


@dataclass(frozen=True)
class LegAnswered:
    """The dialog is confirmed: ACK received from the customer's side, or 200 from the engine."""

    call: str
    leg: Leg


@dataclass(frozen=True)
class LegMedia:
    """An offer and answer are agreed on this leg, the first or a later one."""

    call: str
    leg: Leg
    address: str
    """Where the other side wants RTP; 0.0.0.0 when it wants none."""
    port: int
    codec: Codec
    telephone_event: int | None
    direction: Direction


@dataclass(frozen=True)
class LegEnded:
    """The leg is over, for whatever reason; said once a leg."""

    call: str
    leg: Leg
    by_peer: bool
    """The other side ended it (BYE, CANCEL, refusal); false: we did, or it timed out."""
    status: int
    """The last status: 200 after a BYE, 487 after a CANCEL, the refusal's code."""
    reason: str
    headers: tuple[Header, ...] = ()
    """X-*, Reason and Retry-After headers of the BYE or the final response."""


@dataclass(frozen=True)
class RequestAnswered:
    """A final response to an INFO or NOTIFY of ours came (408: none came)."""

    call: str
    leg: Leg
    method: str
    status: int


@dataclass(frozen=True)
class CommandFailed:
    """The library refused a command; expected when a leg ended at the same moment."""

    call: str
    command: str
    error: str


@dataclass(frozen=True)
class WorkerLogged:
    """A line for the log; the pool writes it, nobody else sees it."""

    level: str
    """A name of a log level: "error", "warning", "info", "debug"."""
    text: str


# Events: what the edge answers itself and reports.


@dataclass(frozen=True)
class InfoReceived:
    """An INFO inside a dialog; the edge has answered 200."""

    call: str
    leg: Leg
    content_type: str
    body: bytes


@dataclass(frozen=True)
class ReferReceived:
    """A REFER inside a dialog; the edge has answered 202."""

    call: str
    leg: Leg
    refer_to: str
    """The Refer-To URI as it stood in the header."""
    cseq: int
    """The REFER's CSeq number: the id of its subscription (RFC 3515 section 2.4.6)."""
    subscribe: bool
    """False when the REFER said Refer-Sub: false (RFC 4488): no NOTIFY is wanted."""


WorkerEvent = (
    WorkerReady
    | SlotsLingering
    | InviteArrived
    | LegRinging
    | LegAnswered
    | LegMedia
    | LegEnded
    | RequestAnswered
    | CommandFailed
)
WorkerReport = WorkerEvent | WorkerLogged
EdgeEvent = InfoReceived | ReferReceived
Event = WorkerEvent | EdgeEvent

# Private headers between edge and worker; the edge strips them from what comes from or goes outside.

#: Names the call: on LiveVox's INVITE towards the worker, on the engine's INVITE from it.
CALL_HEADER = "X-Bridge-Call"
#: Our media for the answer, as JSON of a MediaOffer, on LiveVox's INVITE towards the worker.
MEDIA_HEADER = "X-Bridge-Media"
#: The URI parameter of the forced Contact that names the worker.
WORKER_PARAMETER = "w"
