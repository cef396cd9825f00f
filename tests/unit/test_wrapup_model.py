"""One wrap-up to which anything may happen between any two moments of its requests: what it never does.

The world and what must always hold are in tests.wrapup_world; here is what may come, and when.
"""

import enum
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from bridge.livevox.errors import LiveVoxError, LiveVoxUnreachable
from bridge.simulator.states import AgentState, BridgeLeg
from bridge.wrapup import (
    CallIds,
    CustomerLeg,
    EndCall,
    EndCallBy,
    LeaveConference,
    Limits,
    ReadStatus,
    Reconnect,
    SetTermCode,
    StartTransfer,
    Step,
)
from bridge.wrapup.attempt import MAX_JOINS
from tests.model_settings import model_settings
from tests.wrapup_weather import BAD_WEATHER, contacts, platforms
from tests.wrapup_world import REQUEST_S, WrapUpWorld

pytestmark = pytest.mark.long

LIMITS = Limits(give_up_s=600.0)
#: The most that one contact may take: prepared and watched twice, joined, left, brought back; requests under way.
CONTACT_S = (
    2 * (LIMITS.prepare_s + LIMITS.transfer_s)
    + MAX_JOINS * LIMITS.join_s
    + LIMITS.end_s
    + LIMITS.reconnect_s
    + 3 * REQUEST_S
)
#: However bad the weather was, so long without any is enough for a disposition.
CLEAR_S = 100.0
DOWN = LiveVoxUnreachable("X", "no route", maybe_done=False)
UP = CustomerLeg.UP
#: At which it matters most what happens.
STEPS = [ReadStatus, SetTermCode, SetTermCode, StartTransfer, StartTransfer, LeaveConference, Reconnect, EndCall]


class Trouble(enum.Enum):
    """What comes once in a while, from LiveVox, its supervisors, or ours."""

    BOT_LEAVES = enum.auto()
    WORKER_DIES = enum.auto()
    NOT_READY = enum.auto()
    LOG_OFF = enum.auto()
    WRAP_UP_TIMER = enum.auto()
    SUPERVISOR_FREES = enum.auto()


@st.composite
def worlds(draw: st.DrawFn) -> WrapUpWorld:
    """A call that is to end, on a platform of some kind."""
    customer = draw(st.sampled_from([UP, UP, UP, UP, CustomerLeg.GONE, CustomerLeg.LOST]))
    plan: dict[str, Any] = {
        "transfer": draw(contacts),
        "end_call": draw(st.sampled_from(EndCallBy)),
        "customer": customer,
        "bot_present": customer is UP and draw(st.booleans()),
        "move_to_not_ready": draw(st.booleans()),
        "limits": LIMITS,
    }
    if draw(st.sampled_from([False, False, True])):
        plan["ids"] = CallIds()
    return WrapUpWorld(draw(platforms), **plan)


WORLDS = worlds()


