"""[sans-IO] µ-law and A-law bytes (ITU-T G.711): one into the other, from linear samples, and how loud they are."""

import math
from collections.abc import Iterable
from functools import cache

from sip.messages import Codec

#: Bytes, and samples, of 20 ms.
FRAME = 160
#: Bytes, and samples, of one millisecond.
BYTES_PER_MS = 8
ULAW_SILENCE = b"\xff" * FRAME

#: |sample| of 16 bits from which a sample is loud: -42 dBFS, above what lines and codecs add to silence.
_LOUD = 256
#: One loud sample in so many makes speech: a click is none.
_SPEECH_SHARE = 16


def decode_ulaw(code: int) -> int:
    """The 16-bit sample of a µ-law byte."""
    code = ~code & 0xFF
    magnitude = (((code & 0x0F) << 3) + 0x84 << (code >> 4 & 0x07)) - 0x84
    return -magnitude if code & 0x80 else magnitude


def decode_alaw(code: int) -> int:
    """The 16-bit sample of an A-law byte."""
    code ^= 0x55
    segment, magnitude = code >> 4 & 0x07, (code & 0x0F) << 4
    magnitude = magnitude + 8 if segment == 0 else magnitude + 0x108 << segment - 1
    return magnitude if code & 0x80 else -magnitude


_ULAW = [decode_ulaw(code) for code in range(256)]
_ALAW = [decode_alaw(code) for code in range(256)]


def _translation(source: list[int], target: list[int]) -> bytes:
    """By code: the target's nearest code of the same sign, so that silence stays silence (both laws have two zeros)."""

    def nearest(code: int) -> int:
        same_sign = [other for other in range(256) if (other & 0x80) == (code & 0x80)]
        return min(same_sign, key=lambda other: abs(target[other] - source[code]))

    return bytes(nearest(code) for code in range(256))


#: For bytes.translate.
ULAW_TO_ALAW = _translation(_ULAW, _ALAW)
ALAW_TO_ULAW = _translation(_ALAW, _ULAW)

_QUIET_ULAW = bytes(code for code in range(256) if abs(_ULAW[code]) < _LOUD)
_QUIET_ALAW = bytes(code for code in range(256) if abs(_ALAW[code]) < _LOUD)


def is_silent(ulaw: bytes) -> bool:
    """Nothing in it can be heard: no sample is loud."""
    return not ulaw.translate(None, _QUIET_ULAW)


def is_speech(audio: bytes, codec: Codec = Codec.PCMU) -> bool:
    """Somebody says something: enough samples are loud. Counted by deleting the quiet ones, at C speed."""
    loud = audio.translate(None, _QUIET_ULAW if codec is Codec.PCMU else _QUIET_ALAW)
    return len(loud) * _SPEECH_SHARE > len(audio)


#: What has no level: 16 bits have nothing more quiet.
SILENCE_DBFS = -96.0

#: The place of each code among the 128 magnitudes of its law: both order them, A-law behind a mask (G.711 tables 1, 2).
_ULAW_PLACES = bytes(~code & 0x7F for code in range(256))
_ALAW_PLACES = bytes((code ^ 0x55) & 0x7F for code in range(256))


def _levels(places: bytes, samples: list[int]) -> tuple[float, ...]:
    """In dBFS, by place."""
    magnitudes = {place: abs(sample) for place, sample in zip(places, samples, strict=True)}
    return tuple(
        round(20 * math.log10(magnitudes[place] / 32768), 1) if magnitudes[place] else SILENCE_DBFS
        for place in range(128)
    )


_ULAW_LEVELS, _ALAW_LEVELS = _levels(_ULAW_PLACES, _ULAW), _levels(_ALAW_PLACES, _ALAW)


def level_dbfs(audio: bytes, codec: Codec = Codec.PCMU) -> float:
    """The loudest sample against the greatest there can be, in dB; SILENCE_DBFS for none. At C speed."""
    if not audio:
        return SILENCE_DBFS
    if codec is Codec.PCMU:
        return _ULAW_LEVELS[max(audio.translate(_ULAW_PLACES))]
    return _ALAW_LEVELS[max(audio.translate(_ALAW_PLACES))]


@cache
def _encode(sample: int) -> int:
    magnitude = min(abs(sample), 32635) + 0x84
    segment = magnitude.bit_length() - 8
    code = segment << 4 | (magnitude >> (segment + 3) & 0x0F)
    return ~(code | 0x80 if sample < 0 else code) & 0xFF


def encode_ulaw(samples: Iterable[int]) -> bytes:
    """µ-law of 16-bit samples."""
    return bytes(map(_encode, samples))
