"""RTP headers, what is not RTP, and reception statistics."""

import random
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.media.lane import UNREAD
from bridge.media.rtp import (
    MAX_DATAGRAM,
    NOT_RTP,
    Reception,
    build,
    payload,
    payload_type,
    sequence_gap,
    timestamp_gap,
    unpack_header,
)

VOICE = b"\x7f" * 160


def packet(sequence: int, *, timestamp: int | None = None, ssrc: int = 7, kind: int = 0) -> bytes:
    return build(kind, False, sequence & 0xFFFF, sequence * 160 if timestamp is None else timestamp, ssrc, VOICE)


def receive(reception: Reception, sequences: list[int]) -> None:
    for place, sequence in enumerate(sequences):
        reception.take(packet(sequence), place * 0.02)


def test_a_built_packet_is_the_bytes_of_rfc_3550() -> None:
    assert build(8, True, 0x1234, 0x01020304, 0xA1B2C3D4, b"xyz") == bytes.fromhex("8088123401020304a1b2c3d4") + b"xyz"


@given(st.integers(0, 63), st.booleans(), st.integers(0, 65535), st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1))
def test_what_is_built_reads_back(kind: int, marker: bool, sequence: int, timestamp: int, ssrc: int) -> None:
    built = build(kind, marker, sequence, timestamp, ssrc, VOICE)
    assert unpack_header(built)[1:] == (sequence, timestamp, ssrc)
    assert payload_type(built) == kind
    assert bool(built[1] & 0x80) is marker
    assert payload(built) == VOICE


@pytest.mark.parametrize(
    "datagram",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"\x80", id="one byte"),
        pytest.param(packet(1)[:11], id="shorter than a header"),
        pytest.param(packet(1) + bytes(MAX_DATAGRAM), id="longer than a frame"),
        pytest.param(b"\x00\x01\x00\x08\x21\x12\xa4\x42" + bytes(20), id="STUN binding request"),
        pytest.param(b"\x40" + packet(1)[1:], id="version 1"),
        pytest.param(b"\xc0" + packet(1)[1:], id="version 3"),
        pytest.param(b"\x80\xc8" + bytes(26), id="RTCP sender report"),
        pytest.param(b"\x81\xc9" + bytes(30), id="RTCP receiver report"),
        pytest.param(b"\x80\xcb" + bytes(10), id="RTCP BYE"),
        pytest.param(b"\x16\xfe\xfd" + bytes(20), id="DTLS"),
        pytest.param(b"OPTIONS sip:x SIP/2.0\r\n", id="SIP"),
    ],
)
def test_what_is_not_rtp_is_told_apart_and_counts_for_nothing(datagram: bytes) -> None:
    reception = Reception()
    assert payload_type(datagram) == NOT_RTP
    assert reception.take(datagram, 0.0) == NOT_RTP
    assert reception.received == 0


def test_a_header_without_payload_and_a_full_frame_are_rtp() -> None:
    assert payload_type(packet(1)[:12]) == 0
    assert payload_type((packet(1) + bytes(MAX_DATAGRAM))[:MAX_DATAGRAM]) == 0


def test_payload_begins_after_csrc_list_and_extension_and_ends_before_padding() -> None:
    header = bytes([0x80 | 0x20 | 0x10 | 2, 0]) + packet(1)[2:12]
    extension = struct.pack("!HH", 0xBEDE, 1) + b"EXTN"
    assert payload(header + b"CSR1CSR2" + extension + b"voice" + b"\0\0\3") == b"voice"


@pytest.mark.parametrize(
    "datagram",
    [
        pytest.param(b"\x8f\x00" + bytes(10), id="15 CSRCs and no room"),
        pytest.param(b"\x90\x00" + bytes(10), id="extension that is not there"),
        pytest.param(b"\x90\x00" + bytes(10) + b"\0\0\xff\xff", id="extension longer than the packet"),
        pytest.param(b"\xa0\x00" + bytes(10) + b"\xff", id="padding longer than the packet"),
    ],
)
def test_lengths_that_do_not_add_up_give_no_payload(datagram: bytes) -> None:
    assert payload(datagram) == b""


def test_random_bytes_never_raise() -> None:
    rng = random.Random(20)
    reception = Reception()
    for _ in range(5000):
        datagram = rng.randbytes(rng.choice((0, 1, 11, 12, 13, 40, 200, 1500, 1501)))
        if payload_type(datagram) != NOT_RTP:
            payload(datagram)
        reception.take(datagram, rng.random() * 100)


@pytest.mark.parametrize(("earlier", "later", "gap"), [(5, 6, 1), (65535, 0, 1), (0, 65535, -1), (10, 5, -5)])
def test_sequence_numbers_are_compared_over_the_wrap(earlier: int, later: int, gap: int) -> None:
    assert sequence_gap(earlier, later) == gap


