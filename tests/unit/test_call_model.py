"""One call to which anything may happen that its worker, engines, wrap-up and clock can do: what it never does.

The world and what must always hold are in tests.call_world; here is what may come, and when.
"""

import enum
from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from bridge.calls import events as ev
from bridge.calls.contact_terms import ContactTerms
from bridge.calls.orders import check_order
from bridge.calls.states import CallPolicy, CallState
from bridge.engines.events import EngineEnded, EngineFailed, VerdictGiven
from bridge.errors import OrderRefused
from bridge.media.messages import Side
from bridge.settings.sections import Target
from bridge.verdicts import Complete, Transfer, Verdict
from bridge.wrapup.steps import HangUpCustomer, Notice, TransferFailed, TransferSucceeded, TransferUnderWay
from tests.call_world import CallWorld, Customer
from tests.model_settings import model_settings
from tests.wrapup_notices import FINISHED

pytestmark = pytest.mark.long

NAMES = ("first", "second", "third")
VERDICTS: list[Verdict] = [Complete("paid"), Transfer("humans")]
POLICIES = [
    CallPolicy(),
    CallPolicy(failure_target="humans"),
    CallPolicy(failure_target="humans", answer_without_engine=True),
]
NOTICES: list[Notice] = [
    TransferUnderWay("desk"),
    TransferSucceeded("desk"),
    TransferFailed("busy", back_to_bot=True),
    TransferFailed("busy", back_to_bot=False),
    HangUpCustomer(),
    FINISHED,
]


def _the_bot_asks_for_a_human(world: CallWorld) -> None:
    if world.bot is not None:
        world.feed(VerdictGiven(Transfer("humans")))


def _the_engine_is_lost(world: CallWorld) -> None:
    if world.bot is not None:
        world.end_bot(EngineEnded(None, lost=True, reason="408"))


#: How far a call may have come, if there is an engine.
TO_TALK: list[Callable[[CallWorld], None]] = [
    CallWorld.livevox_goes_on,
    CallWorld.engine_is_ready,
    CallWorld.livevox_goes_on,
]
TO_TRANSFER = [*TO_TALK, _the_bot_asks_for_a_human]
TO_TRANSFER_BEFORE_THE_ACK = [*TO_TALK[:2], _the_bot_asks_for_a_human]
TO_REPLACE = [*TO_TALK, _the_engine_is_lost]
WAYS = [[], TO_TALK[:2], TO_TALK, TO_TALK, TO_TRANSFER, TO_TRANSFER_BEFORE_THE_ACK, TO_REPLACE]
LOST: list[EngineEnded | EngineFailed] = [EngineFailed("503"), EngineEnded(None, lost=True, reason="408")]
BYES = [EngineEnded(None, lost=False, reason="200"), EngineEnded(Complete("paid"), lost=False, reason="200")]
OF_AUDIO: list[ev.CallEvent] = [
    ev.AudioTimedOut(Side.ENGINE),
    *(ev.DeadAir(side, 15.0, last=False) for side in Side),
]
LAST_OF_AUDIO: list[ev.CallEvent] = [
    ev.AudioTimedOut(Side.CUSTOMER),
    *(ev.DeadAir(side, 30.0, last=True) for side in Side),
]


class Known:
    """All targets and outcomes are known."""

    contact = ContactTerms()

    def target(self, text: str) -> Target | None:
        return Target(contacts=("Collections Queue",))

    def knows(self, outcome: str) -> bool:
        return True


class Trouble(enum.Enum):
    """What comes once in a while."""

    WORKER = "dies"
    AUDIO = "has no ports any more"
    DRAIN = "is cut short"
    WRAP_UP = "has a fault"
    CUSTOMER = "has gone, and it is said again"
    ENGINE = "has gone, and it is said again"
    CIRCUIT = "opens or closes"


@st.composite
def calls(draw: st.DrawFn) -> CallWorld:
    """A call that has come some way already."""
    by_sip = draw(st.lists(st.booleans(), min_size=1, max_size=3))
    broken = draw(st.sampled_from([(), (), (), ("first",), ("second",), NAMES]))
    names = dict(zip(NAMES, by_sip, strict=False))
    world = CallWorld(names, draw(st.sampled_from(POLICIES)), broken)
    for step in draw(st.sampled_from(WAYS)):
        step(world)
    return world


CALLS = calls()


