"""µ-law and A-law: one into the other, from linear samples, and how loud they are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.media.g711 import (
    ALAW_TO_ULAW,
    ULAW_SILENCE,
    ULAW_TO_ALAW,
    decode_alaw,
    decode_ulaw,
    encode_ulaw,
    is_silent,
    is_speech,
)
from sip.messages import Codec

LOUD = encode_ulaw([8000, -8000] * 80)


def test_samples_decode_as_the_recommendation_says() -> None:
    assert [decode_ulaw(code) for code in (0xFF, 0x7F, 0xFE, 0x80, 0x00)] == [0, 0, 8, 32124, -32124]
    assert [decode_alaw(code) for code in (0xD5, 0x55, 0xAA, 0x2A)] == [8, -8, 32256, -32256]


def test_silence_stays_silence_in_the_other_law() -> None:
    assert ULAW_SILENCE.translate(ULAW_TO_ALAW) == b"\xd5" * 160
    assert decode_ulaw(b"\xd5".translate(ALAW_TO_ULAW)[0]) == 8  # A-law has no zero


@pytest.mark.parametrize("code", range(256))
def test_a_translated_sample_is_as_near_as_the_other_law_can_say_it(code: int) -> None:
    sample, there = decode_ulaw(code), decode_alaw(ULAW_TO_ALAW[code])
    assert abs(there - sample) <= max(8, abs(sample) * 0.04)
    assert (there < 0) == (code < 0x80)
    sample, there = decode_alaw(code), decode_ulaw(ALAW_TO_ULAW[code])
    assert abs(there - sample) <= max(8, abs(sample) * 0.04)
    assert (there < 0) == (sample < 0)


def test_every_ulaw_sample_is_encoded_as_it_was_decoded() -> None:
    codes = bytes(code for code in range(256) if code != 0x7F)  # the negative zero is written as zero
    assert encode_ulaw([decode_ulaw(code) for code in codes]) == codes


@given(st.integers(-32768, 32767))
def test_an_encoded_sample_is_off_by_half_a_step_at_most(sample: int) -> None:
    assert abs(decode_ulaw(encode_ulaw([sample])[0]) - sample) <= (abs(sample) + 132) / 32


@pytest.mark.parametrize("codec", list(Codec))
def test_loud_samples_make_speech_and_a_click_does_not(codec: Codec) -> None:
    silence = {Codec.PCMU: b"\xff", Codec.PCMA: b"\xd5"}[codec]
    loud = LOUD if codec is Codec.PCMU else LOUD.translate(ULAW_TO_ALAW)
    assert is_speech(loud, codec)
    assert not is_speech(silence * 160, codec)
    assert not is_speech(silence * 155 + loud[:5], codec)
    assert not is_speech(b"", codec)


def test_only_what_cannot_be_heard_at_all_is_silent() -> None:
    assert is_silent(ULAW_SILENCE)
    assert is_silent(encode_ulaw([40, -40] * 80))
    assert not is_silent(ULAW_SILENCE[:159] + LOUD[:1])
