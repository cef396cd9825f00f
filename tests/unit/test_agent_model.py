"""A virtual agent to which anything may happen at any moment: what it never does, and that it always recovers.

The driver, LiveVox and what must always hold are in tests.agent_stage; here is what may come, and when.
"""

import enum

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from bridge.agents.messages import AgentPhase, CallWrapping, Close, Open, Pause, Resume, SessionEnded
from bridge.livevox.agent_status import LineState
from tests.agent_stage import LOGIN, RECONCILED_S, RIGHT, WRONG, AgentStage
from tests.agent_world import LiveVoxWorld, Mishap
from tests.model_settings import model_settings

pytestmark = pytest.mark.long

P = AgentPhase
HOUR = 3600.0
#: For an agent without a call that shall leave: what is under way, then three tries of each step.
STOPPED_S = 240.0


class Order(enum.Enum):
    """What the hours, operators and the bridge itself want."""

    OPEN = Open()
    CLOSE = Close()
    PAUSE = Pause()
    RESUME = Resume()


class Stopping(enum.Enum):
    """How a bridge ends, and that another begins."""

    STOPS = enum.auto()
    WAITS_NO_LONGER = enum.auto()
    STARTS_AGAIN = enum.auto()


@st.composite
def stages(draw: st.DrawFn) -> AgentStage:
    """A LiveVox of some kind, which may still have an earlier bridge's session, and a bridge that starts."""
    world = LiveVoxWorld(lambda: 1000.0)
    world.ready_after_registration = draw(st.booleans())
    world.wrap_up_limit_s = draw(st.sampled_from([None, 20.0]))
    world.registration_s = draw(st.sampled_from([0.0, 3.0, 40.0]))
    standing = draw(st.sampled_from([LineState.LOGOFF, LineState.READY, LineState.WRAPUP, LineState.INCALL]))
    if standing is not LineState.LOGOFF:
        world.log_in(LOGIN, RIGHT)
        world.set_state(LOGIN, standing)
    stage = AgentStage(world)
    stage.live(draw(st.sampled_from([0.0, 0.0, 120.0])))
    return stage