class CallsInTheWorld(RuleBasedStateMachine):
    """Hypothesis plays LiveVox, the worker, engines, the wrap-up, the media process, operators and the clock."""

    world: CallWorld
    legs_answer: bool

    @initialize(call=CALLS, legs_answer=st.booleans())
    def an_invite_is_admitted(self, call: CallWorld, legs_answer: bool) -> None:
        self.world, self.legs_answer = call, legs_answer

    @precondition(lambda self: self.world.closed)
    @rule(call=CALLS)
    def the_next_invite_is_admitted(self, call: CallWorld) -> None:
        self.world = call

    # LiveVox's leg

    @precondition(lambda self: not self.world.closed and self.world.worker_lives)
    @rule()
    def livevox_goes_on(self) -> None:
        """Its ACK may come after we have hung up: the BYE waits for it then."""
        self.world.livevox_goes_on()

    # the engine that counts

    @precondition(lambda self: self.engine_is_there)
    @rule()
    def the_engine_is_ready(self) -> None:
        """Again, perhaps; or when it was told to go and has not heard of that yet."""
        self.world.engine_is_ready()

    @precondition(lambda self: self.engine_is_there)
    @rule()
    def the_bot_asks_for_a_human(self) -> None:
        _the_bot_asks_for_a_human(self.world)

    @precondition(lambda self: self.engine_is_there)
    @rule(last=st.sampled_from(LOST))
    def the_engine_is_lost(self, last: EngineEnded | EngineFailed) -> None:
        self.world.end_bot(last)

    # the wrap-up

    @precondition(lambda self: self.world.wrap_up is not None)
    @rule(data=st.data())
    def the_wrap_up_speaks(self, data: st.DataObject) -> None:
        wrap_up = self.world.wrap_up
        assert wrap_up is not None
        self.world.say(data.draw(st.sampled_from([notice for notice in NOTICES if wrap_up.may_say(notice)])))

    # the rest

    @precondition(lambda self: not self.world.closed)
    @rule(event=st.sampled_from(OF_AUDIO))
    def something_is_not_heard(self, event: ev.CallEvent) -> None:
        self.world.feed(event)

    @precondition(lambda self: self.world.call.deadline is not None)
    @rule()
    def the_deadline_comes(self) -> None:
        self.world.expire()

    @precondition(lambda self: self.world.call.deadline is not None)
    @rule(seconds=st.sampled_from([0.1, 2.0, 9.0]))
    def time_passes(self, seconds: float) -> None:
        self.world.pass_time(seconds)

    @precondition(lambda self: not self.world.closed)
    @rule(data=st.data())
    def somebody_ends_it(self, data: st.DataObject) -> None:
        """A hang-up, a CANCEL, a time limit of SIP, of which without a worker the edge tells; or a verdict."""
        world, ends = self.world, ["silence", "order"]
        ends += ["customer"] if world.customer is not Customer.ENDED else []
        ends += ["bot", "verdict"] if self.engine_is_there else []
        match data.draw(st.sampled_from(ends)):
            case "customer":
                world.end_customer(by_peer=data.draw(st.booleans()))
            case "bot":
                world.end_bot(data.draw(st.sampled_from(BYES)))
            case "verdict":
                world.feed(VerdictGiven(Complete("paid")))
            case "silence":
                world.feed(data.draw(st.sampled_from(LAST_OF_AUDIO)))
            case _:
                self.order(data.draw(st.sampled_from(VERDICTS)))

    @rule(what=st.sampled_from(Trouble))
    def trouble_comes(self, what: Trouble) -> None:
        """What is rarer, and what comes late or twice."""
        world = self.world
        match what:
            case Trouble.WORKER if world.worker_lives:
                world.lose_worker()
            case Trouble.AUDIO:
                world.feed(ev.PartFailed())
            case Trouble.DRAIN:
                world.feed(ev.Drained())
            case Trouble.WRAP_UP if world.wrap_up is not None:
                world.end_wrap_up()
            case Trouble.CUSTOMER if world.customer is Customer.ENDED:
                world.end_customer(by_peer=True)
            case Trouble.ENGINE if world.bot is not None and world.bot.ended:
                world.end_bot(EngineFailed("the INVITE could not be sent"))
            case Trouble.CIRCUIT:
                world.broken ^= {NAMES[1]}

    # for the rules

    @property
    def engine_is_there(self) -> bool:
        return self.world.bot is not None and not self.world.bot.ended

    def order(self, verdict: Verdict) -> None:
        with suppress(OrderRefused):
            check_order(verdict, self.world.call.state, Known())
            self.world.feed(ev.Ordered(verdict))

    def teardown(self) -> None:
        if hasattr(self, "world") and not self.world.fault:
            settle(self.world, legs_answer=self.legs_answer)


def settle(world: CallWorld, *, legs_answer: bool) -> None:
    """All that is outstanding comes: the call closes in a few steps. `legs_answer`: ends we ordered are reported."""
    for _ in range(30):
        if world.closed:
            return
        settle_one(world, legs_answer)
    raise AssertionError(f"stuck in {world.call.state.name}, legs {vars(world.call.legs)}")


def settle_one(world: CallWorld, legs_answer: bool) -> None:
    """The next of it."""
    customer, bot, wrap_up = world.customer, world.bot, world.wrap_up
    if legs_answer and world.worker_lives and world.hung_up_at is not None and customer is not Customer.ENDED:
        world.end_customer(by_peer=False)
    elif legs_answer and bot is not None and bot.dropped_at is not None and not bot.ended:
        world.end_bot(EngineEnded(None, lost=False, reason="hung up"))
    elif wrap_up is not None:
        world.say(FINISHED if wrap_up.may_say(FINISHED) else HangUpCustomer())
    elif world.call.deadline is not None:
        world.expire()
    else:
        assert world.call.state is CallState.TALKING, "nothing is outstanding"
        world.end_customer(by_peer=True)


TestCallsInTheWorld = CallsInTheWorld.TestCase
TestCallsInTheWorld.settings = model_settings(400, 50)
