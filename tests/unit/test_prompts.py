"""The prompts a customer hears: WAV files of several formats, and a tone where there is none."""

import struct
import wave
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.errors import UnusablePrompt
from bridge.media.g711 import ULAW_TO_ALAW, decode_ulaw, encode_ulaw, is_silent, is_speech
from bridge.media.messages import MediaSettings, Prompt
from bridge.media.prompts import MAX_FILE, load_prompts, parse_wav, read_prompt, soft_tone

SAMPLES = [0, 1000, -1000, 30000, -30000] * 40


def wav(
    audio: bytes,
    *,
    tag: int = 1,
    channels: int = 1,
    rate: int = 8000,
    bits: int = 16,
    extra: bytes = b"",
    form: int = 16,
) -> bytes:
    width = channels * bits // 8
    fmt = (struct.pack("<HHIIHH", tag, channels, rate, rate * width, width, bits) + extra)[: form + len(extra)]
    chunks = b"fmt " + struct.pack("<I", len(fmt)) + fmt
    chunks += b"LIST" + struct.pack("<I", 3) + b"abc\0"  # odd lengths are padded
    chunks += b"data" + struct.pack("<I", len(audio)) + audio
    return b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WAVE" + chunks


def settings(**prompts: str) -> MediaSettings:
    return MediaSettings("127.0.0.1", "127.0.0.1", 20000, 20010, 0.0, 0.0, **prompts)  # type: ignore[arg-type]


PCM = struct.pack(f"<{len(SAMPLES)}h", *SAMPLES)
ULAW = encode_ulaw(SAMPLES)


def test_pcm_of_16_bits_as_other_programs_write_it(tmp_path: Path) -> None:
    path = tmp_path / "prompt.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(PCM)
    assert read_prompt(str(path)) == ULAW


def test_ulaw_is_taken_as_it_is_and_alaw_is_translated() -> None:
    assert parse_wav("p", wav(ULAW, tag=7, bits=8)) == ULAW
    there_and_back = [decode_ulaw(code) for code in parse_wav("p", wav(ULAW.translate(ULAW_TO_ALAW), tag=6, bits=8))]
    assert there_and_back == pytest.approx(SAMPLES, rel=0.05, abs=8)


def test_the_extensible_format_names_its_format_later() -> None:
    guid = struct.pack("<HHI", 22, 16, 4) + b"\x01\x00\x00\x00\x00\x00\x10\x00\x80\x00\x00\xaa\x00\x38\x9b\x71"
    assert parse_wav("p", wav(PCM, tag=0xFFFE, extra=guid)) == ULAW


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "is not a WAV file"),
        (b"ID3 an mp3 file", "is not a WAV file"),
        (wav(PCM)[:36], "is a WAV file without audio"),
        (wav(b""), "is a WAV file without audio"),
        (wav(PCM).replace(b"fmt ", b"fnt "), "is a WAV file without audio"),
        (wav(PCM, rate=44100), "has 1 channel(s), 44100 Hz, 16 bits, format 1"),
        (wav(PCM, channels=2), "has 2 channel(s), 8000 Hz, 16 bits, format 1"),
        (wav(PCM, bits=8), "has 1 channel(s), 8000 Hz, 8 bits, format 1"),
        (wav(PCM, tag=85), "has 1 channel(s), 8000 Hz, 16 bits, format 85"),
    ],
)
def test_anything_else_is_refused_with_the_reason(data: bytes, why: str) -> None:
    with pytest.raises(UnusablePrompt) as caught:
        parse_wav("wait.wav", data)
    assert (
        str(caught.value)
        == f"wait.wav {why}: a prompt is a WAV file with 8000 Hz, mono, PCM of 16 bits, A-law or µ-law"
    )


@given(st.binary(max_size=200).map(lambda tail: b"RIFF" + tail[:4] + b"WAVE" + tail[4:]))
def test_a_broken_file_never_raises_anything_else(data: bytes) -> None:
    try:
        assert parse_wav("p", data)
    except UnusablePrompt:
        pass


def test_a_file_that_is_missing_or_too_long_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnusablePrompt, match="cannot be read"):
        read_prompt(str(tmp_path / "none.wav"))
    with pytest.raises(UnusablePrompt, match="cannot be read"):
        read_prompt("a\0b")
    (tmp_path / "long.wav").write_bytes(wav(bytes(MAX_FILE)))
    with pytest.raises(UnusablePrompt, match="longer than five minutes"):
        read_prompt(str(tmp_path / "long.wav"))


def test_the_tone_is_short_quiet_and_comes_every_three_seconds() -> None:
    tone = soft_tone()
    assert len(tone) == 24_000
    frames = [tone[at : at + 160] for at in range(0, len(tone), 160)]
    assert [is_speech(frame) for frame in frames[1:9]] == [True] * 8
    assert all(is_silent(frame) for frame in frames[10:])
    assert max(abs(decode_ulaw(code)) for code in tone) < 1000


def test_a_file_that_cannot_be_used_gives_way_to_the_tone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "wait.wav"
    path.write_bytes(wav(PCM))
    prompts = load_prompts(settings(wait_prompt=str(path), unavailable_prompt=str(tmp_path / "none.wav")))
    assert prompts == {Prompt.WAIT: ULAW, Prompt.UNAVAILABLE: soft_tone()}
    assert "none.wav cannot be read" in capsys.readouterr().err


def test_without_files_there_is_the_tone() -> None:
    assert set(load_prompts(settings()).values()) == {soft_tone()}
