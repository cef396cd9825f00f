"""Dead air in whole calls: what counts as somebody's word, and when nobody is asked for one."""

from bridge.media.g711 import ULAW_TO_ALAW
from bridge.media.messages import DeadAir, Flow, Side
from bridge.media.rtp import build
from tests.unit.media_call import LOUD, QUIET, Call, Engine, press, words


def said_dead_air(call: Call) -> list[DeadAir]:
    return [event for event in call.events if isinstance(event, DeadAir)]


def test_dead_air_of_a_streamed_call_begins_with_the_answer() -> None:
    call = Call(dead_air_s=4.0)
    call.agree(Side.CUSTOMER)
    call.session.attach(Engine(), call.now)
    call.run(500)
    assert said_dead_air(call) == []
    call.session.answered(call.now)
    call.run(500)
    assert said_dead_air(call) == [
        DeadAir("c1", Side.ENGINE, 4.0, last=False),
        DeadAir("c1", Side.ENGINE, 8.0, last=True),
    ]


def test_what_was_played_counts_as_the_bots_word_and_silence_does_not() -> None:
    call = Call(dead_air_s=4.0)
    call.stream()
    call.session.playout.play(words(50) + QUIET * 500)
    call.run(249)
    assert said_dead_air(call) == []
    call.run(20)
    assert [event.side for event in said_dead_air(call)] == [Side.CUSTOMER]


def test_no_dead_air_is_found_in_silence_on_hold_and_while_the_line_is_held() -> None:
    call = Call(dead_air_s=4.0)
    call.stream()
    call.session.set_flow(Flow.SILENCE)
    call.run(500)
    call.session.set_flow(Flow.RELAY)
    call.agree(Side.CUSTOMER, receive=False)
    call.run(500)
    call.agree(Side.CUSTOMER)
    call.session.hold_the_line(True)
    call.run(500)
    assert said_dead_air(call) == []


def test_dead_air_of_a_relayed_call_is_heard_in_its_packets() -> None:
    call = Call(dead_air_s=4.0)
    call.agree(Side.CUSTOMER)
    call.agree(Side.ENGINE, receive=False)
    call.run(400, *Side)
    assert said_dead_air(call) == []  # the engine is not there yet
    call.agree(Side.ENGINE)
    for _ in range(300):
        call.say(Side.ENGINE, datagram=build(8, False, call.tick & 0xFFFF, 0, 5, LOUD.translate(ULAW_TO_ALAW)))
        call.say(Side.CUSTOMER, datagram=build(0, False, call.tick & 0xFFFF, 0, 6, QUIET))
        call.run(1)
    assert said_dead_air(call) == []
    for _ in range(210):
        call.say(Side.ENGINE, datagram=build(13, False, call.tick & 0xFFFF, 0, 5, b"\x40"))
        call.run(1)
    assert [event.side for event in said_dead_air(call)] == [Side.CUSTOMER]


def test_somebody_who_types_a_long_number_is_not_silent() -> None:
    call = Call(dead_air_s=4.0)
    call.stream()
    call.session.playout.play(words(10))
    for place in range(7):
        press(call, Side.CUSTOMER, 1, 3200 + place * 8000)
        call.run(50)
    assert said_dead_air(call) == []
