"""Before the answer: engines are passed over or fail, and what becomes of a customer whom none can have."""

import pytest

from bridge.calls.call import Call
from bridge.calls.events import (
    AnswerCustomer,
    CallEvent,
    CallOpened,
    Close,
    ConnectEngine,
    CustomerAnswered,
    CustomerEnded,
    Drained,
    DropEngine,
    FetchScreenPop,
    InviteTaken,
    Ordered,
    PartFailed,
    PassOverEngine,
    RefuseCustomer,
    SetAudio,
    TellWrapUp,
    TransferUnderWay,
    WorkerLost,
    WrapUpFinished,
)
from bridge.calls.states import CallPolicy, CallState
from bridge.engines.events import EngineEnded, EngineFailed, EngineReady, Fate, VerdictGiven
from bridge.media.messages import Flow
from bridge.verdicts import Complete
from bridge.wrapup.plan import CustomerLeg
from sip.messages import Leg
from tests.talking_call import CHOICES, CUSTOMER_BYE, HUMAN_COMES, connecting, opened, to_human, wrap_up

ANSWERS_ANYWAY = CallPolicy(failure_target="humans", answer_without_engine=True)
LOST = EngineEnded(None, lost=True, reason="1006")
REFUSED = EngineEnded(Complete("refused"), lost=False, reason="200")


def only(*names: str) -> list[str]:
    """What `allows` is asked about: a list that tests may change."""
    return list(names)


def test_an_engine_whose_circuit_is_open_is_passed_over() -> None:
    allowed = only("second")
    call = Call(CHOICES, CallPolicy(), 0.0, allowed.__contains__)
    assert call.handle(CallOpened(), 0.0) == [PassOverEngine("first"), ConnectEngine("second")]
    call.handle(InviteTaken(), 0.0)
    call.handle(EngineReady(), 0.1)
    call.handle(CustomerAnswered(), 0.2)
    assert call.handle(LOST, 5.0) == [PassOverEngine("third"), wrap_up(Fate.ENGINE_LOST)]


def test_a_circuit_that_opened_meanwhile_is_seen() -> None:
    allowed = only("first", "second", "third")
    call = connecting(engines=3, allows=allowed.__contains__)
    allowed.remove("second")
    assert call.handle(EngineFailed("503"), 0.1) == [PassOverEngine("second"), ConnectEngine("third")]


def test_with_all_circuits_open_livevox_may_route_on() -> None:
    call = Call(CHOICES[:1], CallPolicy(), 0.0, only().__contains__)
    assert call.handle(CallOpened(), 0.0) == [PassOverEngine("first")]
    assert call.handle(InviteTaken(), 0.0) == [
        RefuseCustomer(503, Fate.ENGINE_UNAVAILABLE),
        wrap_up(Fate.ENGINE_UNAVAILABLE, customer=CustomerLeg.GONE, answered=False),
    ]


# before a worker has the INVITE


def test_an_engine_that_is_ready_before_the_invite_waits_for_it() -> None:
    call = opened()
    assert call.handle(EngineReady(), 0.1) == []
    assert (call.state, call.deadline) == (CallState.ADMITTED, 5.0)
    assert call.handle(InviteTaken(), 0.2) == [AnswerCustomer()]
    assert call.state is CallState.ANSWERING


def test_an_engine_that_fails_before_the_invite_gives_way_to_the_next() -> None:
    call = opened(engines=2)
    assert call.handle(EngineFailed("503"), 0.1) == [ConnectEngine("second")]
    assert call.deadline == 3.1
    assert call.handle(InviteTaken(), 0.2) == []
    assert (call.state, call.deadline) == (CallState.CONNECTING, 3.1)


def test_an_engine_too_slow_before_the_invite_gives_way_to_the_next() -> None:
    call = Call(CHOICES[1:], CallPolicy(), 0.0)
    call.handle(CallOpened(), 0.0)
    assert call.expire(3.0) == [DropEngine(Fate.ENGINE_UNAVAILABLE), ConnectEngine("third")]
    assert call.handle(EngineReady(), 3.1) == []
    assert call.expire(5.0)[:2] == [RefuseCustomer(500, Fate.BRIDGE_FAILURE), DropEngine(Fate.BRIDGE_FAILURE)]


def test_without_an_engine_the_customer_is_refused_once_a_worker_has_the_invite() -> None:
    call = opened()
    assert call.handle(EngineFailed("503"), 0.1) == []
    assert (call.state, call.deadline) == (CallState.ADMITTED, 5.0)
    assert call.handle(InviteTaken(), 0.2)[0] == RefuseCustomer(503, Fate.ENGINE_UNAVAILABLE)


def test_without_an_engine_the_customer_is_answered_once_a_worker_has_the_invite() -> None:
    call = opened(ANSWERS_ANYWAY)
    call.handle(EngineFailed("503"), 0.1)
    assert call.handle(InviteTaken(), 0.2) == [AnswerCustomer(), HUMAN_COMES, to_human(Fate.ENGINE_UNAVAILABLE)]


