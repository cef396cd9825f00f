"""The header of recordings, as others read it."""

import struct

import pytest

from bridge.media.prompts import parse_wav
from bridge.media.wav import HEADER_SIZE, MAX_FRAMES, codec_of, header
from sip.messages import Codec


@pytest.mark.parametrize(("codec", "tag"), [(Codec.PCMU, 7), (Codec.PCMA, 6)])
def test_it_says_two_channels_of_the_calls_law(codec: Codec, tag: int) -> None:
    head = header(codec, 8000)
    assert struct.unpack_from("<HHIIHH", head, 20) == (tag, 2, 8000, 16000, 2, 8)
    assert struct.unpack_from("<I", head, 4)[0] == HEADER_SIZE - 8 + 16000
    assert head[38:50] == b"fact" + struct.pack("<II", 4, 8000)
    assert head[50:] == b"data" + struct.pack("<I", 16000)


def test_our_own_reader_of_wav_files_finds_both_channels_in_it() -> None:
    with pytest.raises(Exception, match="2 channel"):
        parse_wav("it", header(Codec.PCMU, 1) + b"\x01\x02")


def test_its_law_is_known_from_it() -> None:
    for codec in Codec:
        assert codec_of(header(codec, 12345) + b"data") is codec
    for other in (b"", b"RIFF", b"\x00" * HEADER_SIZE, header(Codec.PCMU, 0).replace(b"\x02\x00\x40", b"\x01\x00\x40")):
        assert codec_of(other) is None


def test_the_longest_recording_still_fits_its_counters() -> None:
    assert struct.unpack_from("<I", header(Codec.PCMU, MAX_FRAMES), 4)[0] <= 0xFFFFFFFF
