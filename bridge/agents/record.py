"""[sans-IO] What is known of one virtual agent: phase, session, call, old troubles, and what it does next."""

import enum
from dataclasses import dataclass
from random import Random

from bridge.agents.messages import (
    AgentChanged,
    AgentCommand,
    AgentIdentity,
    AgentOutput,
    AgentPhase,
    LogIn,
    ReadStatus,
)
from bridge.agents.policy import AgentPolicy, Backoff
from bridge.livevox.agent_status import LineState


class Hold(enum.Enum):
    """Why an agent shall not serve; several may hold at once."""

    OPERATOR = "paused by an operator"
    HOURS = "outside the open hours"
    SETTINGS = "no longer so in the settings"
    STOP = "the bridge stops"


class Standing(enum.Enum):
    """What a LineState means for an agent."""

    OUT = "out"
    """Not in the service."""
    COMING = "coming"
    """Joined, and not there yet."""
    NOT_READY = "not_ready"
    READY = "ready"
    BUSY = "busy"
    WRAP_UP = "wrap_up"
    UNKNOWN = "unknown"

    @classmethod
    def of(cls, state: str | None) -> "Standing":
        """What a line's state means; UNKNOWN for texts that are no LineState."""
        return _STANDINGS.get(state or "", cls.UNKNOWN)


_STANDINGS: dict[str, Standing] = {
    LineState.LOGOFF: Standing.OUT,
    LineState.LOGON: Standing.COMING,
    LineState.REGISTERING: Standing.COMING,
    LineState.NOTREADY: Standing.NOT_READY,
    LineState.MANUALDIAL: Standing.NOT_READY,
    LineState.PREVIEWDIAL: Standing.NOT_READY,
    LineState.READY: Standing.READY,
    LineState.RESERVED: Standing.BUSY,
    LineState.DIALING: Standing.BUSY,
    LineState.INCALL: Standing.BUSY,
    LineState.HOLD: Standing.BUSY,
    LineState.TRANSFERRING: Standing.BUSY,
    LineState.WRAPUP: Standing.WRAP_UP,
}


@dataclass(frozen=True)
class Joined:
    """A request to join the service."""

    at: float
    answered: bool
    """False: nobody knows whether it was carried out."""


class AgentRecord:
    """One agent's state; agents.py, agent_results.py and agent_settling.py have the rules that change it.

    All times are on the clock of the caller's `now`.
    """

    def __init__(self, identity: AgentIdentity, policy: AgentPolicy, chance: Random) -> None:
        self.identity = identity
        self.policy = policy
        self.phase = AgentPhase.LOGGED_OUT
        self.session: str | None = None
        self.arrived = False
        """It has had a session."""
        self.call: str | None = None
        """Our call, from its INVITE until its disposition is set."""
        self.days_until_password_expires: int | None = None
        self.holds = {Hold.HOURS}
        self.in_flight: AgentCommand | None = None
        self.next: tuple[float, AgentCommand] | None = None
        """When to do what, unless something happens before."""
        self.outputs: list[AgentOutput] = []
        self.login_at = 0.0
        """No log-in before that."""
        self.joined: Joined | None = None
        """None: this session has not joined."""
        self.ready_since = 0.0
        self.cycle_at = 0.0
        self.busy_since: float | None = None
        """Since when LiveVox shows a call or a wrap-up that is not ours."""
        self.stuck_at = 0.0
        """When to say so."""
        self.logins = Backoff(policy.login_backoff_s, chance)
        self.refused_logins = Backoff(policy.refused_login_backoff_s, chance)
        self.joins = Backoff(policy.join_backoff_s, chance)
        """Counts joins that failed or did not last."""
        self.readies = Backoff(policy.ready_backoff_s, chance)
        """Counts Readys that were refused or did not last."""
        self.looks = Backoff(policy.look_backoff_s, chance)
        self.leaves = Backoff(policy.leave_backoff_s, chance)

    @property
    def wants_session(self) -> bool:
        """To serve, or to dispose of a call."""
        return not self.holds or self.call is not None

    @property
    def only_paused(self) -> bool:
        """It shall not serve and stays logged in."""
        return self.holds == {Hold.OPERATOR}

    def enter(self, phase: AgentPhase, reason: str, next_: tuple[float, AgentCommand] | None = None) -> None:
        """The one place where the phase changes."""
        if phase is not self.phase:
            self.outputs.append(AgentChanged(self.identity.number, self.phase, phase, reason))
        if phase not in (AgentPhase.ON_CALL, AgentPhase.WRAP_UP):
            self.busy_since = None
        self.phase = phase
        self.next = next_

    def look(self, at: float) -> None:
        """Read the status next, at that time."""
        self.next = (at, ReadStatus())

    def rest(self, reason: str, now: float) -> None:
        """There is no session: wait for the next log-in, or for someone to want one."""
        self.session = None
        if self.wants_session:
            self.enter(AgentPhase.LOGGED_OUT, reason, (max(now, self.login_at), LogIn()))
        elif self.holds & {Hold.STOP, Hold.SETTINGS}:
            self.enter(AgentPhase.LOGGED_OUT, reason)
        elif Hold.OPERATOR in self.holds:
            self.enter(AgentPhase.PAUSED, reason)
        else:
            self.enter(AgentPhase.CLOSED, reason)

    def still_registers(self, now: float, *, logged_off: bool = False) -> bool:
        """It has joined, and the status it lacks may still come; `logged_off`: status answers, and says no."""
        if self.joined is None:
            return False
        briefly = logged_off or not self.joined.answered or self.call is not None
        return now - self.joined.at < (self.policy.join_grace_s if briefly else self.policy.register_limit_s)

    def alarm(self, reason: str) -> None:
        """Something wants an operator's eye."""
        self.outputs.append(AgentChanged(self.identity.number, self.phase, self.phase, reason, alarm=True))

    def alarm_if_lasting(self, trouble: Backoff, reason: str) -> None:
        """An alarm once a trouble has come so often in a row, and again after as many more."""
        if trouble.failures % self.policy.alarm_after == 0:
            self.alarm(f"{reason} ({trouble.failures} times)")
