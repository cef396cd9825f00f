"""[sans-IO] What a SIP session of the simulator reports to whoever owns it."""

from dataclasses import dataclass

from sip.messages import Direction, Header


@dataclass(frozen=True)
class Progress:
    """A provisional response to our INVITE came."""

    status: int


@dataclass(frozen=True)
class Answered:
    """The call is up: 200 came to our INVITE, or the ACK to our 200."""


@dataclass(frozen=True)
class Refused:
    """Our INVITE failed, 408 when nobody answered; or the INVITE to us was cancelled (487)."""

    status: int
    headers: tuple[Header, ...] = ()


@dataclass(frozen=True)
class Ended:
    """A call that was up is over; said once."""

    by_peer: bool
    reason: str
    """BYE, or what went wrong."""
    headers: tuple[Header, ...] = ()
    """Of the BYE, whoever sent it."""


@dataclass(frozen=True)
class MediaAgreed:
    """An offer and an answer are agreed, the first or a later one."""

    direction: Direction
    """Seen from our side."""


@dataclass(frozen=True)
class Refreshed:
    """The session was refreshed."""

    method: str
    by_peer: bool


@dataclass(frozen=True)
class InfoArrived:
    """An INFO came; 200 was answered."""

    content_type: str
    body: bytes


@dataclass(frozen=True)
class NotifyArrived:
    """A NOTIFY came about a REFER of ours; 200 was answered."""

    status: int
    """Of the status line in its body."""
    final: bool
    """Its subscription is terminated."""


@dataclass(frozen=True)
class ReferArrived:
    """A REFER came; 202 was answered."""

    refer_to: str
    cseq: int
    wants_notify: bool


SessionEvent = (
    Progress | Answered | Refused | Ended | MediaAgreed | Refreshed | InfoArrived | NotifyArrived | ReferArrived
)
