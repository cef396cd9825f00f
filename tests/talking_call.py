"""A call for tests of its state machine, brought to where its customer talks; what most of them feed and expect."""

from collections.abc import Callable

from bridge.calls.call import Call
from bridge.calls.events import (
    CallOpened,
    CustomerAnswered,
    CustomerEnded,
    InviteTaken,
    SetAudio,
    StartWrapUp,
)
from bridge.calls.states import CallPolicy, CallState, EngineChoice
from bridge.engines.events import EngineReady, Fate
from bridge.media.messages import Flow, Prompt
from bridge.verdicts import Complete, Transfer
from bridge.wrapup.plan import CustomerLeg

FIRST = EngineChoice("first", 5.0)
SECOND = EngineChoice("second", 3.0)
CHOICES = [FIRST, SECOND, EngineChoice("third", 2.0)]
#: Whom the bridge fails goes to a human.
WITH_HUMAN = CallPolicy(failure_target="humans")
CUSTOMER_BYE = CustomerEnded(by_peer=True, status=200)
#: What the customer hears then.
HUMAN_COMES = SetAudio(Flow.SILENCE, Prompt.UNAVAILABLE)


def wrap_up(
    fate: Fate,
    verdict: Complete | Transfer | None = None,
    *,
    customer: CustomerLeg = CustomerLeg.UP,
    bot: bool = False,
    answered: bool = True,
) -> StartWrapUp:
    """The wrap-up that begins; `bot` if its leg is up."""
    return StartWrapUp(fate, verdict, customer=customer, bot_present=bot, answered=answered)


def to_human(fate: Fate) -> StartWrapUp:
    """The wrap-up that takes the customer to a human."""
    return wrap_up(fate, Transfer("humans", outcome=fate))


def opened(
    policy: CallPolicy | None = None, engines: int = 1, allows: Callable[[str], bool] = lambda name: True
) -> Call:
    """The first of so many engines is reached, from second 0 on; no worker has the INVITE."""
    call = Call(CHOICES[:engines], policy or CallPolicy(), 0.0, allows)
    call.handle(CallOpened(), 0.0)
    return call


def connecting(
    policy: CallPolicy | None = None, engines: int = 1, allows: Callable[[str], bool] = lambda name: True
) -> Call:
    """The customer hears ringing while the first of so many engines is reached, from second 0 on."""
    call = opened(policy, engines, allows)
    call.handle(InviteTaken(), 0.0)
    return call


def answering(policy: CallPolicy | None = None, engines: int = 1) -> Call:
    """The first of so many engines is ready, from second 1 on."""
    call = connecting(policy, engines)
    call.handle(EngineReady(), 1.0)
    return call


def talking(policy: CallPolicy | None = None, engines: int = 1) -> Call:
    """The customer is on the line with the first of so many engines, from second 1 on."""
    call = answering(policy, engines)
    call.handle(CustomerAnswered(), 1.0)
    assert call.state is CallState.TALKING
    return call
