"""What one side says: the keys it presses."""

from bridge.media.messages import (
    AudioStarted,
    DtmfReceived,
    Flow,
    Side,
)
from bridge.media.party import MAX_KEYS_PER_S
from tests.unit.media_call import Call, press


def test_a_key_is_relayed_and_reported_once() -> None:
    call = Call()
    call.agree()
    press(call, Side.CUSTOMER, 11, 3200)
    assert len(call.heard[Side.ENGINE]) == 8
    assert call.events == [AudioStarted("c1", Side.CUSTOMER), DtmfReceived("c1", Side.CUSTOMER, "#", 120)]
    assert call.session.closed().customer.digits == "#"


def test_a_key_is_reported_while_both_hear_silence() -> None:
    call = Call()
    call.agree()
    call.session.set_flow(Flow.SILENCE)
    press(call, Side.ENGINE, 1, 3200)
    assert DtmfReceived("c1", Side.ENGINE, "1", 120) in call.events
    assert call.heard[Side.CUSTOMER] == []


def test_a_key_whose_end_is_lost_is_reported_by_time() -> None:
    call = Call()
    call.agree()
    press(call, Side.CUSTOMER, 4, 3200, ends=0)
    call.run(9)
    assert call.keys_down == {call.session.customer}
    call.run(2)
    assert DtmfReceived("c1", Side.CUSTOMER, "4", 100) in call.events
    assert call.keys_down == set()


def test_keys_without_an_agreed_payload_type_are_just_relayed() -> None:
    call = Call()
    call.agree(telephone_event=None)
    press(call, Side.CUSTOMER, 4, 3200)
    assert call.events == [AudioStarted("c1", Side.CUSTOMER)]
    assert len(call.heard[Side.ENGINE]) == 8


def test_a_flood_of_keys_is_cut_off() -> None:
    call = Call()
    call.agree()
    for key in range(500):
        press(call, Side.CUSTOMER, 1, 3200 * key)
    assert sum(isinstance(event, DtmfReceived) for event in call.events) == MAX_KEYS_PER_S
