"""A virtual agent to which anything may happen at any time: what it never does, and that it always recovers."""

from random import Random

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from pydantic import SecretStr

from bridge.agents.messages import (
    AgentChanged,
    AgentCommand,
    AgentEvent,
    AgentIdentity,
    AgentPhase,
    AgentStuck,
    CallClosed,
    CallStarted,
    CallWrapping,
    Close,
    GoNotReady,
    GoReady,
    LogIn,
    Open,
    Pause,
    Resume,
    SessionEnded,
    StatusRead,
    StepDropped,
    StepResult,
    Stop,
)
from bridge.agents.policy import AgentPolicy
from bridge.agents.steps import AgentAccount, StepTexts, carry_out
from bridge.agents.virtual_agent import VirtualAgent
from bridge.livevox.agent_status import LineState
from tests.agent_world import LiveVoxWorld, Mishap, WorldClient, at_once

P = AgentPhase
LOGIN = "VA0001"
RIGHT, WRONG = "simulated", "mistyped"
HOUR = 3600.0


class AgentInTrouble(RuleBasedStateMachine):
    """Hypothesis plays the driver, LiveVox, its supervisors, customers and operators."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 1000.0
        self.world = LiveVoxWorld(lambda: self.now)
        self.client = WorldClient(self.world)
        self.account = AgentAccount("8990000001", LOGIN, SecretStr(RIGHT), "46014", "8990000001")
        identity = AgentIdentity("8990000001", LOGIN, "46014", 0.3)
        self.agent = VirtualAgent(identity, AgentPolicy(), Random(5))
        self.in_flight: AgentCommand | None = None
        self.calls = 0

    # how the machine is driven

    def feed(self, event: AgentEvent | None) -> None:
        before = self.agent.phase
        outputs = self.agent.expire(self.now) if event is None else self.agent.handle(event, self.now)
        for output in outputs:
            match output:
                case AgentChanged():
                    assert output.number == "8990000001"
                case AgentStuck():
                    self.dispose()
                case command:
                    self.check(command, event, before)
                    self.in_flight = command

    def check(self, command: AgentCommand, event: AgentEvent | None, before: AgentPhase) -> None:
        assert self.in_flight is None, "two commands in flight"
        match command:
            case LogIn():
                assert before is not P.LOCKED or isinstance(event, Resume), "a log-in while locked"
                assert self.agent.session is None
            case GoReady():
                assert self.agent.phase in (P.NOT_READY, P.CYCLING), "Ready during a call"
                assert self.agent.call is None
            case GoNotReady() if self.agent.phase is P.CYCLING:
                assert isinstance(event, StatusRead), "Not Ready for the cycle without a look"
                assert event.state == LineState.READY, "Not Ready for the cycle of an agent that is not Ready"

    def dispose(self) -> None:
        """What the controller does about a stuck agent."""
        line = self.world.line(LOGIN)
        if line.state is LineState.INCALL:
            self.world.set_state(LOGIN, LineState.WRAPUP)
        self.world.save_term_code(LOGIN)

    def answer_now(self) -> None:
        command, self.in_flight = self.in_flight, None
        assert command is not None
        result: StepResult = StepDropped()
        if self.agent.still_wants(command):
            session, texts = self.agent.session or "", StepTexts("Demo")
            result = at_once(carry_out(self.client, self.account, texts, command, session, urgent=False))
        self.feed(result)

    def live(self, seconds: float) -> None:
        """So much time without any trouble."""
        until = self.now + seconds
        while True:
            if self.in_flight:
                self.answer_now()
                continue
            deadline = self.agent.deadline
            if deadline is None or deadline > until:
                break
            self.now = max(self.now, deadline)
            self.feed(None)
        self.now = until

    # what may happen

    @initialize(
        ready=st.booleans(),
        wrap_up_limit_s=st.sampled_from([None, 20.0]),
        registration_s=st.sampled_from([0.0, 3.0, 40.0]),
        standing=st.sampled_from([LineState.LOGOFF, LineState.READY, LineState.WRAPUP, LineState.INCALL]),
    )
    def the_bridge_starts(
        self, ready: bool, wrap_up_limit_s: float | None, registration_s: float, standing: LineState
    ) -> None:
        self.world.ready_after_registration = ready
        self.world.wrap_up_limit_s = wrap_up_limit_s
        self.world.registration_s = registration_s
        if standing is not LineState.LOGOFF:  # an earlier bridge died and left its session
            self.world.log_in(LOGIN, RIGHT)
            self.world.set_state(LOGIN, standing)
        self.feed(Open())

    @precondition(lambda self: self.in_flight is not None)
    @rule(mishap=st.one_of(st.none(), st.none(), st.sampled_from(Mishap)))
    def a_request_ends(self, mishap: Mishap | None) -> None:
        self.world.mishaps.append(mishap)
        self.answer_now()
        self.world.mishaps.clear()

    @rule()
    def the_deadline_comes(self) -> None:
        if self.agent.deadline is not None:
            self.now = max(self.now, self.agent.deadline)
            self.feed(None)

    @rule(seconds=st.sampled_from([0.1, 1.0, 20.0, 300.0, HOUR, 3 * HOUR]))
    def time_passes(self, seconds: float) -> None:
        self.now += seconds
        self.feed(None)

    @rule(seconds=st.sampled_from([10.0, 300.0, HOUR]))
    def all_goes_well_for_a_while(self, seconds: float) -> None:
        self.live(seconds)

    @rule(invite=st.booleans())
    def a_customer_calls(self, invite: bool) -> None:
        if self.world.offer_call(LOGIN) and invite:
            self.an_invite_comes()

    @rule()
    def an_invite_comes(self) -> None:
        if self.world.line(LOGIN).state is LineState.RESERVED and self.agent.takes_calls:
            self.calls += 1
            self.world.set_state(LOGIN, LineState.INCALL)
            self.feed(CallStarted(f"call-{self.calls}"))

    @precondition(lambda self: self.agent.call is not None)
    @rule()
    def the_customer_leaves(self) -> None:
        if self.world.line(LOGIN).state is LineState.INCALL:
            self.world.set_state(LOGIN, LineState.WRAPUP)
        assert self.agent.call is not None
        self.feed(CallWrapping(self.agent.call))

    @precondition(lambda self: self.agent.call is not None)
    @rule(disposed=st.booleans(), tells=st.booleans())
    def the_call_closes(self, disposed: bool, tells: bool) -> None:
        if disposed:
            self.dispose()
        state = self.world.line(LOGIN).state if tells else None
        assert self.agent.call is not None
        self.feed(CallClosed(self.agent.call, state))

    @rule(state=st.sampled_from([LineState.NOTREADY, LineState.LOGOFF, LineState.READY, LineState.WRAPUP]))
    def a_supervisor_interferes(self, state: LineState) -> None:
        if self.world.line(LOGIN).state is not LineState.LOGOFF:
            self.world.set_state(LOGIN, state)

    @rule(told=st.booleans())
    def the_session_ends(self, told: bool) -> None:
        session = self.agent.session
        self.world.end_sessions(LOGIN)
        if told and session is not None:
            self.feed(SessionEnded(session))

    @rule(event=st.sampled_from([Open(), Close(), Pause(), Resume()]))
    def hours_and_operators(self, event: AgentEvent) -> None:
        self.feed(event)

    @rule(right=st.booleans())
    def the_password_changes(self, right: bool) -> None:
        self.world.right_password = RIGHT if right else WRONG

    # what always holds

    @invariant()
    def passwords_are_not_tried_again(self) -> None:
        if self.agent.phase is P.LOCKED:
            assert self.agent.deadline is None
            assert self.in_flight is None

    @invariant()
    def something_is_under_way_or_planned(self) -> None:
        if self.in_flight is None and self.agent.deadline is None:
            assert self.agent.phase in (P.LOGGED_OUT, P.LOCKED, P.CLOSED, P.PAUSED)
            assert self.agent.resting
        assert self.agent.in_flight == self.in_flight

    @invariant()
    def a_call_has_a_session_or_one_is_being_made(self) -> None:
        if self.agent.call is not None and self.agent.session is None:
            assert self.agent.phase in (P.LOGGED_OUT, P.LOGGING_IN, P.LOCKED)

    def teardown(self) -> None:
        """The troubles are over."""
        self.world.right_password = RIGHT
        for event in (Open(), Resume()):
            self.feed(event)
        if self.agent.call is not None:
            self.dispose()
            self.feed(CallClosed(self.agent.call, None))
        self.live(2 * HOUR)
        assert self.agent.phase is P.READY
        assert self.world.line(LOGIN).state is LineState.READY
        before = len(self.world.requests)
        self.live(HOUR)
        assert len(self.world.requests) - before <= 25
        assert self.agent.phase is P.READY
        self.feed(Stop())
        self.live(60.0)
        assert self.agent.resting
        assert self.world.line(LOGIN).state is LineState.LOGOFF
        assert not self.world.sessions


TestAgentInTrouble = AgentInTrouble.TestCase
TestAgentInTrouble.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
