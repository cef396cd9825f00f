"""[sans-IO] The header of a recording: a stereo WAV file in the law of its call, 8000 Hz, 8 bits a sample."""

import struct

from sip.messages import Codec

#: Format tags of a WAV file (RFC 2361).
_TAGS = {Codec.PCMA: 6, Codec.PCMU: 7}
#: RIFF, fmt, fact (which every format but PCM has) and the head of data.
_HEADER = struct.Struct("<4sI4s4sIHHIIHHH4sII4sI")
HEADER_SIZE = _HEADER.size
#: The customer is on the left, the bot on the right: a byte of each.
FRAME_SIZE = 2
RATE = 8000
#: RIFF counts in 32 bits: 74 hours.
MAX_FRAMES = (0xFFFFFFFF - HEADER_SIZE) // FRAME_SIZE

#: The code word for a zero sample (ITU-T G.711).
SILENCE = {Codec.PCMU: b"\xff", Codec.PCMA: b"\xd5"}


def header(codec: Codec, frames: int) -> bytes:
    """What stands before so many frames."""
    size = frames * FRAME_SIZE
    form = _TAGS[codec], FRAME_SIZE, RATE, RATE * FRAME_SIZE, FRAME_SIZE, 8, 0
    riff = HEADER_SIZE - 8 + size
    return _HEADER.pack(b"RIFF", riff, b"WAVE", b"fmt ", 18, *form, b"fact", 4, frames, b"data", size)


def codec_of(head: bytes) -> Codec | None:
    """The law of a file that begins so; None: it is no recording of ours."""
    return next((codec for codec in Codec if head[:4] == b"RIFF" and head[8:38] == header(codec, 0)[8:38]), None)
