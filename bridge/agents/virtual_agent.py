"""[sans-IO] One virtual agent's session with LiveVox: where it is, what to do next and when.

    LOGGED_OUT ─▶ LOGGING_IN ─▶ JOINING ─▶ NOT_READY ─▶ READY ◀─▶ CYCLING
         ▲             └▶ LOCKED   └───────────┴────┬─────┴──────────┘
         │                                ON_CALL ◀─┴─▶ WRAP_UP
    LOGGING_OUT ◀── LEAVING ◀── all of these, once the agent shall not serve and has no call ──▶ PAUSED, CLOSED

Feed it with `handle(event, now)`, and with `expire(now)` when `deadline` is reached; do what they return. A command is
answered by one StepResult before the next one comes. LiveVox is believed: what its status shows decides, an INVITE
even more.
"""

from collections.abc import Mapping
from random import Random

from bridge.agents.messages import (
    Abandon,
    AgentCommand,
    AgentEvent,
    AgentIdentity,
    AgentOutput,
    AgentPhase,
    CallClosed,
    CallStarted,
    CallWrapping,
    Close,
    GoNotReady,
    GoReady,
    JoinService,
    LogIn,
    NewPassword,
    Open,
    Pause,
    ReadStatus,
    Reinstate,
    Resume,
    Retire,
    SessionEnded,
    StatusRead,
    StepDropped,
    StepFailed,
    StepResult,
    Stop,
)
from bridge.agents.policy import AgentPolicy
from bridge.agents.record import AgentRecord, Hold, Standing
from bridge.agents.results import log_out_result, login_result, step_result
from bridge.agents.settling import log_out, settle
from bridge.errors import InvalidTransition

P = AgentPhase
#: LiveVox calls the agent here, and the call is taken: we hold its session and have not left.
TAKING_CALLS = frozenset({P.JOINING, P.NOT_READY, P.READY, P.CYCLING, P.ON_CALL, P.WRAP_UP, P.LEAVING})
#: Results of looking and of changing state count only here; elsewhere there is no session, or the agent leaves it.
LIVE = TAKING_CALLS | {P.PAUSED}

_HOLDS: Mapping[type, Hold] = {Close: Hold.HOURS, Pause: Hold.OPERATOR, Retire: Hold.SETTINGS, Stop: Hold.STOP}
_RELEASES: Mapping[type, Hold] = {Open: Hold.HOURS, Resume: Hold.OPERATOR, Reinstate: Hold.SETTINGS}


