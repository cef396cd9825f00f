"""RTP packets and key events as bytes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.simulator.errors import InvalidDatagram
from bridge.simulator.rtp_packet import KEYS, KeyEvent, RtpPacket

PACKET = RtpPacket(0, 65535, 2**32 - 1, 7, b"\xff" * 160, marker=True)


def test_a_packet_is_laid_out_as_rfc_3550_says() -> None:
    assert PACKET.encode()[:12].hex() == "8080fffffffffff" + "f00000007"


@given(
    st.builds(
        RtpPacket,
        st.integers(0, 127),
        st.integers(0, 0xFFFF),
        st.integers(0, 0xFFFFFFFF),
        st.integers(0, 0xFFFFFFFF),
        st.binary(max_size=200),
        st.booleans(),
    )
)
def test_a_written_packet_reads_as_the_same_values(packet: RtpPacket) -> None:
    assert RtpPacket.parse(packet.encode()) == packet


def test_padding_sources_and_extension_are_taken_off() -> None:
    plain = PACKET.encode()
    extension, padding = b"\xbe\xde\x00\x01abcd", b"\0\0\3"
    first = bytes([plain[0] | 0x20 | 0x10 | 2])
    dressed = first + plain[1:12] + bytes(8) + extension + b"voice" + padding
    assert RtpPacket.parse(dressed).payload == b"voice"


@pytest.mark.parametrize("change", [{0: 0x40}, {0: 0x8F}, {0: 0x90, 14: 0xFF}, {0: 0xA0, 171: 0}, {0: 0xA0, 171: 200}])
def test_a_header_that_says_more_than_there_is_is_refused(change: dict[int, int]) -> None:
    broken = bytearray(PACKET.encode())
    for place, value in change.items():
        broken[place] = value
    if change == {0: 0x8F}:
        broken = broken[:40]
    with pytest.raises(InvalidDatagram):
        RtpPacket.parse(bytes(broken))


@given(st.binary(max_size=60))
def test_any_datagram_is_read_or_refused_by_name(datagram: bytes) -> None:
    for reader in (RtpPacket.parse, KeyEvent.parse):
        try:
            reader(datagram)
        except InvalidDatagram:
            continue


@pytest.mark.parametrize("key", KEYS)
def test_a_key_event_reads_as_it_was_written(key: str) -> None:
    event = KeyEvent(key, 800, True)
    assert KeyEvent.parse(event.encode()) == event


def test_a_key_event_is_laid_out_as_rfc_4733_says() -> None:
    assert KeyEvent("#", 800, ended=True, volume=10).encode().hex() == "0b8a0320"


def test_an_event_that_is_no_key_is_refused() -> None:
    with pytest.raises(InvalidDatagram):
        KeyEvent.parse(bytes([16, 0, 0, 0]))
