"""What of a call is recorded, whoever is on the line."""

import pytest

from bridge.media.g711 import ALAW_TO_ULAW, ULAW_TO_ALAW
from bridge.media.messages import Flow, Prompt, Side
from bridge.media.recording import Recording
from bridge.media.rtp import build
from sip.messages import Codec
from tests.unit.media_call import LOUD, QUIET, SILENT_PCMA, WAIT_PROMPT, Call, frames_of, press, words

SPEECH = b"\x55" * 160


def recorded(call: Call) -> Recording:
    recording = Recording(Codec.PCMU, call.now, call.now)
    call.session.record(recording)
    return recording


def ended(call: Call, recording: Recording) -> tuple[list[bytes], list[bytes]]:
    """The frames of both sides."""
    _, frames = recording.end(call.now + 0.02)
    return frames_of(frames[0::2]), frames_of(frames[1::2])


def test_both_sides_of_a_relayed_call_are_recorded_and_relayed_as_before() -> None:
    call = Call()
    call.agree()
    call.run(3, *Side)
    recording = recorded(call)
    call.run(5, *Side)
    customer, bot = ended(call, recording)
    assert customer == bot == [QUIET] + [SPEECH] * 5
    closed = call.session.closed()
    assert (closed.customer.received, closed.engine.relayed) == (8, 8)
    assert [len(call.heard[side]) for side in Side] == [8, 8]


def test_a_call_that_is_not_recorded_any_more_goes_the_short_way_again() -> None:
    call = Call()
    call.agree()
    recording = recorded(call)
    call.run(2, *Side)
    assert not call.passes_unread(Side.CUSTOMER)
    call.session.record(None)
    call.run(2, *Side)
    assert call.passes_unread(Side.CUSTOMER)
    customer, _ = ended(call, recording)
    assert customer == [QUIET, SPEECH, SPEECH, QUIET, QUIET]


def test_keys_are_played_in_a_recorded_call_and_leave_no_trace_in_it() -> None:
    call = Call()
    call.agree()
    recording = recorded(call)
    call.run(2, *Side)
    call.play(Side.ENGINE, "5")
    call.run(20, *Side)
    press(call, Side.CUSTOMER, 4, 99_000)
    assert any(sent.kind == 101 for sent in call.heard[Side.ENGINE])
    assert not call.passes_unread(Side.CUSTOMER)
    customer, bot = ended(call, recording)
    assert customer == bot == [QUIET] + [SPEECH] * 22


def test_a_bot_whom_the_customer_does_not_hear_is_not_recorded() -> None:
    call = Call()
    call.agree()
    recording = recorded(call)
    call.session.set_flow(Flow.SILENCE)
    call.run(4, *Side)
    customer, bot = ended(call, recording)
    assert customer == [QUIET] + [SPEECH] * 4
    assert bot == [QUIET] * 5


def test_a_prompt_is_recorded_on_the_bots_side() -> None:
    call = Call()
    call.agree()
    recording = recorded(call)
    call.session.set_flow(Flow.SILENCE, Prompt.WAIT)
    call.run(3, Side.CUSTOMER)
    _, bot = ended(call, recording)
    assert b"".join(bot)[160:] == WAIT_PROMPT[:480]


@pytest.mark.parametrize("codec", Codec)
def test_of_an_engine_by_websocket_what_was_played_is_recorded(codec: Codec) -> None:
    call = Call()
    call.stream()
    call.agree(Side.CUSTOMER, codec=codec)
    recording = recorded(call)
    said = words(10)
    call.session.playout.play(said)
    call.run(4)
    call.session.playout.clear(call.now)
    call.run(4)
    _, bot = ended(call, recording)
    silence = QUIET
    if codec is Codec.PCMA:  # the file's law is the one at its start
        said = said.translate(ULAW_TO_ALAW).translate(ALAW_TO_ULAW)
        silence = SILENT_PCMA.translate(ALAW_TO_ULAW)
    assert bot == [QUIET, *frames_of(said)[:4], *[silence] * 4]


def test_the_customer_of_an_engine_by_websocket_is_recorded_and_heard() -> None:
    call = Call()
    engine = call.stream()
    recording = recorded(call)
    call.run(1)
    for number in range(1, 4):
        call.say(Side.CUSTOMER, datagram=build(0, False, number, number * 160, 77, LOUD))
        call.run(1)
    customer, _ = ended(call, recording)
    assert customer[1:4] == [LOUD] * 3
    assert engine.heard.count(LOUD) == 3


def test_what_is_said_in_a_pause_is_relayed_and_not_recorded() -> None:
    call = Call()
    call.agree()
    recording = recorded(call)
    call.run(2, *Side)
    recording.pause(True, call.now)
    call.run(3, *Side)
    recording.pause(False, call.now)
    call.run(1, *Side)
    customer, bot = ended(call, recording)
    assert customer == bot == [QUIET, SPEECH, SPEECH, QUIET, QUIET, QUIET, SPEECH]
    assert len(call.heard[Side.ENGINE]) == 6
