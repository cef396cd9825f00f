"""The prompts a customer hears in place of silence: WAV files, and a soft tone where none is given."""

import math
import struct
import sys
from collections.abc import Mapping
from pathlib import Path

from bridge.errors import UnusablePrompt
from bridge.media.g711 import ALAW_TO_ULAW, encode_ulaw
from bridge.media.messages import MediaSettings, Prompt

_RATE = 8000
#: Five minutes of PCM16; nobody waits longer.
MAX_FILE = 5 * 60 * _RATE * 2 + 65536

#: Format tags of a WAV file (RFC 2361; the extensible one: mmreg.h).
_PCM, _ALAW, _ULAW, _EXTENSIBLE = 1, 6, 7, 0xFFFE

_TONE_HZ = 425
_TONE_S, _FADE_S, _PERIOD_S = 0.2, 0.02, 3.0
#: -31 dBFS: there, and no more.
_TONE_PEAK = 900


def soft_tone() -> bytes:
    """A short, quiet beep and a long pause: somebody is still there."""
    samples = []
    for place in range(int(_TONE_S * _RATE)):
        at = place / _RATE
        fade = min(at, _TONE_S - at, _FADE_S) / _FADE_S
        samples.append(int(_TONE_PEAK * fade * math.sin(2 * math.pi * _TONE_HZ * at)))
    return encode_ulaw(samples).ljust(int(_PERIOD_S * _RATE), b"\xff")


def parse_wav(name: str, data: bytes) -> bytes:
    """µ-law of a WAV file's content: 8000 Hz, mono, PCM of 16 bits, A-law or µ-law; raises UnusablePrompt."""
    if data[:4] != b"RIFF" or data[8:12] != b"WAVE":
        raise UnusablePrompt(name, "is not a WAV file")
    chunks = _chunks(data)
    form, audio = chunks.get(b"fmt "), chunks.get(b"data")
    if form is None or audio is None or len(form) < 16:
        raise UnusablePrompt(name, "is a WAV file without audio")
    tag, channels, rate, _, _, bits = struct.unpack_from("<HHIIHH", form)
    if tag == _EXTENSIBLE and len(form) >= 26:
        tag = struct.unpack_from("<H", form, 24)[0]  # the first bytes of the sub-format's GUID are the tag
    if (channels, rate) != (1, _RATE) or (tag, bits) not in ((_PCM, 16), (_ALAW, 8), (_ULAW, 8)):
        raise UnusablePrompt(name, f"has {channels} channel(s), {rate} Hz, {bits} bits, format {tag}")
    ulaw = _to_ulaw(tag, audio)
    if not ulaw:
        raise UnusablePrompt(name, "is a WAV file without audio")
    return ulaw


def _to_ulaw(tag: int, audio: bytes) -> bytes:
    if tag == _PCM:
        return encode_ulaw(struct.unpack(f"<{len(audio) // 2}h", audio[: len(audio) // 2 * 2]))
    return audio.translate(ALAW_TO_ULAW) if tag == _ALAW else audio


def _chunks(data: bytes) -> dict[bytes, bytes]:
    """The chunks of a RIFF file by name, the first of each; one that is cut off has what is there."""
    found: dict[bytes, bytes] = {}
    at = 12
    while at + 8 <= len(data):
        name, size = struct.unpack_from("<4sI", data, at)
        found.setdefault(name, data[at + 8 : at + 8 + size])
        at += 8 + size + size % 2
    return found


def read_prompt(path: str) -> bytes:
    """µ-law of a WAV file; raises UnusablePrompt."""
    try:
        with Path(path).open("rb") as file:
            data = file.read(MAX_FILE + 1)
    except (OSError, ValueError) as exc:
        reason = exc.strerror if isinstance(exc, OSError) and exc.strerror else str(exc)
        raise UnusablePrompt(path, f"cannot be read ({reason})") from exc
    if len(data) > MAX_FILE:
        raise UnusablePrompt(path, "is longer than five minutes")
    return parse_wav(path, data)


def load_prompts(settings: MediaSettings) -> Mapping[Prompt, bytes]:
    """µ-law of every prompt. A file that cannot be used any more is said on stderr and costs no call its prompt."""
    tone = soft_tone()
    prompts: dict[Prompt, bytes] = {}
    for prompt, path in ((Prompt.WAIT, settings.wait_prompt), (Prompt.UNAVAILABLE, settings.unavailable_prompt)):
        try:
            prompts[prompt] = read_prompt(path) if path else tone
        except UnusablePrompt as exc:
            sys.stderr.write(f"media process: {exc}; a tone is played instead\n")
            prompts[prompt] = tone
    return prompts