class WrapUpsInTheWorld(RuleBasedStateMachine):
    """Hypothesis plays the driver, the network, LiveVox, its supervisors and customers."""

    world: WrapUpWorld
    clears: bool

    @initialize(world=WORLDS, clears=st.sampled_from([True, True, True, False]))
    def a_call_is_to_end(self, world: WrapUpWorld, clears: bool) -> None:
        """`clears`: at last LiveVox answers."""
        self.world, self.clears = world, clears

    @precondition(lambda self: self.world.wrap_up.is_over)
    @rule(world=WORLDS)
    def another_call_is_to_end(self, world: WrapUpWorld) -> None:
        check_end(self.world)
        self.world = world

    # the driver

    @rule(turns=st.integers(1, 10), latency_s=st.sampled_from([0.0, 0.3, 4.0]))
    def it_goes_on(self, turns: int, latency_s: float) -> None:
        self.world.go_on(turns, latency_s)

    @rule(step=st.sampled_from(STEPS))
    def it_goes_on_until(self, step: type[Step]) -> None:
        """Such a request is under way, if one comes."""
        for _ in range(40):
            flying = self.world.flying
            if self.world.wrap_up.is_over or (flying is not None and isinstance(flying.step, step)):
                return
            self.world.go_on(1)

    @rule()
    def a_moment_passes(self) -> None:
        """A step is taken, or its request reaches LiveVox, or the answer us."""
        flying = self.world.flying
        if flying is None:
            self.world.turn()
        elif flying.arrived:
            self.world.deliver()
        else:
            self.world.arrive()

    @precondition(lambda self: self.world.flying is not None)
    @rule(weather=st.sampled_from(BAD_WEATHER))
    def the_weather_is_bad(self, weather: tuple[bool, LiveVoxError]) -> None:
        reaches, error = weather
        flying = self.world.flying
        assert flying is not None
        if reaches and not flying.arrived:
            self.world.arrive()
        if reaches or not flying.arrived:
            self.world.deliver(error)

    @precondition(lambda self: self.world.flying is not None)
    @rule(late=st.booleans())
    def no_answer_comes(self, late: bool) -> None:
        self.world.time_out(late=late)

    @rule(seconds=st.sampled_from([0.1, 1.0, 3.0, 10.0, 60.0]))
    def time_passes(self, seconds: float) -> None:
        self.world.wait(seconds)

    # everybody else

    @rule()
    def byes_arrive(self) -> None:
        self.world.deliver_byes()

    @rule()
    def the_customer_leaves(self) -> None:
        self.world.customer_hangs_up()
        self.world.obey_platform()

    @rule(what=st.sampled_from(Trouble))
    def trouble_comes(self, what: Trouble) -> None:
        world = self.world
        agents, agent, now = world.desk.platform.agents, world.desk.agent, world.desk.now
        world.meddled |= what not in (Trouble.BOT_LEAVES, Trouble.WORKER_DIES)
        match what:
            case Trouble.BOT_LEAVES:
                world.bot_leaves()
            case Trouble.WORKER_DIES if world.worker_lives:
                world.worker_dies()
            case Trouble.NOT_READY:
                agents.supervisor_not_ready(agent, now)
            case Trouble.LOG_OFF:
                agents.supervisor_log_off(agent, now)
            case Trouble.WRAP_UP_TIMER | Trouble.SUPERVISOR_FREES:
                agents.expire_wrap_up(agent, now)
                if what is Trouble.SUPERVISOR_FREES and agent.state is AgentState.NOTREADY:
                    world.freed = True
                    agents.ready(agent, now)
        world.obey_platform()

    @rule(named=st.booleans(), steps=st.integers(1, 4))
    def the_next_call_comes(self, named: bool, steps: int) -> None:
        """It is placed, its INVITE taken, answered, and it ends; or only some of that."""
        world = self.world
        for _ in range(steps):
            if world.next_call is None:
                world.place_next_call()
            elif not world.next_call_told:
                world.take_next_call(named=named)
            elif world.next_call.leg is BridgeLeg.DIALING:
                world.answer_next_call()
            elif steps == 4:
                world.end_next_call()

    @invariant()
    def livevox_has_what_it_should(self) -> None:
        if hasattr(self, "world"):
            self.world.check()

    # the end

    def teardown(self) -> None:
        if hasattr(self, "world") and not self.world.fault:
            settle(self.world, clears=self.clears)


def settle(world: WrapUpWorld, *, clears: bool) -> None:
    """It ends in time, whatever LiveVox does."""
    began = world.desk.now
    for _ in range(4000):
        if world.wrap_up.is_over:
            break
        if clears or world.flying is None:
            world.go_on(1)
        else:
            world.deliver(DOWN)
    world.check()
    assert world.wrap_up.is_over, "it never ends"
    latest = max(LIMITS.give_up_s, began - world.began) + REQUEST_S
    assert world.desk.now - world.began <= latest + CONTACT_S * len(world.plan.transfer)
    if clears:
        check_end(world)


def check_end(world: WrapUpWorld) -> None:
    """Where nobody has meddled and LiveVox has answered for a while, it has the call's disposition."""
    alone = not world.meddled and world.worker_lives and not world.next_call_told
    if alone and world.result and world.times[-1] < LIMITS.give_up_s - CLEAR_S:
        assert world.dispositions, f"no disposition: {world.result}"


TestWrapUpsInTheWorld = WrapUpsInTheWorld.TestCase
TestWrapUpsInTheWorld.settings = model_settings(400, 50)
