"""A virtual agent's life for tests: an agent, a clock that stands still, and what the agent has said."""

from random import Random

from bridge.agents.messages import (
    AgentChanged,
    AgentCommand,
    AgentEvent,
    AgentIdentity,
    AgentOutput,
    AgentPhase,
    AgentStuck,
    CallStarted,
    GoNotReady,
    LoggedIn,
    LogIn,
    Open,
    ReadStatus,
    StatusRead,
    StepFailed,
)
from bridge.agents.policy import AgentPolicy
from bridge.agents.virtual_agent import VirtualAgent

P = AgentPhase
POLICY = AgentPolicy()
REFUSED = StepFailed(retryable=False, maybe_done=False, session_lost=False, detail="refused with 400")
BROKEN = StepFailed(retryable=True, maybe_done=False, session_lost=False, detail="refused with 500")
UNKNOWN = StepFailed(retryable=True, maybe_done=True, session_lost=False, detail="no answer: time-out")
LOST = StepFailed(retryable=False, maybe_done=False, session_lost=True, detail="refused with 401")


class Life:
    """An agent, its clock, and what it has said so far."""

    def __init__(self, spread: float = 0.5, policy: AgentPolicy = POLICY) -> None:
        identity = AgentIdentity("8990000001", "VA0001", "46014", spread)
        self.agent = VirtualAgent(identity, policy, Random(1))
        self.now = 0.0
        self.changes: list[AgentChanged] = []
        self.stuck: list[AgentStuck] = []

    def tell(self, event: AgentEvent) -> list[AgentCommand]:
        return self._sorted(self.agent.handle(event, self.now))

    def wait(self) -> list[AgentCommand]:
        """Let time pass until the agent does something by itself."""
        assert self.agent.deadline is not None, "the agent waits for nothing"
        self.now = max(self.now, self.agent.deadline)
        return self._sorted(self.agent.expire(self.now))

    def after(self, seconds: float) -> list[AgentCommand]:
        self.now += seconds
        return self._sorted(self.agent.expire(self.now))

    def is_in(self, *phases: AgentPhase) -> bool:
        return self.agent.phase in phases

    @property
    def waits_s(self) -> float:
        assert self.agent.deadline is not None, "the agent waits for nothing"
        return self.agent.deadline - self.now

    @property
    def alarms(self) -> list[str]:
        return [change.reason for change in self.changes if change.alarm]

    def _sorted(self, outputs: list[AgentOutput]) -> list[AgentCommand]:
        commands: list[AgentCommand] = []
        for output in outputs:
            match output:
                case AgentChanged():
                    self.changes.append(output)
                case AgentStuck():
                    self.stuck.append(output)
                case command:
                    commands.append(command)
        return commands


def logged_in() -> Life:
    life = Life()
    assert life.tell(Open()) == [LogIn()]
    assert life.tell(LoggedIn("s1", 40)) == [ReadStatus()]
    return life


def ready(spread: float = 0.5, policy: AgentPolicy = POLICY) -> Life:
    life = Life(spread, policy)
    life.tell(Open())
    life.tell(LoggedIn("s1"))
    assert life.tell(StatusRead("READY")) == []
    assert life.is_in(P.READY)
    return life


def on_call() -> Life:
    life = ready()
    assert life.tell(CallStarted("c1")) == []
    assert life.is_in(P.ON_CALL)
    return life


def cycling() -> Life:
    """A Ready agent whose cycle is due has been looked at, and goes Not Ready."""
    life = ready(policy=AgentPolicy(reconcile_s=10_000))
    assert life.wait() == [ReadStatus()]
    assert life.now == POLICY.cycle_s / 2
    assert life.tell(StatusRead("READY")) == [GoNotReady()]
    assert life.is_in(P.CYCLING)
    return life
