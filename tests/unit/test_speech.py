"""The recordings, and G.711 itself."""

import pytest

from bridge.simulator.speech import (
    CUSTOMER,
    FRAME_BYTES,
    PROMPT,
    SILENCE_FRAME,
    decode_alaw,
    decode_ulaw,
    is_speech,
    known_frames,
    recording,
)
from sip.messages import Codec


@pytest.mark.parametrize(
    ("code", "sample"), [(0xFF, 0), (0x7F, 0), (0x80, 32124), (0x00, -32124), (0xFE, 8), (0xEF, 132)]
)
def test_ulaw_is_g_711_s(code: int, sample: int) -> None:
    assert decode_ulaw(code) == sample


@pytest.mark.parametrize(("code", "sample"), [(0xD5, 8), (0x55, -8), (0xAA, 32256), (0x2A, -32256), (0xC5, 264)])
def test_alaw_is_g_711_s(code: int, sample: int) -> None:
    assert decode_alaw(code) == sample


@pytest.mark.parametrize("codec", list(Codec))
@pytest.mark.parametrize("name", [PROMPT, CUSTOMER])
def test_a_recording_is_two_to_four_seconds_of_whole_frames_mostly_speech(name: str, codec: Codec) -> None:
    frames = recording(name, codec)
    assert 100 <= len(frames) <= 200
    assert {len(frame) for frame in frames} == {FRAME_BYTES}
    assert sum(is_speech(frame, codec) for frame in frames) > len(frames) / 2


@pytest.mark.parametrize("codec", list(Codec))
def test_no_two_frames_are_the_same_so_that_each_can_be_recognised(codec: Codec) -> None:
    frames = recording(PROMPT, codec) + recording(CUSTOMER, codec)
    assert len(set(frames)) == len(frames)
    assert SILENCE_FRAME[codec] not in known_frames(PROMPT, codec) | known_frames(CUSTOMER, codec)


def test_the_a_law_recording_sounds_as_the_mu_law_one() -> None:
    pairs = zip(b"".join(recording(PROMPT, Codec.PCMU)), b"".join(recording(PROMPT, Codec.PCMA)), strict=True)
    errors = [(decode_ulaw(ulaw), decode_alaw(alaw)) for ulaw, alaw in pairs]
    assert all(abs(before - after) <= max(16, abs(before) / 16) for before, after in errors)


@pytest.mark.parametrize("codec", list(Codec))
def test_silence_is_no_speech(codec: Codec) -> None:
    assert not is_speech(SILENCE_FRAME[codec], codec)
