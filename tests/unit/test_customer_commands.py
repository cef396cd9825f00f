"""What is said on LiveVox's leg."""

import pytest

from bridge.calls.customer_commands import hang_up, refer_declined, refusal
from bridge.engines.events import Fate
from sip.messages import HangUp, Header, Leg, ReferReceived, Refuse


@pytest.mark.parametrize(("status", "headers"), [(503, (Header("Retry-After", "5"),)), (500, ()), (486, ())])
def test_only_a_503_says_when_to_try_again(status: int, headers: tuple[Header, ...]) -> None:
    assert refusal("c1", status, 5) == Refuse("c1", status, headers)


def test_a_hang_up_says_why() -> None:
    reason = Header("Reason", 'SIP;cause=200;text="engine lost"')
    assert hang_up("c1", Leg.CUSTOMER, Fate.ENGINE_LOST) == HangUp("c1", Leg.CUSTOMER, (reason,))


def test_a_refer_is_declined_in_the_notify_of_its_subscription() -> None:
    sent = refer_declined(ReferReceived("c1", Leg.CUSTOMER, "sip:else@where", 7, subscribe=True))
    assert (sent.method, sent.headers[0]) == ("NOTIFY", Header("Event", "refer;id=7"))
    assert sent.body == "SIP/2.0 603 Decline\r\n"
