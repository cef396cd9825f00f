"""The life of one call, event by event."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.calls.call import Call
from bridge.calls.events import (
    AnswerCustomer,
    AudioTimedOut,
    CallCommand,
    CallEvent,
    CallOpened,
    Close,
    ConnectEngine,
    CustomerAnswered,
    CustomerEnded,
    DeadAir,
    Drained,
    DropEngine,
    FetchScreenPop,
    HangUpCustomer,
    HangUpWanted,
    InviteTaken,
    Ordered,
    PartFailed,
    RefuseCustomer,
    ReportTransfer,
    SetAudio,
    StartWrapUp,
    TellWrapUp,
    TransferFailed,
    TransferSucceeded,
    TransferUnderWay,
    WorkerLost,
    WrapUpFinished,
)
from bridge.calls.states import CallPolicy, CallState, EngineChoice, LegState
from bridge.engines.events import EngineEnded, EngineFailed, EngineReady, Fate, VerdictGiven
from bridge.errors import InvalidTransition
from bridge.media.messages import Flow, Side
from bridge.verdicts import Complete, Transfer
from bridge.wrapup.plan import CustomerLeg
from sip.messages import Leg
from tests.talking_call import (
    CUSTOMER_BYE,
    FIRST,
    HUMAN_COMES,
    SECOND,
    WITH_HUMAN,
    connecting,
    opened,
    talking,
    wrap_up,
)

BOT_BYE = EngineEnded(None, lost=False, reason="200 OK")
BOT_LOST = EngineEnded(None, lost=True, reason="408 Request Timeout")


def transferring(policy: CallPolicy | None = None) -> Call:
    call = talking(policy)
    call.handle(VerdictGiven(Transfer("humans")), 2.0)
    assert call.state is CallState.TRANSFERRING
    return call


def deadline_of(call: Call, expected: float) -> float:
    assert call.deadline == expected
    return expected


def test_the_engine_is_reached_before_the_customer_is_answered() -> None:
    call = Call([FIRST], CallPolicy(), now=0.0)
    assert call.handle(CallOpened(), 0.0) == [ConnectEngine("first")]
    assert call.handle(InviteTaken(), 0.1) == []
    assert call.handle(EngineReady(), 0.2) == [AnswerCustomer()]
    assert call.handle(CustomerAnswered(), 0.3) == [FetchScreenPop()]
    assert (call.state, call.deadline) == (CallState.TALKING, None)


def test_a_worker_that_never_shows_the_invite_costs_five_seconds() -> None:
    call = Call([EngineChoice("first", 9.0)], CallPolicy(), now=10.0)
    call.handle(CallOpened(), 10.0)
    assert call.deadline == 15.0
    assert call.expire(15.0) == [
        RefuseCustomer(500, Fate.BRIDGE_FAILURE),
        DropEngine(Fate.BRIDGE_FAILURE),
        wrap_up(Fate.BRIDGE_FAILURE, customer=CustomerLeg.GONE, answered=False),
    ]


def test_a_failed_engine_gives_way_to_the_next() -> None:
    call = connecting(engines=2)
    assert call.handle(EngineFailed("486 Busy Here"), 1.0) == [ConnectEngine("second")]
    assert call.deadline == 4.0


def test_a_slow_engine_is_dropped_for_the_next() -> None:
    call = connecting(engines=2)
    assert call.expire(5.0) == [DropEngine(Fate.ENGINE_UNAVAILABLE), ConnectEngine("second")]


def test_without_an_engine_livevox_may_route_on() -> None:
    call = connecting()
    assert call.handle(EngineFailed("503"), 1.0) == [
        RefuseCustomer(503, Fate.ENGINE_UNAVAILABLE),
        wrap_up(Fate.ENGINE_UNAVAILABLE, customer=CustomerLeg.GONE, answered=False),
    ]
    assert call.handle(CustomerEnded(by_peer=False, status=503), 1.1) == [TellWrapUp(Leg.CUSTOMER)]
    assert call.handle(WrapUpFinished(), 2.0) == [Close()]


def test_a_cancel_drops_the_engine_that_was_being_reached() -> None:
    call = connecting()
    assert call.handle(CustomerEnded(by_peer=True, status=487), 1.0) == [
        DropEngine(Fate.CUSTOMER_HUNG_UP),
        wrap_up(Fate.CUSTOMER_HUNG_UP, customer=CustomerLeg.GONE, answered=False),
    ]
    assert call.handle(EngineFailed("487"), 1.1) == []
    assert call.handle(WrapUpFinished(), 1.2) == [Close()]


def test_a_bot_that_hangs_up_finishes_the_call() -> None:
    call = talking()
    said = Complete("paid")
    assert call.handle(EngineEnded(said, lost=False, reason=""), 9.0) == [wrap_up(Fate.FINISHED, said)]
    assert call.handle(HangUpWanted(), 9.1) == [HangUpCustomer(Fate.FINISHED)]
    assert call.handle(CustomerEnded(by_peer=False, status=200), 9.2) == [TellWrapUp(Leg.CUSTOMER)]
    assert call.handle(WrapUpFinished(), 9.3) == [Close()]
    assert call.state is CallState.CLOSED


def test_a_verdict_by_message_ends_the_bots_leg_too() -> None:
    call = talking()
    said = Complete("paid")
    assert call.handle(VerdictGiven(said), 9.0) == [DropEngine(Fate.FINISHED), wrap_up(Fate.FINISHED, said)]


def test_the_customer_hanging_up_ends_the_bots_leg() -> None:
    call = talking()
    assert call.handle(CUSTOMER_BYE, 9.0) == [
        DropEngine(Fate.CUSTOMER_HUNG_UP),
        wrap_up(Fate.CUSTOMER_HUNG_UP, customer=CustomerLeg.GONE),
    ]
    assert call.handle(WrapUpFinished(), 9.1) == []
    assert call.handle(BOT_BYE, 9.2) == [Close()]


def test_a_transfer_keeps_the_customer_until_livevox_has_a_human() -> None:
    call = talking()
    asked = Transfer("humans")
    assert call.handle(VerdictGiven(asked), 5.0) == [ReportTransfer(100), wrap_up(Fate.TRANSFERRED, asked, bot=True)]
    assert call.handle(TransferUnderWay(), 6.0) == [SetAudio(Flow.SILENCE)]
    assert call.handle(TransferSucceeded(), 7.0) == [ReportTransfer(200), DropEngine(Fate.TRANSFERRED)]
    assert call.handle(CUSTOMER_BYE, 7.1) == [TellWrapUp(Leg.CUSTOMER)]
    assert call.handle(BOT_BYE, 7.2) == [TellWrapUp(Leg.ENGINE)]
    assert call.handle(WrapUpFinished(), 8.0) == [Close()]


def test_a_failed_transfer_goes_back_to_the_bot() -> None:
    call = transferring()
    assert call.handle(TransferFailed("no agents", back_to_bot=True), 6.0) == [
        SetAudio(Flow.RELAY),
        ReportTransfer(503),
    ]
    assert (call.state, call.fate, call.verdict) == (CallState.TALKING, None, None)
    assert call.handle(BOT_BYE, 7.0) == [wrap_up(Fate.FINISHED)]


def test_a_failed_transfer_without_a_bot_ends_the_call() -> None:
    call = transferring()
    assert call.handle(BOT_BYE, 5.0) == [SetAudio(Flow.SILENCE), TellWrapUp(Leg.ENGINE)]
    assert call.handle(TransferFailed("no agents", back_to_bot=False), 6.0) == [ReportTransfer(503)]
    assert call.fate is Fate.TRANSFER_FAILED
    assert call.handle(HangUpWanted(), 6.1) == [HangUpCustomer(Fate.TRANSFER_FAILED)]


def test_a_bot_that_says_complete_during_its_transfer_is_let_go() -> None:
    assert transferring().handle(VerdictGiven(Complete("paid")), 5.0) == [
        TellWrapUp(Leg.ENGINE),
        SetAudio(Flow.SILENCE),
        DropEngine(Fate.TRANSFERRED),
    ]


def test_a_bot_that_leaves_once_livevox_has_the_customer_changes_nothing_for_them() -> None:
    call = transferring()
    call.handle(TransferUnderWay(), 5.0)
    assert call.handle(BOT_BYE, 5.1) == [TellWrapUp(Leg.ENGINE)]


def test_the_end_of_a_lost_engine_does_not_cut_off_the_prompt_that_announces_a_human() -> None:
    call = talking(WITH_HUMAN)
    call.handle(Drained(), 5.0)
    assert call.handle(BOT_BYE, 5.1) == [TellWrapUp(Leg.ENGINE)]


def test_a_lost_engine_sends_the_customer_to_a_human() -> None:
    call = talking(WITH_HUMAN)
    rescue = Transfer("humans", outcome="engine_lost")
    assert call.handle(BOT_LOST, 5.0) == [HUMAN_COMES, wrap_up(Fate.ENGINE_LOST, rescue)]
    assert call.state is CallState.TRANSFERRING


def test_a_lost_engine_without_a_human_ends_the_call() -> None:
    assert talking().handle(BOT_LOST, 5.0) == [wrap_up(Fate.ENGINE_LOST)]


def test_a_silent_engine_is_a_lost_one() -> None:
    assert talking().handle(AudioTimedOut(Side.ENGINE), 5.0) == [
        DropEngine(Fate.RTP_TIMEOUT),
        wrap_up(Fate.RTP_TIMEOUT),
    ]


def test_a_customer_side_without_audio_is_not_sent_to_a_human() -> None:
    assert talking(WITH_HUMAN).handle(AudioTimedOut(Side.CUSTOMER), 5.0) == [
        DropEngine(Fate.RTP_TIMEOUT),
        wrap_up(Fate.RTP_TIMEOUT),
    ]


def test_a_lost_worker_leaves_the_customer_on_the_line_for_livevox_to_move() -> None:
    call = talking(WITH_HUMAN)
    rescue = Transfer("humans", outcome="bridge_failure")
    assert call.handle(WorkerLost(), 5.0) == [
        DropEngine(Fate.BRIDGE_FAILURE),  # one that is not reached by SIP is still there
        HUMAN_COMES,
        wrap_up(Fate.BRIDGE_FAILURE, rescue, customer=CustomerLeg.LOST),
    ]
    assert call.handle(WrapUpFinished(), 6.0) == [Close()]


def test_a_worker_lost_during_a_transfer_is_told_to_the_wrap_up() -> None:
    call = transferring()
    assert call.handle(WorkerLost(), 5.0) == [
        DropEngine(Fate.BRIDGE_FAILURE),
        SetAudio(Flow.SILENCE),
        TellWrapUp(Leg.ENGINE),
        TellWrapUp(Leg.CUSTOMER, worker_lost=True),
    ]


def test_a_worker_lost_before_the_answer_ends_the_call() -> None:
    call = connecting()
    assert call.handle(WorkerLost(), 1.0) == [
        DropEngine(Fate.BRIDGE_FAILURE),
        wrap_up(Fate.BRIDGE_FAILURE, customer=CustomerLeg.GONE, answered=False),
    ]
    assert call.handle(WrapUpFinished(), 2.0) == [Close()]


def test_draining_hands_the_customer_to_a_human() -> None:
    rescue = Transfer("humans", outcome="drained")
    assert talking(WITH_HUMAN).handle(Drained(), 5.0) == [
        HUMAN_COMES,
        DropEngine(Fate.DRAINED),
        wrap_up(Fate.DRAINED, rescue),
    ]


def test_draining_refuses_what_is_not_answered() -> None:
    call = connecting()
    assert call.handle(Drained(), 1.0)[0] == RefuseCustomer(503, Fate.DRAINED)


def test_a_lost_ack_ends_the_call() -> None:
    call = connecting()
    call.handle(EngineReady(), 0.0)
    assert call.handle(CustomerEnded(by_peer=False, status=408), 6.0) == [
        DropEngine(Fate.CUSTOMER_HUNG_UP),
        wrap_up(Fate.CUSTOMER_HUNG_UP, customer=CustomerLeg.GONE),
    ]


def test_a_customer_left_on_the_line_at_the_end_is_hung_up_after_ten_seconds() -> None:
    call = talking()
    call.handle(BOT_BYE, 100.0)
    assert call.expire(deadline_of(call, 110.0)) == [HangUpCustomer(Fate.FINISHED)]
    assert call.expire(deadline_of(call, 120.0)) == []
    assert (call.legs.customer, call.deadline) == (LegState.GONE, None)
    assert call.handle(WrapUpFinished(), 130.0) == [Close()]


def test_a_leg_has_its_ten_seconds_from_the_order_to_end_it_on() -> None:
    call = talking()
    call.handle(BOT_BYE, 100.0)
    assert call.handle(HangUpWanted(), 109.0) == [HangUpCustomer(Fate.FINISHED)]
    assert call.expire(deadline_of(call, 119.0)) == []
    assert call.legs.customer is LegState.GONE


def test_an_ack_that_crosses_our_bye_does_not_bring_the_leg_back() -> None:
    call = connecting()
    for event in (EngineReady(), VerdictGiven(Transfer("humans")), HangUpWanted()):
        call.handle(event, 1.0)
    assert call.handle(CustomerAnswered(), 1.1) == []
    assert call.handle(WrapUpFinished(), 2.0) == [DropEngine(Fate.TRANSFERRED)]  # and no second BYE


def test_a_last_engine_that_is_too_slow_is_waited_for_at_the_end() -> None:
    call = connecting()
    assert call.expire(5.0) == [
        DropEngine(Fate.ENGINE_UNAVAILABLE),
        RefuseCustomer(503, Fate.ENGINE_UNAVAILABLE),
        wrap_up(Fate.ENGINE_UNAVAILABLE, customer=CustomerLeg.GONE, answered=False),
    ]
    call.handle(CustomerEnded(by_peer=False, status=503), 5.1)
    assert call.handle(WrapUpFinished(), 5.2) == []  # its dialog is still there
    assert call.handle(EngineFailed("487"), 6.0) == [Close()]


@pytest.mark.parametrize(
    ("verdict", "then"),
    [
        (Complete("paid"), [DropEngine(Fate.FINISHED), wrap_up(Fate.FINISHED, Complete("paid"))]),
        (Transfer("humans"), [ReportTransfer(100), wrap_up(Fate.TRANSFERRED, Transfer("humans"), bot=True)]),
    ],
)
def test_a_verdict_that_overtakes_the_bots_answer_counts(verdict: Complete | Transfer, then: list[CallCommand]) -> None:
    call = connecting()
    assert call.handle(VerdictGiven(verdict), 1.0) == []
    assert call.handle(EngineReady(), 1.1) == [AnswerCustomer(), *then]


def test_the_verdict_of_an_engine_that_was_given_up_is_forgotten() -> None:
    call = connecting(engines=2)
    call.handle(VerdictGiven(Complete("paid")), 1.0)
    call.expire(5.0)
    assert call.handle(EngineReady(), 6.0) == [AnswerCustomer()]


@pytest.mark.parametrize(
    ("event", "fate"),
    [
        (AudioTimedOut(Side.ENGINE), Fate.RTP_TIMEOUT),
        (PartFailed(), Fate.BRIDGE_FAILURE),
        (Drained(), Fate.DRAINED),
    ],
)
def test_a_bot_that_cannot_go_on_does_not_get_the_customer_back(event: CallEvent, fate: Fate) -> None:
    call = transferring(WITH_HUMAN)
    assert call.handle(event, 5.0) == []
    assert call.handle(TransferFailed("no agents", back_to_bot=True), 6.0) == [
        ReportTransfer(503),
        HUMAN_COMES,
        DropEngine(fate),
        wrap_up(fate, Transfer("humans", outcome=fate)),
    ]


def test_a_customer_who_comes_back_to_a_bot_that_is_leaving_is_not_left_alone() -> None:
    call = transferring()
    call.handle(VerdictGiven(Complete("paid")), 5.0)
    assert call.handle(TransferFailed("no agents", back_to_bot=True), 6.0) == [
        ReportTransfer(503),
        wrap_up(Fate.ENGINE_LOST),
    ]


def test_the_bot_of_a_transfer_whose_customer_has_left_is_let_go_after_ten_seconds() -> None:
    call = transferring()
    call.handle(CUSTOMER_BYE, 20.0)
    assert call.expire(deadline_of(call, 30.0)) == [DropEngine(Fate.TRANSFERRED)]
    assert call.deadline is None


def test_a_worker_lost_after_the_customer_has_left_leaves_nobody_stranded() -> None:
    call = transferring()
    call.handle(CUSTOMER_BYE, 5.0)
    assert call.handle(WorkerLost(), 6.0)[-2:] == [TellWrapUp(Leg.ENGINE), TellWrapUp(Leg.CUSTOMER)]
    assert (call.legs.over, call.legs.stranded) == (True, False)


def test_a_worker_lost_with_a_refusal_leaves_nobody_stranded() -> None:
    call = connecting()
    call.handle(EngineFailed("503"), 1.0)
    assert call.handle(WorkerLost(), 1.1) == [TellWrapUp(Leg.ENGINE), TellWrapUp(Leg.CUSTOMER)]


def test_a_stranded_customer_who_hangs_up_is_gone() -> None:
    call = talking(WITH_HUMAN)
    call.handle(WorkerLost(), 5.0)
    assert call.legs.stranded
    call.handle(CUSTOMER_BYE, 6.0)
    assert (call.legs.over, call.legs.stranded) == (True, False)


def test_without_audio_ports_the_customer_goes_to_a_human() -> None:
    assert talking(WITH_HUMAN).handle(PartFailed(), 5.0) == [
        HUMAN_COMES,
        DropEngine(Fate.BRIDGE_FAILURE),
        wrap_up(Fate.BRIDGE_FAILURE, Transfer("humans", outcome="bridge_failure")),
    ]


def test_without_audio_ports_nobody_is_answered() -> None:
    call = connecting()
    assert call.handle(PartFailed(), 1.0)[0] == RefuseCustomer(503, Fate.BRIDGE_FAILURE)


def test_the_first_verdict_counts_whatever_the_bots_bye_says_then() -> None:
    call = talking()
    call.handle(VerdictGiven(Complete("paid")), 5.0)
    assert call.handle(EngineEnded(Complete("refused"), lost=False, reason="200 BYE received"), 5.1) == []
    assert call.verdict == Complete("paid")


def test_a_bye_of_the_customer_that_crosses_the_bots_leaves_one_disposition() -> None:
    call = talking()
    assert call.handle(EngineEnded(Complete("paid"), lost=False, reason=""), 5.0) == [
        wrap_up(Fate.FINISHED, Complete("paid"))
    ]
    assert call.handle(CUSTOMER_BYE, 5.0) == [TellWrapUp(Leg.CUSTOMER)]
    assert call.handle(HangUpWanted(), 5.1) == []


def test_a_transfer_may_be_asked_for_before_livevox_has_acknowledged() -> None:
    call = connecting()
    call.handle(EngineReady(), 0.1)
    call.handle(VerdictGiven(Transfer("humans")), 0.2)
    assert call.state is CallState.TRANSFERRING
    assert call.handle(CustomerAnswered(), 0.3) == [FetchScreenPop()]
    assert call.deadline is None


def test_an_impossible_event_is_refused_by_name() -> None:
    with pytest.raises(InvalidTransition, match="CustomerAnswered has no place in state ADMITTED"):
        opened().handle(CustomerAnswered(), 0.0)


EVENTS: list[CallEvent] = [
    InviteTaken(),
    EngineReady(),
    EngineFailed("x"),
    BOT_BYE,
    BOT_LOST,
    VerdictGiven(Complete("paid")),
    VerdictGiven(Transfer("humans")),
    Ordered(Complete("paid")),
    Ordered(Transfer("humans")),
    CustomerAnswered(),
    CUSTOMER_BYE,
    AudioTimedOut(Side.ENGINE),
    AudioTimedOut(Side.CUSTOMER),
    DeadAir(Side.ENGINE, 15.0, last=False),
    DeadAir(Side.ENGINE, 30.0, last=True),
    DeadAir(Side.CUSTOMER, 30.0, last=True),
    WorkerLost(),
    PartFailed(),
    Drained(),
    TransferUnderWay(),
    TransferSucceeded(),
    TransferFailed("x", back_to_bot=True),
    TransferFailed("x", back_to_bot=False),
    HangUpWanted(),
    WrapUpFinished(),
]
OF_WRAP_UPS = (WrapUpFinished, TransferFailed, TransferSucceeded, TransferUnderWay, HangUpWanted)
#: None stands for a deadline that is reached.
STEPS: list[CallEvent | None] = [*EVENTS, None, None]
POLICIES = [CallPolicy(), WITH_HUMAN, CallPolicy(failure_target="humans", answer_without_engine=True)]


class Story:
    """A call and what it was told; what must hold after each event is checked."""

    def __init__(self, policy: CallPolicy, open_circuits: set[str]) -> None:
        self.call = Call([FIRST, SECOND], policy, 0.0, lambda name: name not in open_circuits)
        self.commands: list[CallCommand] = []
        self.wrap_ups = 0
        """Those that are under way."""
        self.now = 0.0
        self._take(self.call.handle(CallOpened(), 0.0))

    def step(self, event: CallEvent | None) -> None:
        self.now += 1.0
        if event is None:
            if self.call.deadline is not None:
                self._take(self.call.expire(self.call.deadline))
        elif self._may_come(event):
            self._end_wrap_up(event)
            try:
                self._take(self.call.handle(event, self.now))
            except InvalidTransition:
                return
        self._check()

    def _may_come(self, event: CallEvent) -> bool:
        return self.wrap_ups > 0 or not isinstance(event, OF_WRAP_UPS)  # only a wrap-up says these

    def _end_wrap_up(self, event: CallEvent) -> None:
        back = isinstance(event, TransferFailed) and event.back_to_bot and self.call.state is CallState.TRANSFERRING
        self.wrap_ups -= isinstance(event, WrapUpFinished) or back

    def _take(self, commands: list[CallCommand]) -> None:
        self.commands += commands
        self.wrap_ups += sum(isinstance(command, StartWrapUp) for command in commands)
        assert self.wrap_ups <= 1

    def _check(self) -> None:
        state, legs = self.call.state, self.call.legs
        # a customer who hears nobody is always in somebody's hands
        assert (state is CallState.TRANSFERRING) <= (self.wrap_ups == 1)
        assert (state in (CallState.ADMITTED, CallState.CONNECTING, CallState.REPLACING)) <= (
            self.call.deadline is not None
        )
        if state in (CallState.ANSWERING, CallState.TALKING, CallState.REPLACING):
            reached = LegState.PENDING if state is CallState.REPLACING else LegState.UP
            assert (self.wrap_ups, legs.engine, legs.customer is LegState.GONE) == (0, reached, False)
        tried = [command.name for command in self.commands if isinstance(command, ConnectEngine)]
        assert len(tried) == len(set(tried))
        assert sum(isinstance(command, AnswerCustomer | RefuseCustomer) for command in self.commands) <= 1


@given(
    st.lists(st.sampled_from(STEPS), max_size=30),
    st.sampled_from(POLICIES),
    st.sets(st.sampled_from(["first", "second"])),
)
def test_whatever_comes_the_call_ends_once_and_with_one_wrap_up_at_a_time(
    steps: list[CallEvent | None], policy: CallPolicy, open_circuits: set[str]
) -> None:
    story = Story(policy, open_circuits)
    for event in steps:
        story.step(event)
    # Everything that ends by itself ends now.
    for event in (CUSTOMER_BYE, BOT_BYE, WrapUpFinished()):
        story.wrap_ups -= isinstance(event, WrapUpFinished) and story.wrap_ups > 0
        story._take(story.call.handle(event, story.now + 1.0))
    assert story.call.state is CallState.CLOSED
    assert sum(isinstance(command, Close) for command in story.commands) == 1
    assert any(isinstance(command, StartWrapUp) for command in story.commands)
