"""[sans-IO] What the edge asks about a new INVITE, and the answers it takes."""

from dataclasses import dataclass
from typing import Protocol

from sip.messages import EdgeEvent, Header, LegEnded, MediaOffer


@dataclass(frozen=True)
class Invite:
    """A new INVITE from the network that is in order as far as SIP goes."""

    request_uri: str
    caller: str
    """The user part of From, escapes left as they are; "" when it has none."""
    display_name: str
    """Of From, without quotes; "" when it has none."""
    sip_call_id: str
    headers: tuple[Header, ...]
    """All of them, unfolded, with long names; bytes that are not UTF-8 are replaced."""
    sdp: bytes
    """b"" when the offer comes later, in the ACK."""
    source: tuple[str, int]
    """Address and port it came from."""


@dataclass(frozen=True)
class Admitted:
    """The call is taken; the INVITE goes to this worker."""

    call: str
    worker: int
    media: MediaOffer


@dataclass(frozen=True)
class Refused:
    """The call is not taken."""

    status: int
    """300 to 699."""
    reason: str
    """For people, in a Warning header (RFC 3261 section 20.43)."""
    retry_after: int | None = None
    """Seconds, in a Retry-After header."""
    why: str = ""
    """One word of a few, for metrics."""


class Admission(Protocol):
    """Who decides about calls."""

    async def admit(self, invite: Invite) -> Admitted | Refused:
        """Take the call or not.

        A CANCEL cancels the task that awaits this. So whatever was reserved must be given back on CancelledError.
        Once this has returned Admitted, a LegEnded always tells the end of the leg, the edge's or the worker's.
        """
        ...

    def sip_event(self, event: EdgeEvent | LegEnded) -> None:
        """The edge has answered an INFO or REFER, or has ended a leg no worker can end any more."""
        ...

    @property
    def accepts_calls(self) -> bool:
        """False while draining: OPTIONS and new INVITEs get 503."""
        ...