@pytest.mark.parametrize(
    ("said", "verdict"),
    [
        ([EngineEnded(Complete("paid"), lost=False, reason="200")], Complete("paid")),
        ([EngineEnded(None, lost=False, reason="200")], None),
        ([VerdictGiven(Complete("paid")), REFUSED], Complete("paid")),
        ([Ordered(Complete("paid")), REFUSED], Complete("paid")),
    ],
)
def test_a_bot_that_says_goodbye_before_the_invite_has_said_its_word(
    said: list[CallEvent], verdict: Complete | None
) -> None:
    call = opened(engines=2)
    call.handle(EngineReady(), 0.1)
    for event in said:
        assert call.handle(event, 0.2) == []
    assert call.handle(InviteTaken(), 0.3) == [AnswerCustomer(), wrap_up(Fate.FINISHED, verdict)]


def test_a_bot_lost_before_the_invite_is_replaced() -> None:
    call = opened(engines=2)
    call.handle(EngineReady(), 0.1)
    assert call.handle(LOST, 0.2) == [ConnectEngine("second")]
    assert call.handle(InviteTaken(), 0.3) == []
    assert call.handle(EngineReady(), 0.4) == [AnswerCustomer()]


@pytest.mark.parametrize(("event", "fate"), [(Drained(), Fate.DRAINED), (PartFailed(), Fate.BRIDGE_FAILURE)])
def test_a_call_that_cannot_go_on_lets_the_engine_go_and_is_refused_once_a_worker_has_the_invite(
    event: CallEvent, fate: Fate
) -> None:
    call = opened(engines=2)
    assert call.handle(event, 0.1) == [DropEngine(fate)]
    assert call.handle(EngineReady(), 0.2) == []  # its 200 has crossed our CANCEL
    assert call.handle(LOST, 0.3) == []
    assert call.deadline == 5.0
    assert call.handle(InviteTaken(), 0.4)[0] == RefuseCustomer(503, fate)


def test_a_cancel_before_the_invite_drops_the_engine() -> None:
    assert opened().handle(CustomerEnded(by_peer=True, status=487), 0.1) == [
        DropEngine(Fate.CUSTOMER_HUNG_UP),
        wrap_up(Fate.CUSTOMER_HUNG_UP, customer=CustomerLeg.GONE, answered=False),
    ]


def test_a_worker_lost_before_the_invite_costs_the_engine_its_call() -> None:
    assert opened().handle(WorkerLost(), 0.1) == [
        DropEngine(Fate.BRIDGE_FAILURE),
        wrap_up(Fate.BRIDGE_FAILURE, customer=CustomerLeg.GONE, answered=False),
    ]


# no engine, and the customer is answered all the same


def unanswered(engines: int = 1) -> Call:
    return connecting(ANSWERS_ANYWAY, engines)


def test_without_an_engine_the_customer_hears_that_a_human_comes() -> None:
    call = unanswered()
    assert call.handle(EngineFailed("503"), 1.0) == [AnswerCustomer(), HUMAN_COMES, to_human(Fate.ENGINE_UNAVAILABLE)]
    assert (call.state, call.deadline, call.legs.answered) == (CallState.TRANSFERRING, None, True)
    assert call.handle(CustomerAnswered(), 1.1) == [FetchScreenPop()]
    assert call.handle(TransferUnderWay(), 2.0) == [SetAudio(Flow.SILENCE)]
    assert call.handle(CUSTOMER_BYE, 3.0) == [TellWrapUp(Leg.CUSTOMER)]
    assert call.handle(WrapUpFinished(), 4.0) == [Close()]


def test_a_last_engine_too_slow_is_dropped_before_the_customer_is_answered() -> None:
    assert unanswered().expire(5.0) == [
        DropEngine(Fate.ENGINE_UNAVAILABLE),
        AnswerCustomer(),
        HUMAN_COMES,
        to_human(Fate.ENGINE_UNAVAILABLE),
    ]


def test_a_next_engine_is_tried_before_anything_of_it() -> None:
    assert unanswered(engines=2).handle(EngineFailed("503"), 1.0) == [ConnectEngine("second")]


@pytest.mark.parametrize(("event", "status"), [(Drained(), 503), (PartFailed(), 503)])
def test_for_other_reasons_the_customer_is_refused_as_ever(event: CallEvent, status: int) -> None:
    assert isinstance(unanswered().handle(event, 1.0)[0], RefuseCustomer)


def test_a_customer_who_never_acknowledges_is_gone() -> None:
    call = unanswered()
    call.handle(EngineFailed("503"), 1.0)
    assert call.handle(CustomerEnded(by_peer=False, status=408), 7.0) == [TellWrapUp(Leg.CUSTOMER)]


# orders by the API


@pytest.mark.parametrize("states", [[], [InviteTaken()], [InviteTaken(), EngineFailed("503")]])
def test_an_order_before_the_answer_counts_whichever_engine_answers(states: list[CallEvent]) -> None:
    call = opened(engines=3)
    for event in states:
        call.handle(event, 0.0)
    assert call.handle(Ordered(Complete("paid")), 0.1) == []
    if not states:
        call.handle(InviteTaken(), 0.2)
    call.handle(EngineFailed("503"), 0.3)
    assert call.handle(EngineReady(), 0.4) == [
        AnswerCustomer(),
        DropEngine(Fate.FINISHED),
        wrap_up(Fate.FINISHED, Complete("paid")),
    ]


def test_an_order_counts_more_than_what_the_bot_said_early() -> None:
    call = connecting(engines=3)
    call.handle(Ordered(Complete("paid")), 0.1)
    call.handle(VerdictGiven(Complete("refused")), 0.2)
    call.handle(EngineReady(), 0.3)
    assert call.verdict == Complete("paid")
