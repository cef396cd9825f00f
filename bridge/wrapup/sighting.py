"""[sans-IO] Our call as the agent's status shows it: whose call is on the line, and what it is called."""

import enum
from dataclasses import dataclass, field

from bridge.livevox.agent_status import AgentStatus, CallOnLine, Line, LineState
from bridge.wrapup.plan import CallIds, CustomerLeg, Limits, Plan

#: An agent in these states is in no service.
AWAY = frozenset({LineState.LOGOFF, LineState.LOGON, LineState.REGISTERING})
#: An agent in these states has no call, whatever the status still carries.
IDLE = AWAY | {LineState.READY, LineState.NOTREADY}
#: A customer is connected.
ON_THE_LINE = frozenset({LineState.INCALL, LineState.HOLD, LineState.TRANSFERRING})
#: A call is being brought to the agent: an old one or the next.
ARRIVING = frozenset({LineState.RESERVED, LineState.DIALING})


class Whose(enum.Enum):
    """Whose call is on the line."""

    OURS = enum.auto()
    ANOTHERS = enum.auto()
    NOBODYS = enum.auto()
    UNKNOWN = enum.auto()
    #: The status says nothing: look again.


@dataclass(frozen=True)
class Sighting:
    """One look at the agent's line."""

    whose: Whose
    line: Line = field(default_factory=Line)

    @property
    def state(self) -> str:
        """The line's state; LineState has those that are known."""
        return self.line.state


@dataclass
class Legs:
    """Who is still there."""

    customer: CustomerLeg
    bot: bool
    gone_at: float
    """When the customer's leg ended; means nothing while it has not."""

    def gone_for(self, now: float) -> float:
        """Seconds since the customer's leg ended; 0 while it has not."""
        return now - self.gone_at if self.customer is CustomerLeg.GONE else 0.0


class CallRecord:
    """What is known of our call in LiveVox; each look at the status adds to it."""

    def __init__(self, plan: Plan, now: float) -> None:
        self.ids = plan.ids
        self.phone_dialed = plan.phone_dialed
        self.last_state = ""
        self._named_only = plan.named_only
        self._has_successor = False
        self._successor_id: str | None = None
        self._limits: Limits = plan.limits
        self._seen = plan.seen_in_status
        self._appears_until = now + plan.limits.first_look_s
        self._silent_since: float | None = None

    def look(self, status: AgentStatus | None, now: float) -> Sighting:
        """Whose call the status shows.

        A transaction id the INVITE did not name is taken from the first call that is on the line or in wrap-up. Known
        ids are compared: another transaction is another call. No call on a line where a customer is connected is ours,
        as an agent has one call at a time.
        """
        line = status.line() if status else None
        if status is None or line is None:
            return self._silence(now)
        self._silent_since = None
        self.last_state = line.state
        sighting = Sighting(self._whose(line.state, status.call), line)
        if sighting.whose is Whose.OURS:
            self._seen = True
            self._learn(status.call)
        return sighting

    def succeeded_by(self, transaction_id: str | None) -> None:
        """The agent's next call has come; LiveVox may send the same transaction again after a refusal."""
        self._has_successor, self._successor_id = True, transaction_id

    def may_appear(self, now: float) -> bool:
        """The status has not shown our call and may only be late."""
        return not self._seen and now < self._appears_until

    @property
    def seen(self) -> bool:
        """The status has shown our call."""
        return self._seen

    @property
    def missing(self) -> str:
        """Which ids a term code needs and nobody has said; empty: none."""
        named = {
            "transaction": self.ids.transaction_id,
            "session": self.ids.session_id,
            "service": self.ids.service_id,
        }
        return ", ".join(name for name, value in named.items() if not value)

    def _silence(self, now: float) -> Sighting:
        """An empty agentStatus says nothing, until it has said so for long: then the agent is on no service."""
        if self._silent_since is None:
            self._silent_since = now
        lasting = now - self._silent_since >= self._limits.refused_s
        return Sighting(Whose.NOBODYS if lasting else Whose.UNKNOWN)

    def _whose(self, state: str, call: CallOnLine | None) -> Whose:
        if state in IDLE:
            return Whose.NOBODYS
        if self._has_successor and self._is_successors(state, call):
            return Whose.ANOTHERS
        if self._named_only:
            return self._of_the_name(state, call)
        if call is None:
            return Whose.OURS if state in ON_THE_LINE else Whose.NOBODYS
        if self.ids.transaction_id is None:
            return Whose.UNKNOWN if state in ARRIVING else Whose.OURS
        return Whose.OURS if call.call_transaction_id == self.ids.transaction_id else Whose.ANOTHERS

    def _of_the_name(self, state: str, call: CallOnLine | None) -> Whose:
        """A wrap-up of our transaction, and of our session if both say one; a transaction may be sent to us twice."""
        if call is None:
            return Whose.NOBODYS
        said, known = call.call_session_id, self.ids.session_id
        is_ours = call.call_transaction_id == self.ids.transaction_id and (None in (said, known) or said == known)
        return Whose.OURS if is_ours and state == LineState.WRAPUP else Whose.ANOTHERS

    def _is_successors(self, state: str, call: CallOnLine | None) -> bool:
        """An agent has one call at a time: only a wrap-up that names our transaction can be of the call before."""
        ours = self.ids.transaction_id
        if state != LineState.WRAPUP or call is None or ours is None:
            return True
        return call.call_transaction_id != ours or self._successor_id in (None, ours)

    def _learn(self, call: CallOnLine | None) -> None:
        """The status is LiveVox's own word: it overrides what headers said."""
        if call is None:
            return
        self.ids = CallIds(
            call.call_transaction_id,
            call.call_session_id or self.ids.session_id,
            call.service_id or self.ids.service_id,
        )
        self.phone_dialed = self.phone_dialed or call.phone_number
