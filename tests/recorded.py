"""A recording as others read it: with nothing of ours."""

import struct
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Recorded:
    """What a WAV file says of itself, and its two channels."""

    tag: int
    rate: int
    customer: bytes
    bot: bytes
    beyond: int
    """Bytes after what the header counts."""

    @property
    def seconds(self) -> float:
        return len(self.customer) / self.rate


def read_recording(path: Path) -> Recorded:
    """Fails when the file is not a valid WAV file of two channels of 8 bits."""
    data = path.read_bytes()
    riff, size, wave = struct.unpack_from("<4sI4s", data)
    assert (riff, wave) == (b"RIFF", b"WAVE")
    assert size <= len(data) - 8, "the header promises more than there is"
    chunks, at = {}, 12
    while at + 8 <= size + 8:
        name, length = struct.unpack_from("<4sI", data, at)
        chunks[name] = data[at + 8 : at + 8 + length]
        assert len(chunks[name]) == length
        at += 8 + length + length % 2
    tag, channels, rate, bytes_per_s, block, bits, more = struct.unpack("<HHIIHHH", chunks[b"fmt "])
    assert (channels, bytes_per_s, block, bits, more) == (2, rate * 2, 2, 8, 0)
    audio = chunks[b"data"]
    assert struct.unpack("<I", chunks[b"fact"]) == (len(audio) // 2,)
    return Recorded(tag, rate, audio[0::2], audio[1::2], len(data) - 8 - size)
