"""[sans-IO] The recordings the simulator speaks, in µ-law and A-law, and how loud a frame is (ITU-T G.711)."""

import enum
from functools import cache
from importlib.resources import files

from sip.messages import Codec

FRAME_MS = 20
#: Bytes, and samples, of one frame at 8000 Hz.
FRAME_BYTES = 160

#: What the bot says.
PROMPT = "prompt"
#: What the customer says.
CUSTOMER = "customer"


class Voice(enum.Enum):
    """What an end says."""

    RECORDING = enum.auto()
    """Its recording, over and over."""
    SILENCE = enum.auto()
    """Packets of silence."""
    ECHO = enum.auto()
    """What it hears, silence while it hears nothing."""
    MUTE = enum.auto()
    """No packets at all."""


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


_DECODE = {Codec.PCMU: decode_ulaw, Codec.PCMA: decode_alaw}
_SAMPLES = {codec: [decode(code) for code in range(256)] for codec, decode in _DECODE.items()}

#: The byte nearest to zero.
SILENCE_BYTE = {Codec.PCMU: 0xFF, Codec.PCMA: 0xD5}
SILENCE_FRAME = {codec: bytes([code]) * FRAME_BYTES for codec, code in SILENCE_BYTE.items()}

_ULAW_TO_ALAW = bytes(
    min(range(256), key=lambda code: abs(_SAMPLES[Codec.PCMA][code] - sample)) for sample in _SAMPLES[Codec.PCMU]
)

# One byte of loudness a code, so that a frame is measured by translate() and sum() at C speed.
_LOUDNESS = {codec: bytes(abs(sample) >> 7 for sample in samples) for codec, samples in _SAMPLES.items()}
#: Mean of |sample| / 128 from which a frame is speech: about -46 dBFS.
_SPEECH_FROM = 1.2
#: So many frames of speech in a row are somebody's voice.
_VOICE_FRAMES = 3


def is_speech(payload: bytes, codec: Codec) -> bool:
    """Whether a frame is loud enough to be speech rather than silence."""
    return sum(payload.translate(_LOUDNESS[codec])) > _SPEECH_FROM * len(payload)


class SpeechRun:
    """Tells a voice from a noise, frame by frame."""

    def __init__(self) -> None:
        self._frames = 0

    def hear(self, frame: bytes, codec: Codec) -> bool:
        """Whether somebody speaks now."""
        self._frames = self._frames + 1 if is_speech(frame, codec) else 0
        return self._frames >= _VOICE_FRAMES


@cache
def recording(name: str, codec: Codec) -> tuple[bytes, ...]:
    """A recording of the folder data as frames of 20 ms; no two frames of both recordings are the same."""
    data = files("bridge.simulator").joinpath("data", f"{name}.ulaw").read_bytes()
    if codec is Codec.PCMA:
        data = data.translate(_ULAW_TO_ALAW)
    return tuple(data[start : start + FRAME_BYTES] for start in range(0, len(data), FRAME_BYTES))


@cache
def known_frames(name: str, codec: Codec) -> frozenset[bytes]:
    """The frames of a recording, to recognise it by: what arrives byte for byte was not transcoded or mixed."""
    return frozenset(recording(name, codec))
