"""[sans-IO] What the edge's decisions ask its driver to do."""

from dataclasses import dataclass

from sip.admission import Invite
from sip.counters import Count
from sip.messages import EdgeEvent, LegEnded
from sip.request import Request


@dataclass(frozen=True, slots=True)
class SendToWorker:
    """Send from the inside socket."""

    datagram: bytes
    port: int
    """On 127.0.0.1."""


@dataclass(frozen=True, slots=True)
class SendToNetwork:
    """Send from the outside socket."""

    datagram: bytes
    host: str
    """An IPv4 address, or a name to be resolved first."""
    port: int
    otherwise: SendToWorker | None = None
    """What to do when the name has no address."""


@dataclass(frozen=True, slots=True)
class AskAdmission:
    """Await admission in a task of its own and hand the answer to Gate.admission_answered."""

    request: Request
    invite: Invite


@dataclass(frozen=True, slots=True)
class WithdrawAdmission:
    """Cancel the task that asks about this transaction."""

    key: bytes


@dataclass(frozen=True, slots=True)
class ReportEvent:
    """Tell admission."""

    event: EdgeEvent | LegEnded


@dataclass(frozen=True, slots=True)
class NoteRefusal:
    """Something was refused or ignored; for the log."""

    why: Count
    status: int
    """0 when nothing was answered."""
    source: tuple[str, int]
    method: str
    caller: str
    """The user of From: a customer's number, to be masked in the log."""


Action = SendToWorker | SendToNetwork | AskAdmission | WithdrawAdmission | ReportEvent | NoteRefusal
