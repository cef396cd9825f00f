"""Prompts a customer hears in place of silence."""

import pytest

from bridge.media.messages import Flow, Prompt, Side
from tests.unit.media_call import SILENT_PCMU, WAIT_PROMPT, Call, frames_of, words


@pytest.mark.parametrize("kind", ["relayed", "streamed"])
def test_a_prompt_is_heard_instead_of_silence_until_the_relay_goes_on(kind: str) -> None:
    call = Call()
    if kind == "streamed":
        call.stream()
    else:
        call.agree()
    call.run(2, *Side)
    call.session.set_flow(Flow.SILENCE, Prompt.WAIT)
    call.run(20, *Side)
    assert b"".join(call.heard_since(2)) == (WAIT_PROMPT * 8)[: 20 * 160]
    call.session.set_flow(Flow.SILENCE, Prompt.WAIT)  # said again: it just goes on
    call.run(5, *Side)
    assert b"".join(call.heard_since(2)) == (WAIT_PROMPT * 8)[: 25 * 160]
    call.session.set_flow(Flow.RELAY)
    call.run(5, *Side)
    assert set(call.heard_since(27)) == ({SILENT_PCMU} if kind == "streamed" else {b"\x55" * 160})
    assert call.session.closed().customer.spoken == 25


def test_a_prompt_needs_silence_and_ends_with_another_silence() -> None:
    call = Call()
    call.agree(Side.CUSTOMER)
    call.session.set_flow(Flow.RELAY, Prompt.WAIT)
    call.run(3)
    call.session.set_flow(Flow.SILENCE, Prompt.WAIT)
    call.run(3)
    call.session.set_flow(Flow.SILENCE)
    call.run(3)
    assert [payload == SILENT_PCMU for payload in call.heard_since(0)] == [True] * 3 + [False] * 3 + [True] * 3


def test_while_the_line_is_held_the_queue_is_played_and_then_the_prompt() -> None:
    call = Call()
    call.stream()
    call.session.playout.play(words(3))
    call.session.hold_the_line(True)
    call.run(8)
    assert b"".join(call.heard_since(0)) == words(3) + (WAIT_PROMPT * 2)[:800]
    call.session.hold_the_line(False)
    call.session.playout.play(words(2))
    call.run(3)
    assert call.heard_since(8) == [*frames_of(words(2)), SILENT_PCMU]
