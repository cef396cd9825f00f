"""[sans-IO] A virtual agent as others see it."""

from dataclasses import dataclass, field

from bridge.agents.messages import AgentPhase
from bridge.agents.virtual_agent import VirtualAgent


@dataclass(frozen=True)
class AgentView:
    """One agent at one moment."""

    number: str
    user_name: str
    state: AgentPhase
    session_id: str | None = field(repr=False)
    service_id: str
    call: str | None
    since: float
    """Epoch seconds at which this state began."""
    reason: str
    """Why it is in this state, or the last alarm in it."""
    days_until_password_expires: int | None
    steps: int
    """Requests made for its own life, not for calls."""
    takes_calls: bool
    """An INVITE for it may be taken."""
    paused: bool
    """An operator wants it out of service, though a call may still keep it there."""
    next_step_s: float | None
    """In how many seconds it does something by itself; None: not before something happens."""


@dataclass(frozen=True)
class Latest:
    """What was last told of an agent."""

    since: float
    """Epoch seconds at which its state began."""
    reason: str


def seen(agent: VirtualAgent, user_name: str, latest: Latest, steps: int, now: float) -> AgentView:
    """The agent, `now` on its own clock."""
    return AgentView(
        number=agent.identity.number,
        user_name=user_name,
        state=agent.phase,
        session_id=agent.session,
        service_id=agent.identity.service_id,
        call=agent.call,
        since=latest.since,
        reason=latest.reason,
        days_until_password_expires=agent.days_until_password_expires,
        steps=steps,
        takes_calls=agent.takes_calls,
        paused=agent.paused,
        next_step_s=None if agent.deadline is None else max(agent.deadline - now, 0.0),
    )
