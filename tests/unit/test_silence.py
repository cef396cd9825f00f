"""The stream of our own: numbers that go on, timestamps that follow the time."""

import pytest

from bridge.media.rtp import payload, unpack_header
from bridge.media.silence import OwnStream
from sip.messages import Codec


def stream() -> OwnStream:
    return OwnStream(ssrc=0xABCD, sequence=65534, offset=2**32 - 320)


def numbers(packet: bytes) -> tuple[bool, int, int]:
    """Marker bit, sequence number, timestamp."""
    _, sequence, timestamp, ssrc = unpack_header(packet)
    assert ssrc == 0xABCD
    return bool(packet[1] & 0x80), sequence, timestamp


@pytest.mark.parametrize(("codec", "kind", "octet"), [(Codec.PCMU, 0, b"\xff"), (Codec.PCMA, 8, b"\xd5")])
def test_silence_is_20_ms_of_the_zero_of_its_codec(codec: Codec, kind: int, octet: bytes) -> None:
    packet = stream().silence(1, codec)
    assert packet[1] & 0x7F == kind
    assert payload(packet) == octet * 160


def test_the_first_packet_of_a_spurt_has_the_marker_bit_and_the_rest_have_not() -> None:
    own = stream()
    markers = [numbers(own.silence(tick, Codec.PCMU))[0] for tick in (5, 6, 7, 20, 21)]
    assert markers == [True, False, False, True, False]


def test_sequence_and_timestamp_go_on_over_their_wraps() -> None:
    own = stream()
    packets = [numbers(own.silence(tick, Codec.PCMU)) for tick in range(4)]
    assert [sequence for _, sequence, _ in packets] == [65534, 65535, 0, 1]
    assert [timestamp for _, _, timestamp in packets] == [2**32 - 320, 2**32 - 160, 0, 160]


def test_the_timestamp_advances_over_a_pause_and_the_sequence_does_not() -> None:
    own = stream()
    own.silence(2, Codec.PCMU)
    assert numbers(own.silence(52, Codec.PCMU)) == (True, 65535, 50 * 160)


def test_an_event_keeps_the_time_of_its_key_and_counts_on() -> None:
    own = stream()
    own.silence(2, Codec.PCMU)
    first = own.event(3, 101, True, 3, b"\x05\x0a\x00\xa0")
    second = own.event(4, 101, False, 3, b"\x05\x0a\x01\x40")
    after = own.silence(5, Codec.PCMU)
    assert first[1] & 0x7F == 101
    assert [numbers(packet) for packet in (first, second, after)] == [
        (True, 65535, 160),
        (False, 0, 160),
        (False, 1, 480),
    ]
