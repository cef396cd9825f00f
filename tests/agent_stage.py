"""One virtual agent between its driver and a small LiveVox, moment by moment, and what must always hold of it.

A step waits for its turn, goes out, is carried out, and its answer comes back; each is a moment of its own, as in
bridge.agents.seat. A step that is not waited for any more may still be carried out a little later.
"""

from dataclasses import dataclass
from random import Random

from pydantic import SecretStr

from bridge.agents.messages import (
    Abandon,
    AgentChanged,
    AgentCommand,
    AgentEvent,
    AgentIdentity,
    AgentPhase,
    AgentStuck,
    CallClosed,
    CallStarted,
    GoNotReady,
    GoReady,
    LeaveService,
    LogIn,
    LoginRefused,
    LogOut,
    Open,
    Resume,
    StatusRead,
    StepDropped,
    StepFailed,
    StepResult,
    Stop,
)
from bridge.agents.policy import AgentPolicy
from bridge.agents.steps import AgentAccount, StepTexts, carry_out
from bridge.agents.virtual_agent import VirtualAgent
from bridge.livevox.agent_status import LineState
from tests.agent_world import LiveVoxWorld, Mishap, WorldClient, at_once

P = AgentPhase
POLICY = AgentPolicy()
LOGIN, RIGHT, WRONG = "VA0001", "simulated", "mistyped"
#: How much later than its time-out a step may be carried out.
LATE_S = 1.5
#: A look at an idle agent comes after half a period to one and a half; then a step or two.
RECONCILED_S = 1.5 * POLICY.reconcile_s + 60.0
UNANSWERED = StepFailed(retryable=True, maybe_done=True, session_lost=False, detail="no result in time")


@dataclass
class Flying:
    """The step that is under way."""

    command: AgentCommand
    sent_at: float | None = None
    """None: it waits for its turn."""
    session: str = ""
    result: StepResult | None = None
    """It is carried out, and the answer is on its way back."""


