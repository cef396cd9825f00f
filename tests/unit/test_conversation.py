"""An engine that is lost while the customer is on the line gives way to the next one."""

import pytest

from bridge.calls.call import Call
from bridge.calls.events import (
    AudioTimedOut,
    CallCommand,
    CallEvent,
    Close,
    ConnectEngine,
    CustomerAnswered,
    DeadAir,
    Drained,
    DropEngine,
    FetchScreenPop,
    Ordered,
    PartFailed,
    ReportTransfer,
    SetAudio,
    StartWrapUp,
    TellDeadAir,
    TellWrapUp,
    TransferFailed,
    TransferUnderWay,
    WorkerLost,
    WrapUpFinished,
)
from bridge.calls.states import CallPolicy, CallState, LegState
from bridge.engines.events import EngineEnded, EngineFailed, EngineReady, Fate, VerdictGiven
from bridge.errors import InvalidTransition
from bridge.media.messages import Flow, Prompt, Side
from bridge.verdicts import Complete, Transfer
from bridge.wrapup.plan import CustomerLeg
from sip.messages import Leg
from tests.talking_call import (
    CUSTOMER_BYE,
    HUMAN_COMES,
    WITH_HUMAN,
    answering,
    connecting,
    talking,
    to_human,
    wrap_up,
)

LOST = EngineEnded(None, lost=True, reason="1006")
WAIT = SetAudio(Flow.SILENCE, Prompt.WAIT)


def replacing(policy: CallPolicy | None = None, engines: int = 2) -> Call:
    call = talking(policy, engines)
    call.handle(LOST, 10.0)
    assert call.state is CallState.REPLACING
    return call


def test_the_customer_hears_the_wait_prompt_while_the_next_engine_is_reached() -> None:
    call = talking(engines=2)
    assert call.handle(LOST, 10.0) == [WAIT, ConnectEngine("second")]
    assert (call.state, call.deadline, call.legs.engine) == (CallState.REPLACING, 13.0, LegState.PENDING)
    assert call.handle(EngineReady(), 11.0) == [SetAudio(Flow.RELAY)]
    assert (call.state, call.deadline, call.legs.engine) == (CallState.TALKING, None, LegState.UP)
    said = Complete("paid")
    assert call.handle(EngineEnded(said, lost=False, reason=""), 20.0) == [wrap_up(Fate.FINISHED, said)]


def test_an_engine_that_says_it_failed_while_talking_is_a_lost_one() -> None:
    assert talking(engines=2).handle(EngineFailed("nonsense"), 10.0) == [WAIT, ConnectEngine("second")]


def test_an_engine_without_audio_is_dropped_and_replaced() -> None:
    call = talking(engines=2)
    assert call.handle(AudioTimedOut(Side.ENGINE), 10.0) == [
        DropEngine(Fate.RTP_TIMEOUT),
        WAIT,
        ConnectEngine("second"),
    ]


def test_a_bot_that_says_goodbye_is_not_replaced() -> None:
    assert talking(engines=2).handle(EngineEnded(None, lost=False, reason="200"), 10.0) == [wrap_up(Fate.FINISHED)]


@pytest.mark.parametrize("event", [EngineFailed("503"), LOST])
def test_each_engine_has_its_own_time_limit(event: CallEvent) -> None:
    call = replacing(engines=3)
    assert call.handle(event, 11.0) == [ConnectEngine("third")]
    assert call.deadline == 13.0


def test_an_engine_too_slow_to_replace_another_is_dropped_for_the_next() -> None:
    call = replacing(engines=3)
    assert call.expire(13.0) == [DropEngine(Fate.ENGINE_UNAVAILABLE), ConnectEngine("third")]
    assert call.deadline == 15.0


def test_with_none_left_a_human_takes_over_for_the_reason_the_first_was_lost() -> None:
    call = talking(WITH_HUMAN, engines=2)
    call.handle(AudioTimedOut(Side.ENGINE), 10.0)
    assert call.handle(EngineFailed("503"), 11.0) == [HUMAN_COMES, to_human(Fate.RTP_TIMEOUT)]
    assert (call.state, call.deadline) == (CallState.TRANSFERRING, None)