class AgentInTheWorld(RuleBasedStateMachine):
    """Hypothesis plays the driver, LiveVox, its supervisors, customers, operators and the clock."""

    stage: AgentStage

    @initialize(stage=stages())
    def the_bridge_starts(self, stage: AgentStage) -> None:
        self.stage = stage

    # steps

    @precondition(lambda self: self.stage.flying is not None)
    @rule(mishap=st.one_of(st.none(), st.none(), st.sampled_from(Mishap)), whole=st.booleans())
    def a_step_goes_on(self, mishap: Mishap | None, whole: bool) -> None:
        """By a moment, or to its end."""
        while (flying := self.stage.flying) is not None:
            if flying.sent_at is None:
                self.stage.turn_comes()
            elif flying.result is None:
                self.stage.carry_out(mishap)
            else:
                self.stage.answer()
                return
            if not whole:
                return

    @precondition(lambda self: self.stage.flying is not None and self.stage.flying.sent_at is not None)
    @rule(late=st.booleans())
    def a_step_has_no_answer(self, late: bool) -> None:
        self.stage.time_out(late=late)

    # time

    @precondition(lambda self: self.stage.agent.deadline is not None)
    @rule()
    def the_deadline_comes(self) -> None:
        deadline = self.stage.agent.deadline
        assert deadline is not None
        self.stage.wait(max(0.0, deadline - self.stage.now))

    @rule(seconds=st.sampled_from([0.1, 1.0, 20.0, 300.0, HOUR, 3 * HOUR]))
    def time_passes(self, seconds: float) -> None:
        self.stage.wait(seconds)

    @rule(seconds=st.sampled_from([10.0, RECONCILED_S, HOUR]))
    def all_goes_well_for_a_while(self, seconds: float) -> None:
        self.stage.live(seconds)
        if seconds >= RECONCILED_S:
            self.livevox_has_it_ready_if_we_do()

    # calls

    @rule(invite=st.booleans())
    def a_customer_calls(self, invite: bool) -> None:
        if self.stage.world.offer_call(LOGIN) and invite:
            self.stage.invite()

    @rule()
    def an_invite_comes(self) -> None:
        self.stage.invite()

    @precondition(lambda self: self.stage.call is not None)
    @rule()
    def the_customer_leaves(self) -> None:
        if self.stage.world.line(LOGIN).state is LineState.INCALL:
            self.stage.world.set_state(LOGIN, LineState.WRAPUP)
        assert self.stage.call is not None
        self.stage.feed(CallWrapping(self.stage.call))

    @precondition(lambda self: self.stage.call is not None)
    @rule(disposed=st.booleans(), tells=st.booleans())
    def the_call_closes(self, disposed: bool, tells: bool) -> None:
        """Or one before, whose wrap-up has taken longer."""
        stage = self.stage
        if disposed:
            stage.dispose()
        assert stage.call is not None
        call = stage.earlier[0] if stage.earlier else stage.call
        stage.close(call, stage.world.line(LOGIN).state if tells else None)

    @precondition(lambda self: self.stage.stuck)
    @rule()
    def a_call_of_nobody_is_disposed_of(self) -> None:
        self.stage.dispose()

    # others

    @rule(state=st.sampled_from([LineState.NOTREADY, LineState.LOGOFF, LineState.READY, LineState.WRAPUP]))
    def a_supervisor_interferes(self, state: LineState) -> None:
        if self.stage.world.line(LOGIN).state is not LineState.LOGOFF:
            self.stage.world.set_state(LOGIN, state)

    @rule(told=st.booleans())
    def the_session_ends(self, told: bool) -> None:
        session = self.stage.agent.session
        self.stage.world.end_sessions(LOGIN)
        if told and session is not None:
            self.stage.feed(SessionEnded(session))

    @rule(order=st.sampled_from(Order))
    def hours_and_operators(self, order: Order) -> None:
        self.stage.feed(order.value)

    @rule(right=st.booleans())
    def the_password_changes(self, right: bool) -> None:
        self.stage.world.right_password = RIGHT if right else WRONG

    @rule(what=st.sampled_from(Stopping), call=st.booleans())
    def the_bridge_stops(self, what: Stopping, call: bool) -> None:
        stage = self.stage
        match what:
            case Stopping.STOPS if not stage.stopping:
                stage.stop(at_once=False)
            case Stopping.WAITS_NO_LONGER if stage.stopping and not stage.abandoned:
                stage.stop(at_once=True)
            case Stopping.STARTS_AGAIN if stage.abandoned or (stage.stopping and stage.agent.resting):
                stage.start()
                if call:  # the journal has one that is not wrapped up yet
                    stage.take("call-before")

    # the end

    def livevox_has_it_ready_if_we_do(self) -> None:
        if self.stage.agent.phase is P.READY:
            assert self.stage.world.line(LOGIN).state is LineState.READY

    def teardown(self) -> None:
        """The troubles are over."""
        if not hasattr(self, "stage") or self.stage.fault:
            return
        stage = self.stage
        stage.world.right_password = RIGHT
        if stage.stopping:
            self.it_rests()
            stage.start()
        stage.live(60.0)  # what is under way may still find the password wrong
        for order in (Open(), Resume()):
            stage.feed(order)
        self.its_calls_close()
        stage.live(2 * HOUR)
        assert stage.agent.phase is P.READY
        self.livevox_has_it_ready_if_we_do()
        before = len(stage.world.requests)
        stage.live(HOUR)
        assert len(stage.world.requests) - before <= 25
        assert stage.agent.phase is P.READY
        stage.stop(at_once=False)
        self.it_rests()
        assert stage.world.line(LOGIN).state is LineState.LOGOFF
        assert not stage.world.sessions

    def it_rests(self) -> None:
        """Once its call is closed, or nothing is waited for."""
        self.its_calls_close()
        self.stage.live(STOPPED_S)
        assert self.stage.agent.resting

    def its_calls_close(self) -> None:
        stage = self.stage
        stage.dispose()
        for call in [*stage.earlier, *filter(None, [stage.call])]:
            stage.close(call, None)


TestAgentInTheWorld = AgentInTheWorld.TestCase
TestAgentInTheWorld.settings = model_settings(150, 50)