class AgentStage:
    """One agent; a bridge that has stopped may start again with another agent in its place."""

    def __init__(self, world: LiveVoxWorld) -> None:
        self.now = 1000.0
        self.world = world
        world.clock = lambda: self.now
        self.flying: Flying | None = None
        self.stuck = False
        """The pool was told of a call that is nobody's."""
        self.call: str | None = None
        """The agent's newest, if it is open."""
        self.earlier: list[str] = []
        """Calls before, that are not closed."""
        self.stopping = self.abandoned = False
        self.fault = False
        """An event was not got over."""
        self._calls = 0
        self._client = WorldClient(world)
        self._account = AgentAccount("8990000001", LOGIN, SecretStr(RIGHT), "46014", "8990000001")
        self._refused = False
        """The credentials were, and nobody has resumed the agent since."""
        self._logged_in_at: float | None = None
        self._tries = 0
        """With a wrong password, that somebody is answerable for."""
        self._late: list[tuple[float, AgentCommand, str]] = []
        self.start()

    def start(self) -> None:
        """The bridge starts, within the open hours."""
        identity = AgentIdentity("8990000001", LOGIN, "46014", 0.3)
        self.agent = VirtualAgent(identity, POLICY, Random(5))
        self.flying = self._logged_in_at = self.call = None
        self.earlier = []
        self.stopping = self.abandoned = self._refused = self.stuck = False
        self._tries += 1
        self.feed(Open())

    # what happens to the agent

    def feed(self, event: AgentEvent | None) -> None:
        """Something happened; None: its deadline has come, or time has passed."""
        self.fault, before = True, self.agent.phase
        if isinstance(event, Resume):
            self._tries += self._refused
            self._refused, self._logged_in_at = False, None
        outputs = self.agent.expire(self.now) if event is None else self.agent.handle(event, self.now)
        for output in outputs:
            match output:
                case AgentChanged():
                    assert output.number == "8990000001"
                case AgentStuck():
                    self.stuck = True
                case command:
                    self._check_command(command, event, before)
                    self.flying = Flying(command)
        self.check()
        self.fault = False
        waits = self.flying is not None and self.flying.sent_at is None and self.flying.command == LogIn()
        if waits and not self.agent.still_wants(LogIn()):
            self._answer(StepDropped())

    def invite(self) -> None:
        """LiveVox sends the call that it has reserved the agent for, and it is taken."""
        if self.world.line(LOGIN).state is LineState.RESERVED and self.agent.takes_calls:
            self._calls += 1
            self.world.set_state(LOGIN, LineState.INCALL)
            self.take(f"call-{self._calls}")

    def take(self, call: str) -> None:
        """A call is the agent's; after a restart it may be one of before."""
        if self.call is not None:
            self.earlier.append(self.call)
        self.call = call
        self.feed(CallStarted(call))

    def close(self, call: str, state: LineState | None) -> None:
        """Its wrap-up is over."""
        if call == self.call:
            self.call = None
        else:
            self.earlier.remove(call)
        self.feed(CallClosed(call, state))

    def stop(self, *, at_once: bool) -> None:
        """The bridge stops, and perhaps waits no longer."""
        self.stopping = True
        if at_once:
            self.abandoned, self.call, self.earlier = True, None, []
        self.feed(Abandon() if at_once else Stop())

    def dispose(self) -> None:
        """The wrap-up of a call, ours or nobody's, has done its work."""
        self.stuck = False
        line = self.world.line(LOGIN)
        if line.state is LineState.INCALL:
            self.world.set_state(LOGIN, LineState.WRAPUP)
        self.world.save_term_code(LOGIN)

    # what becomes of its steps

    def turn_comes(self) -> None:
        """The step goes out, if it is still wanted."""
        flying = self.flying
        assert flying is not None and flying.sent_at is None
        if not self.agent.still_wants(flying.command):
            self._answer(StepDropped())
            return
        flying.sent_at, flying.session = self.now, self.agent.session or ""
        if flying.command == LogIn():
            last = self._logged_in_at
            assert last is None or self.now - last >= POLICY.login_backoff_s[0], "a log-in too soon after the last"
            self._logged_in_at = self.now

    def carry_out(self, mishap: Mishap | None = None) -> None:
        """LiveVox has the request."""
        flying = self.flying
        assert flying is not None and flying.sent_at is not None and flying.result is None
        flying.result = self._result(flying.command, flying.session, mishap)

    def answer(self) -> None:
        """Its answer comes."""
        assert self.flying is not None and self.flying.result is not None
        self._answer(self.flying.result)

    def time_out(self, *, late: bool) -> None:
        """The driver waits no longer; `late`: LiveVox carries it out all the same."""
        flying = self.flying
        assert flying is not None and flying.sent_at is not None
        if late and flying.result is None:
            self._late.append((self.now + LATE_S, flying.command, flying.session))
        self._tries += flying.command == LogIn()  # nobody can know that it was refused
        self._answer(UNANSWERED)

    def _answer(self, result: StepResult) -> None:
        self.flying = None
        self._refused |= isinstance(result, LoginRefused) and result.permanent
        self.feed(result)

    def _result(self, command: AgentCommand, session: str, mishap: Mishap | None) -> StepResult:
        self.world.mishaps.append(mishap)
        try:
            steps = carry_out(self._client, self._account, StepTexts("Demo"), command, session, urgent=False)
            return at_once(steps)
        finally:
            self.world.mishaps.clear()

    # time

    def wait(self, seconds: float) -> None:
        """Deadlines and time-outs come as they fall due; answers do not."""
        until = self.now + seconds
        while (due := self._next_due()) <= until:
            self.now = max(self.now, due)
            if self._late and self._late[0][0] <= self.now:
                _, command, session = self._late.pop(0)
                self._result(command, session, None)
            elif self.flying is not None:
                self.time_out(late=False)
            else:
                self.feed(None)
        self.now = until

    def _next_due(self) -> float:
        due = [at for at, _, _ in self._late]
        if self.flying is not None and self.flying.sent_at is not None:
            due.append(self.flying.sent_at + POLICY.step_timeout_s)
        if self.agent.deadline is not None:
            due.append(self.agent.deadline)
        return min(due, default=float("inf"))

    def live(self, seconds: float) -> None:
        """So much time without any trouble; calls that are nobody's are disposed of."""
        until = self.now + seconds
        while self.now < until:
            if self.stuck:
                self.dispose()
            if self.flying is None:
                self.wait(max(0.0, min(self._next_due(), until) - self.now))
                if self.flying is None and self._next_due() > until:
                    break
            elif self.flying.sent_at is None:
                self.turn_comes()
            elif self.flying.result is None:
                self.carry_out()
            else:
                self.answer()
        self.now = max(self.now, until)

    # what must hold

    def _check_command(self, command: AgentCommand, event: AgentEvent | None, before: AgentPhase) -> None:
        assert self.flying is None, "two steps at once"
        match command:
            case LogIn():
                assert not self._refused, "a password is tried again that was refused"
                assert before is not P.LOCKED or isinstance(event, Resume)
                assert self.agent.session is None
            case GoReady():
                assert self.agent.phase in (P.NOT_READY, P.CYCLING) and self.agent.call is None
            case GoNotReady() if self.agent.phase is P.CYCLING:
                assert isinstance(event, StatusRead) and event.state == LineState.READY, "a cycle without a look"
            case LeaveService() | LogOut():
                assert self.agent.call is None, "it leaves its call"

    def check(self) -> None:
        """Look at the agent as it is now."""
        agent = self.agent
        flying = self.flying.command if self.flying else None
        assert agent.in_flight == flying
        assert agent.call == self.call
        assert self.world.line(LOGIN).passwords_refused <= self._tries, "nobody wanted that try"
        if agent.phase is P.LOCKED:
            assert agent.deadline is None and flying is None
        if flying is None and agent.deadline is None:
            assert agent.phase in (P.LOGGED_OUT, P.LOCKED, P.CLOSED, P.PAUSED) and agent.resting
        if agent.call is not None:
            assert agent.phase not in (P.READY, P.CYCLING, P.NOT_READY, P.CLOSED, P.LOGGING_OUT)
            assert agent.session is not None or agent.phase in (P.LOGGED_OUT, P.LOGGING_IN, P.LOCKED)
