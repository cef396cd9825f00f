"""[sans-IO] What happens to a virtual agent, what it wants done, and what it tells the rest of the bridge."""

import enum
from dataclasses import dataclass, field


class AgentPhase(enum.StrEnum):
    """Where a virtual agent is in its day."""

    LOGGED_OUT = "logged_out"
    """No session; the next log-in is due, or the bridge stops."""
    LOGGING_IN = "logging_in"
    JOINING = "joining"
    """There is a session; the agent looks where it stands and joins its service if need be."""
    NOT_READY = "not_ready"
    READY = "ready"
    ON_CALL = "on_call"
    """A call of ours, or one that only LiveVox's status shows."""
    WRAP_UP = "wrap_up"
    CYCLING = "cycling"
    """The hourly Not Ready and Ready again."""
    LOCKED = "locked"
    """The credentials were refused; an operator's resume leads out, or another password in the settings."""
    CLOSED = "closed"
    """Outside the open hours, logged out."""
    PAUSED = "paused"
    """Not Ready because an operator wants it so."""
    LEAVING = "leaving"
    """On the way out of service, until LiveVox shows Not Ready; a call that still comes is taken."""
    LOGGING_OUT = "logging_out"
    """Leaves the service and logs out."""


@dataclass(frozen=True)
class AgentIdentity:
    """Who a virtual agent is."""

    number: str
    """10 digits, "8990000001"."""
    user_name: str
    service_id: str
    spread: float
    """This agent's share of a period, 0 <= spread < 1: what all agents do periodically, each does at its own time."""


# Events: results of the one command under way.


@dataclass(frozen=True)
class LoggedIn:
    """LiveVox gave a session, a new one or the one that was still valid."""

    session: str = field(repr=False)
    days_until_password_expires: int | None = None


@dataclass(frozen=True)
class LoginRefused:
    """LiveVox answered a log-in with an error."""

    permanent: bool
    """The credentials are wrong: another try may lock the account. Otherwise LiveVox does not say whose fault it is."""
    detail: str
    retry_after_s: float | None = None
    """What LiveVox asked us to wait."""


@dataclass(frozen=True)
class StepDone:
    """The command was carried out."""


@dataclass(frozen=True)
class StepFailed:
    """The command was not carried out, or nobody knows."""

    retryable: bool
    """The same request may succeed later; otherwise LiveVox refuses it as it is."""
    maybe_done: bool
    """No answer came: LiveVox may have carried it out."""
    session_lost: bool
    detail: str
    retry_after_s: float | None = None
    """What LiveVox asked us to wait."""


@dataclass(frozen=True)
class StepDropped:
    """The command was not sent: it was no longer wanted when its turn came."""


@dataclass(frozen=True)
class StatusRead:
    """What agent/status says of the agent's line."""

    state: str
    """A LineState, another text, or "" where the answer shows no line."""
    transaction_id: str | None = None
    session_id: str | None = None
    """Of the call on the line, as the transaction."""


# Events: what others do.


@dataclass(frozen=True)
class CallStarted:
    """An INVITE for this agent was taken; or, after a restart, a call of ours is still to be wrapped up."""

    call: str


@dataclass(frozen=True)
class CallWrapping:
    """The customer has left our call; its disposition is being set."""

    call: str


@dataclass(frozen=True)
class CallClosed:
    """Nothing more is to be done for the call."""

    call: str
    state: str | None
    """The state wrap-up saw last; None: it does not know."""


@dataclass(frozen=True)
class SessionEnded:
    """A request outside the agent's own steps found this session invalid."""

    session: str = field(repr=False)


@dataclass(frozen=True)
class Open:
    """The open hours begin, or the bridge has started within them."""


@dataclass(frozen=True)
class Close:
    """The open hours end."""


@dataclass(frozen=True)
class Pause:
    """An operator takes the agent out of service."""


@dataclass(frozen=True)
class Resume:
    """An operator puts the agent back into service, or lets it log in again after its credentials were refused."""


@dataclass(frozen=True)
class Retire:
    """The settings do not have the agent as it is any more: finish the call, leave, log out."""


@dataclass(frozen=True)
class Reinstate:
    """The settings have it again."""


@dataclass(frozen=True)
class NewPassword:
    """The next log-in is with another password, or API token: that one was refused does not matter any more."""


@dataclass(frozen=True)
class Stop:
    """The bridge stops: finish the call, leave, log out."""


@dataclass(frozen=True)
class Abandon:
    """The bridge waits no longer: leave and log out; with a call still open, leave all to the next start."""


StepResult = LoggedIn | LoginRefused | StepDone | StepFailed | StepDropped | StatusRead
AgentEvent = (
    StepResult
    | CallStarted
    | CallWrapping
    | CallClosed
    | SessionEnded
    | Open
    | Close
    | Pause
    | Resume
    | Retire
    | Reinstate
    | NewPassword
    | Stop
    | Abandon
)


# Commands: one at a time, each answered by one StepResult.


@dataclass(frozen=True)
class LogIn:
    """POST session/login."""


@dataclass(frozen=True)
class JoinService:
    """POST callControl/agent/service/join."""


@dataclass(frozen=True)
class GoReady:
    """POST callControl/agent/status/ready."""


@dataclass(frozen=True)
class GoNotReady:
    """POST callControl/agent/status/notReady."""


@dataclass(frozen=True)
class ReadStatus:
    """POST callControl/agent/status."""


@dataclass(frozen=True)
class LeaveService:
    """POST callControl/agent/service/leave."""


@dataclass(frozen=True)
class LogOut:
    """DELETE session/logout."""


AgentCommand = LogIn | JoinService | GoReady | GoNotReady | ReadStatus | LeaveService | LogOut


# What the agent tells the rest of the bridge.


@dataclass(frozen=True)
class AgentChanged:
    """The agent is in another phase, or (old equals new) something about it wants an operator's eye."""

    number: str
    old: AgentPhase
    new: AgentPhase
    reason: str
    alarm: bool = False


@dataclass(frozen=True)
class AgentStuck:
    """LiveVox shows the agent busy or in wrap-up for long, and no call of ours is open. Told again while it lasts."""

    number: str
    state: str
    """What LiveVox shows: WRAPUP, INCALL, …"""
    transaction_id: str | None
    lasted_s: float
    session_id: str | None = None
    """Of the call, as LiveVox shows it."""


AgentOutput = AgentCommand | AgentChanged | AgentStuck