def test_timestamps_are_compared_over_the_wrap() -> None:
    assert timestamp_gap(2**32 - 80, 80) == 160
    assert timestamp_gap(80, 2**32 - 80) == -160


def test_a_clean_stream_over_the_wrap_has_no_loss_and_no_jitter() -> None:
    reception = Reception()
    receive(reception, list(range(65500, 65600)))
    assert (reception.received, reception.lost) == (100, 0)
    assert reception.jitter_ms == pytest.approx(0, abs=0.01)


def test_missing_packets_are_lost() -> None:
    reception = Reception()
    receive(reception, [1, 2, 5, 6, 9])
    assert (reception.received, reception.lost) == (5, 4)


def test_a_late_packet_is_not_lost() -> None:
    reception = Reception()
    receive(reception, [1, 2, 4, 3, 5])
    assert (reception.received, reception.lost) == (5, 0)


def test_duplicates_never_make_loss_negative() -> None:
    reception = Reception()
    receive(reception, [1, 2, 2, 2, 3])
    assert (reception.received, reception.lost) == (5, 0)


def test_a_new_ssrc_is_a_new_stream_and_not_loss() -> None:
    reception = Reception()
    receive(reception, [1, 2, 3])
    reception.take(packet(40_000, ssrc=8), 0.06)
    reception.take(packet(40_002, ssrc=8), 0.10)
    assert (reception.received, reception.lost) == (5, 1)


def test_a_jump_in_the_sequence_is_a_restart_and_not_loss() -> None:
    reception = Reception()
    receive(reception, [1, 2, 20_000, 20_001])
    assert reception.lost == 0


def test_jitter_follows_rfc_3550() -> None:
    reception = Reception()
    expected = 0.0
    before: float | None = None
    for sequence in range(50):
        late = 0.005 if sequence % 2 else 0.0
        reception.take(packet(sequence), sequence * 0.02 + late)
        if before is not None:
            expected += (abs(late - before) * 1000 - expected) / 16
        before = late
    assert reception.jitter_ms == pytest.approx(expected, abs=0.01)


def test_a_stream_that_paused_has_no_jitter_from_it() -> None:
    reception = Reception()
    receive(reception, [1, 2, 3])
    reception.take(packet(4, timestamp=160 * 53), 53 * 0.02 - 0.02)
    assert reception.jitter_ms == pytest.approx(0, abs=0.01)


def test_a_stream_that_begins_anew_has_no_jitter_from_it() -> None:
    reception = Reception()
    receive(reception, [1, 2, 3])
    reception.take(packet(4, timestamp=999, ssrc=8), 0.06)
    reception.take(packet(5, timestamp=1159, ssrc=8), 0.08)
    assert reception.jitter_ms == pytest.approx(0, abs=0.01)


def test_key_packets_do_not_count_for_jitter() -> None:
    reception = Reception()
    reception.telephone_event = 101
    receive(reception, [0, 1, 2])
    for sequence in range(3, 10):
        reception.take(packet(sequence, timestamp=480, kind=101), sequence * 0.02)
    reception.take(packet(10), 0.2)
    assert (reception.received, reception.lost) == (11, 0)
    assert reception.jitter_ms == pytest.approx(0, abs=0.01)


def test_a_timestamp_that_wraps_is_not_jitter() -> None:
    reception = Reception()
    for sequence in range(20):
        timestamp = (2**32 - 1600 + sequence * 160) % 2**32
        reception.take(packet(sequence, timestamp=timestamp), sequence * 0.02)
    assert reception.jitter_ms == pytest.approx(0, abs=0.01)


def test_what_is_lost_among_packets_nobody_read_shows_in_the_next_one() -> None:
    reception = Reception()
    receive(reception, [65_530])
    reception.pass_over(6)
    assert (reception.received, reception.lost) == (7, 0)
    receive(reception, [65_530 + 9])
    assert (reception.received, reception.lost) == (8, 2)
    reception.pass_over(3)
    receive(reception, [65_530 + 13])
    assert (reception.received, reception.lost) == (12, 2)


@pytest.mark.parametrize("bunch", [2, 3, 4, 5, 6])
def test_packets_that_come_in_bunches_have_jitter_though_most_are_not_read(bunch: int) -> None:
    whole, sampled = Reception(), Reception()
    for sequence in range(2100):
        arrived = sequence // bunch * bunch * 0.02
        whole.take(packet(sequence), arrived)
        if sequence % (UNREAD + 1) == 0:
            sampled.pass_over(UNREAD if sequence else 0)
            sampled.take(packet(sequence), arrived)
    assert sampled.lost == 0
    assert 0.6 < sampled.jitter_ms / whole.jitter_ms < 1.9