def test_the_last_one_too_slow_is_dropped_before_a_human_takes_over() -> None:
    assert replacing(WITH_HUMAN).expire(13.0) == [
        DropEngine(Fate.ENGINE_UNAVAILABLE),
        HUMAN_COMES,
        to_human(Fate.ENGINE_LOST),
    ]


def test_with_none_left_and_no_human_the_call_ends() -> None:
    call = replacing()
    assert call.handle(EngineFailed("503"), 11.0) == [wrap_up(Fate.ENGINE_LOST)]
    assert call.state is CallState.ENDING


def test_an_engine_that_replaced_another_may_be_lost_as_well() -> None:
    call = replacing(engines=3)
    call.handle(EngineReady(), 11.0)
    assert call.handle(LOST, 20.0) == [WAIT, ConnectEngine("third")]
    call.handle(EngineReady(), 21.0)
    assert call.handle(LOST, 30.0) == [wrap_up(Fate.ENGINE_LOST)]


# what crosses


def test_a_customer_who_hangs_up_meanwhile_ends_the_call() -> None:
    call = replacing()
    assert call.handle(CUSTOMER_BYE, 11.0) == [
        DropEngine(Fate.CUSTOMER_HUNG_UP),
        wrap_up(Fate.CUSTOMER_HUNG_UP, customer=CustomerLeg.GONE),
    ]
    assert call.handle(EngineReady(), 11.1) == []
    assert call.handle(WrapUpFinished(), 11.2) == []
    assert call.handle(EngineEnded(None, lost=False, reason="gone"), 11.3) == [Close()]


@pytest.mark.parametrize(
    ("event", "fate"), [(Drained(), Fate.DRAINED), (PartFailed(), Fate.BRIDGE_FAILURE)], ids=["drained", "no ports"]
)
def test_what_ends_every_call_brings_the_customer_to_a_human(event: CallEvent, fate: Fate) -> None:
    assert replacing(WITH_HUMAN).handle(event, 11.0) == [HUMAN_COMES, DropEngine(fate), to_human(fate)]


def test_a_worker_lost_meanwhile_leaves_the_customer_to_livevox() -> None:
    call = replacing(WITH_HUMAN)
    assert call.handle(WorkerLost(), 11.0) == [
        DropEngine(Fate.BRIDGE_FAILURE),
        HUMAN_COMES,
        wrap_up(Fate.BRIDGE_FAILURE, Transfer("humans", outcome="bridge_failure"), customer=CustomerLeg.LOST),
    ]
    assert call.legs.stranded


def test_a_customer_without_audio_ends_the_call() -> None:
    assert replacing(WITH_HUMAN).handle(AudioTimedOut(Side.CUSTOMER), 11.0) == [
        DropEngine(Fate.RTP_TIMEOUT),
        wrap_up(Fate.RTP_TIMEOUT),
    ]


@pytest.mark.parametrize(
    "event",
    [
        AudioTimedOut(Side.ENGINE),
        DeadAir(Side.ENGINE, 15.0, last=False),
        DeadAir(Side.ENGINE, 30.0, last=True),
        DeadAir(Side.CUSTOMER, 30.0, last=True),
        CustomerAnswered(),
    ],
)
def test_what_is_said_of_the_engine_that_is_lost_does_not_matter(event: CallEvent) -> None:
    call = replacing()
    assert call.handle(event, 11.0) == []
    assert (call.state, call.deadline) == (CallState.REPLACING, 13.0)


def test_a_verdict_counts_although_no_engine_is_ready() -> None:
    said = Complete("paid")
    assert replacing().handle(VerdictGiven(said), 11.0) == [DropEngine(Fate.FINISHED), wrap_up(Fate.FINISHED, said)]


def test_a_transfer_ordered_meanwhile_needs_no_engine() -> None:
    call = replacing()
    asked = Transfer("humans")
    assert call.handle(Ordered(asked), 11.0) == [DropEngine(Fate.TRANSFERRED), wrap_up(Fate.TRANSFERRED, asked)]
    assert call.handle(EngineFailed("487"), 11.1) == [TellWrapUp(Leg.ENGINE)]
    assert call.handle(TransferUnderWay(), 12.0) == [SetAudio(Flow.SILENCE)]
    assert call.handle(TransferFailed("no agents", back_to_bot=False), 13.0) == [ReportTransfer(503)]