class VirtualAgent:
    """One virtual agent; it serves from the first Open on. `chance` spreads its back-offs."""

    def __init__(self, identity: AgentIdentity, policy: AgentPolicy, chance: Random) -> None:
        self.identity = identity
        self._record = AgentRecord(identity, policy, chance)

    @property
    def phase(self) -> AgentPhase:
        return self._record.phase

    @property
    def session(self) -> str | None:
        return self._record.session

    @property
    def call(self) -> str | None:
        """Our call, from its INVITE until its disposition is set."""
        return self._record.call

    @property
    def days_until_password_expires(self) -> int | None:
        """As the last log-in said."""
        return self._record.days_until_password_expires

    @property
    def in_flight(self) -> AgentCommand | None:
        """The command whose result is awaited."""
        return self._record.in_flight

    @property
    def deadline(self) -> float | None:
        """When to call `expire`; None: nothing is to be done before the next event."""
        return self._record.next[0] if self._record.next and self.in_flight is None else None

    @property
    def takes_calls(self) -> bool:
        """An INVITE for this agent may be taken, whether or not we think it Ready."""
        return self.session is not None and self.phase in TAKING_CALLS

    @property
    def is_arriving(self) -> bool:
        """Its first log-in is on the way: LiveVox may still have it Ready from before the start."""
        return not self._record.arrived and not self.is_held and self.phase in (P.LOGGED_OUT, P.LOGGING_IN)

    @property
    def usable_session(self) -> str | None:
        """The session for requests of others; None while it is being made or looked at."""
        return None if self.phase is P.JOINING else self.session

    @property
    def locked(self) -> bool:
        """Its credentials were refused: it does not try them again by itself."""
        return self.phase is P.LOCKED

    @property
    def is_held(self) -> bool:
        """It shall not serve, once its call is over."""
        return bool(self._record.holds)

    @property
    def paused(self) -> bool:
        """An operator wants it so."""
        return Hold.OPERATOR in self._record.holds

    @property
    def retires(self) -> bool:
        """The settings do not have it any more, as it is."""
        return Hold.SETTINGS in self._record.holds

    @property
    def resting(self) -> bool:
        """There is no session, and by itself the agent makes none."""
        return self.session is None and self.in_flight is None and self._record.next is None

    def adopt(self, policy: AgentPolicy) -> None:
        """Live by other intervals from the next one on."""
        self._record.policy = policy

    def handle(self, event: AgentEvent, now: float) -> list[AgentOutput]:
        """What to do about an event. Raises InvalidTransition for a result that no command asked for."""
        match event:
            case CallStarted() | CallWrapping() | CallClosed():
                self._call_event(event, now)
            case Close() | Pause() | Retire() | Stop():
                self._hold(_HOLDS[type(event)], now)
            case Open() | Resume() | Reinstate():
                self._release(_RELEASES[type(event)], now)
            case NewPassword():
                self._new_password(now)
            case Abandon():
                self._abandon(now)
            case SessionEnded(session):
                if session == self.session:
                    self._record.rest("session lost", now)
            case _:
                self._result(event, now)
        return self.expire(now)

    def expire(self, now: float) -> list[AgentOutput]:
        """What to do now that the deadline is reached."""
        record = self._record
        if record.in_flight is None and record.next and record.next[0] <= now:
            record.in_flight, record.next = record.next[1], None
            if record.in_flight == LogIn():
                record.enter(P.LOGGING_IN, "a session is wanted")
            record.outputs.append(record.in_flight)
        outputs, record.outputs = record.outputs, []
        return outputs

    def still_wants(self, command: AgentCommand) -> bool:
        """Whether a command that waited for its turn is still right: much may have happened meanwhile."""
        match command:
            case LogIn():
                return self._record.wants_session
            case JoinService():
                return self.phase is P.JOINING
            case GoReady():
                return self.phase in (P.NOT_READY, P.CYCLING)
            case GoNotReady():
                return self.phase in (P.CYCLING, P.LEAVING)
        return self.session is not None

    # what others do

    def _hold(self, hold: Hold, now: float) -> None:
        record = self._record
        record.holds.add(hold)
        match self.phase:
            case P.LOGGED_OUT | P.CLOSED:
                record.rest(hold.value, now)
            case P.LOCKED if hold is Hold.STOP and self.call is None:  # a call would want a session
                record.rest(hold.value, now)
            case P.PAUSED if self.session is None:
                record.rest(hold.value, now)
            case P.READY | P.CYCLING:
                record.leaves.reset()
                record.enter(P.LEAVING, hold.value, (now, GoNotReady()))
            case P.JOINING | P.NOT_READY if self.call is None:
                record.leaves.reset()
                record.enter(P.LEAVING, hold.value, (now, ReadStatus()))
            case P.PAUSED if not record.only_paused:
                record.leaves.reset()
                record.enter(P.LEAVING, hold.value, (now, ReadStatus()))
            # In the other phases what is under way leads there: a result, or the end of a call.

    def _release(self, hold: Hold, now: float) -> None:
        record = self._record
        record.holds.discard(hold)
        if self.phase is P.LOCKED and hold is Hold.OPERATOR:
            record.logins.reset()
            record.refused_logins.reset()
            record.rest("resumed by an operator", now)
        elif self.session is None and self.phase in (P.LOGGED_OUT, P.PAUSED, P.CLOSED):
            record.rest("in service again", now)
        elif self.phase in (P.PAUSED, P.LEAVING) and not record.holds:
            record.enter(P.NOT_READY, "in service again", (now, ReadStatus()))

    def _new_password(self, now: float) -> None:
        record = self._record
        if self.session is None and self.phase in (P.LOGGED_OUT, P.LOCKED):
            record.logins.reset()
            record.refused_logins.reset()
            record.login_at = now
            record.rest("another password", now)

    def _abandon(self, now: float) -> None:
        record = self._record
        record.holds.add(Hold.STOP)
        if self.call is not None:
            # Leaving would cost the call its disposition: session and wrap-up stay for the next start of the bridge.
            record.call = None
            record.rest("the bridge stops during a call", now)
        elif self.phase in LIVE and self.session is not None:
            log_out(record, Hold.STOP.value, now)
        elif self.phase not in (P.LOGGING_IN, P.LOGGING_OUT):
            record.rest(Hold.STOP.value, now)

    def _call_event(self, event: CallStarted | CallWrapping | CallClosed, now: float) -> None:
        record = self._record
        match event:
            case CallStarted(call):
                record.call = call
                self._call_started(now)
            case CallWrapping(call) if call == record.call and self.phase is P.ON_CALL:
                record.enter(P.WRAP_UP, "the customer has left", record.next)
            case CallClosed(call, state) if call == record.call:
                record.call = None
                self._call_closed(state, now)

    def _call_started(self, now: float) -> None:
        record = self._record
        record.readies.reset()
        record.joins.reset()
        record.busy_since = None
        if self.session is None and self.phase in (P.LOGGED_OUT, P.CLOSED, P.PAUSED):
            record.rest("a call is open", now)
        elif self.phase in LIVE:
            record.enter(P.ON_CALL, "a call came", (now + record.policy.session_s / 2, ReadStatus()))

    def _call_closed(self, state: str | None, now: float) -> None:
        record = self._record
        if self.phase is P.LOGGED_OUT:
            record.rest("the call is closed", now)
        elif self.phase is P.JOINING and record.holds:
            record.leaves.reset()
            record.enter(P.LEAVING, "the call is closed", (now, ReadStatus()))
        elif self.phase in (P.ON_CALL, P.WRAP_UP) and Standing.of(state) is Standing.UNKNOWN:
            record.look(now)
        elif self.phase in (P.ON_CALL, P.WRAP_UP):
            settle(record, StatusRead(state or ""), now)

    # results

    def _result(self, result: StepResult, now: float) -> None:
        record = self._record
        command, record.in_flight = record.in_flight, None
        if command is None:
            raise InvalidTransition(self.phase, type(result).__name__)
        if command == LogIn():
            login_result(record, result, now)
            return
        if isinstance(result, StepDropped):
            result = StepFailed(retryable=True, maybe_done=False, session_lost=False, detail="not sent")
        if self.phase is P.LOGGING_OUT:
            log_out_result(record, command, result, now)
        elif self.phase not in LIVE or self.session is None:
            return  # of a session that is gone
        elif isinstance(result, StepFailed) and result.session_lost:
            record.rest("session lost", now)
        elif isinstance(result, StatusRead):
            settle(record, result, now)
        else:
            step_result(record, command, result, now)
