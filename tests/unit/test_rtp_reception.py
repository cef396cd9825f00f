"""What an end counts of the RTP it hears."""

import pytest

from bridge.simulator.rtp_packet import KeyEvent, RtpPacket
from bridge.simulator.rtp_reception import Reception
from bridge.simulator.speech import CUSTOMER, PROMPT, SILENCE_FRAME, recording
from sip.messages import Codec

EVENT = 101


def audio(sequence: int, ssrc: int = 7, payload: bytes = SILENCE_FRAME[Codec.PCMU], payload_type: int = 0) -> bytes:
    return RtpPacket(payload_type, sequence % 0x10000, 160 * sequence % 2**32, ssrc, payload).encode()


def key(sequence: int, name: str, timestamp: int, ended: bool = False) -> bytes:
    return RtpPacket(EVENT, sequence, timestamp, 7, KeyEvent(name, 160, ended).encode()).encode()


def heard(*sequences: int) -> Reception:
    reception = Reception()
    for place, sequence in enumerate(sequences):
        reception.take(audio(sequence), EVENT, now=place * 0.02)
    return reception


@pytest.mark.parametrize(
    ("sequences", "received", "lost", "duplicates"),
    [
        ((1, 2, 3), 3, 0, 0),
        ((1, 3, 4), 3, 1, 0),
        ((1, 3, 2), 3, 0, 0),
        ((2, 1, 3), 3, 0, 0),
        ((1, 1, 2), 2, 0, 1),
        ((65534, 65535, 65536, 65538), 4, 1, 0),
    ],
)
def test_loss_is_counted_by_sequence_number(
    sequences: tuple[int, ...], received: int, lost: int, duplicates: int
) -> None:
    reception = heard(*sequences)
    assert (reception.received, reception.lost, reception.duplicates) == (received, lost, duplicates)


def test_duplicates_are_told_after_many_packets() -> None:
    reception = heard(*range(70000))
    reception.take(audio(69999), EVENT, now=2000.0)
    assert (reception.received, reception.lost, reception.duplicates) == (70000, 0, 1)


def test_two_sources_are_counted_apart() -> None:
    reception = heard(1, 2)
    reception.take(audio(9000, ssrc=8), EVENT, now=0.04)
    assert reception.lost == 0
    assert [source.received for source in reception.sources.values()] == [2, 1]


def test_the_largest_gap_and_the_first_packet_are_timed() -> None:
    reception = Reception()
    for when in (1.0, 1.02, 1.42, 1.44):
        reception.take(audio(round(when * 50)), EVENT, now=when)
    assert reception.first_at == 1.0
    assert reception.largest_gap_s == pytest.approx(0.4)


@pytest.mark.parametrize("codec", list(Codec))
def test_recordings_are_recognised_in_either_codec(codec: Codec) -> None:
    reception = Reception((PROMPT, CUSTOMER))
    for sequence, frame in enumerate(recording(PROMPT, codec)):
        reception.take(audio(sequence, payload=frame, payload_type=codec.payload_type), EVENT, now=sequence * 0.02)
    assert reception.recognised == {PROMPT: len(recording(PROMPT, codec))}
    assert reception.speech_frames > 100
    assert reception.first_speech_at is not None


def test_what_was_held_back_on_hold_is_no_loss_and_no_gap() -> None:
    reception = heard(1, 2, 4)
    reception.resume()
    for place, sequence in enumerate((100, 101, 103)):
        reception.take(audio(sequence), EVENT, now=9.0 + place * 0.02)
    assert (reception.received, reception.lost) == (6, 2)
    assert reception.largest_gap_s < 0.1


def test_silence_is_not_speech() -> None:
    reception = heard(1, 2, 3)
    assert (reception.speech_frames, reception.silent_frames, reception.first_speech_at) == (0, 3, None)


def test_a_changed_frame_is_not_recognised() -> None:
    reception = Reception((PROMPT,))
    frame = recording(PROMPT, Codec.PCMU)[20]
    reception.take(audio(1, payload=frame[:-1] + b"\x00"), EVENT, now=0.0)
    assert reception.recognised == {}


def test_a_key_is_heard_once_however_many_packets_say_it() -> None:
    reception = Reception()
    keys = [
        reception.take(packet, EVENT, now=0.0)[1]
        for packet in (key(1, "5", 100), key(2, "5", 100), key(3, "5", 100, ended=True), key(4, "5", 900, ended=True))
    ]
    assert keys == ["5", "", "", "5"]
    assert (reception.digits, reception.received, reception.speech_frames) == ("55", 4, 0)


def test_what_is_not_ours_is_counted_as_invalid() -> None:
    reception = Reception()
    for datagram in (b"", b"INVITE sip:", audio(1, payload_type=18), key(1, "1", 100)[:13], audio(2)[:11]):
        assert reception.take(datagram, EVENT, now=0.0) == (None, "")
    assert (reception.invalid, reception.received, reception.first_at) == (5, 0, None)


def test_events_need_an_agreed_payload_type() -> None:
    reception = Reception()
    reception.take(key(1, "1", 100), None, now=0.0)
    assert (reception.invalid, reception.digits) == (1, "")