def test_what_only_a_wrap_up_says_has_no_place() -> None:
    with pytest.raises(InvalidTransition, match="TransferUnderWay has no place in state REPLACING"):
        replacing().handle(TransferUnderWay(), 11.0)


# before LiveVox has acknowledged our 200


def test_an_engine_lost_right_after_the_answer_is_replaced_too() -> None:
    call = answering(engines=2)
    assert call.handle(LOST, 2.0) == [WAIT, ConnectEngine("second")]
    assert call.handle(CustomerAnswered(), 2.1) == [FetchScreenPop()]
    assert call.state is CallState.REPLACING
    assert call.handle(EngineReady(), 2.2) == [SetAudio(Flow.RELAY)]
    assert (call.state, call.deadline) == (CallState.TALKING, None)


def test_the_acknowledgement_is_still_waited_for_after_the_replacement() -> None:
    call = answering(engines=2)
    call.handle(LOST, 2.0)
    call.handle(EngineReady(), 3.0)
    assert (call.state, call.deadline) == (CallState.ANSWERING, 43.0)
    assert call.handle(CustomerAnswered(), 3.1) == [FetchScreenPop()]
    assert (call.state, call.deadline) == (CallState.TALKING, None)


# dead air


def test_the_bot_hears_of_dead_air_before_anything_comes_of_it() -> None:
    for side in Side:
        assert talking(engines=2).handle(DeadAir(side, 15.0, last=False), 30.0) == [TellDeadAir(15.0)]


def test_a_bot_that_says_nothing_any_more_loses_the_customer_to_a_human() -> None:
    assert talking(WITH_HUMAN, engines=2).handle(DeadAir(Side.ENGINE, 30.0, last=True), 45.0) == [
        HUMAN_COMES,
        DropEngine(Fate.DEAD_AIR),
        to_human(Fate.DEAD_AIR),
    ]


def test_without_a_human_a_silent_bots_call_ends() -> None:
    assert talking(engines=2).handle(DeadAir(Side.ENGINE, 30.0, last=True), 45.0) == [
        DropEngine(Fate.DEAD_AIR),
        wrap_up(Fate.DEAD_AIR),
    ]


def test_a_customer_who_says_nothing_any_more_is_let_go() -> None:
    assert talking(WITH_HUMAN, engines=2).handle(DeadAir(Side.CUSTOMER, 30.0, last=True), 45.0) == [
        DropEngine(Fate.DEAD_AIR),
        wrap_up(Fate.DEAD_AIR),
    ]


@pytest.mark.parametrize("last", [False, True])
def test_dead_air_does_not_matter_before_the_answer_in_a_transfer_or_at_the_end(last: bool) -> None:
    silence = DeadAir(Side.ENGINE, 15.0, last)
    transferring = talking(engines=2)
    transferring.handle(VerdictGiven(Transfer("humans")), 5.0)
    ending = talking(engines=2)
    ending.handle(CUSTOMER_BYE, 5.0)
    for call in (connecting(), transferring, ending):
        assert call.handle(silence, 30.0) == []


# orders by the API


def test_an_order_while_talking_is_obeyed_as_the_bots_word() -> None:
    assert talking(engines=2).handle(Ordered(Complete("paid")), 5.0) == [
        DropEngine(Fate.FINISHED),
        wrap_up(Fate.FINISHED, Complete("paid")),
    ]
    asked = Transfer("humans")
    started = StartWrapUp(Fate.TRANSFERRED, asked, customer=CustomerLeg.UP, bot_present=True, answered=True)
    assert talking(engines=2).handle(Ordered(asked), 5.0) == [ReportTransfer(100), started]


def test_an_order_to_end_during_a_transfer_lets_the_bot_go() -> None:
    call = talking(engines=2)
    call.handle(VerdictGiven(Transfer("humans")), 5.0)
    call.handle(TransferUnderWay(), 5.5)
    expected: list[CallCommand] = [TellWrapUp(Leg.ENGINE), DropEngine(Fate.TRANSFERRED)]
    assert call.handle(Ordered(Complete()), 6.0) == expected


def test_an_order_after_the_end_changes_nothing() -> None:
    call = talking(engines=2)
    call.handle(CUSTOMER_BYE, 5.0)
    assert call.handle(Ordered(Complete("paid")), 6.0) == []
    assert call.verdict is None
