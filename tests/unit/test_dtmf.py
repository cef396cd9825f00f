"""Keys read from RFC 4733 events, and digits written as such."""

import random
import struct

import pytest

from bridge.media.dtmf import KEYS, EventSlot, Key, KeyReader, KeyWriter


def event(code: int, duration: int, *, end: bool = False) -> bytes:
    return struct.pack("!BBH", code, 10 | (0x80 if end else 0), duration)


def press(
    reader: KeyReader, code: int, timestamp: int, *, packets: int = 5, ends: int = 3, start: float = 0.0
) -> list[Key]:
    keys: list[Key] = []
    for place in range(packets):
        keys += reader.read(1, timestamp, event(code, (place + 1) * 160), start + place * 0.02)
    for place in range(packets, packets + ends):
        keys += reader.read(1, timestamp, event(code, packets * 160 + 160, end=True), start + place * 0.02)
    return keys


def slots(writer: KeyWriter) -> list[EventSlot | None]:
    taken: list[EventSlot | None] = []
    while writer.active:
        taken.append(writer.next_slot())
    return taken


def test_a_key_is_reported_once_however_many_packets_say_so() -> None:
    reader = KeyReader()
    assert press(reader, 5, 1600) == [Key("5", 120)]
    assert reader.deadline is None


@pytest.mark.parametrize(("code", "digit"), list(enumerate("0123456789*#ABCD")))
def test_every_key_has_its_name(code: int, digit: str) -> None:
    assert press(KeyReader(), code, 0) == [Key(digit, 120)]


def test_the_same_key_pressed_twice_is_two_keys() -> None:
    reader = KeyReader()
    assert press(reader, 1, 1600) + press(reader, 1, 4800) == [Key("1", 120), Key("1", 120)]


def test_a_new_key_ends_one_whose_end_was_lost() -> None:
    reader = KeyReader()
    assert press(reader, 1, 1600, ends=0) == []
    assert press(reader, 2, 4800) == [Key("1", 100), Key("2", 120)]


def test_a_key_whose_end_was_lost_ends_after_a_while() -> None:
    reader = KeyReader()
    press(reader, 9, 1600, ends=0)
    assert reader.deadline == pytest.approx(0.08 + 0.2)
    assert reader.expire(0.27) == []
    assert reader.expire(0.29) == [Key("9", 100)]
    assert reader.expire(9.0) == []
    assert reader.deadline is None


def test_an_end_packet_alone_is_a_key() -> None:
    assert KeyReader().read(1, 1600, event(3, 800, end=True), 0.0) == [Key("3", 100)]


def test_packets_of_an_ended_key_that_come_late_say_nothing() -> None:
    reader = KeyReader()
    press(reader, 1, 1600)
    press(reader, 2, 4800)
    assert reader.read(1, 1600, event(1, 480), 1.0) == []
    assert reader.read(1, 4800, event(2, 960, end=True), 1.0) == []
    assert reader.deadline is None


def test_packets_out_of_order_give_the_longest_duration() -> None:
    reader = KeyReader()
    reader.read(1, 0, event(4, 640), 0.0)
    reader.read(1, 0, event(4, 320), 0.0)
    assert reader.read(1, 0, event(4, 480, end=True), 0.0) == [Key("4", 80)]


def test_another_stream_may_begin_with_any_timestamp() -> None:
    reader = KeyReader()
    press(reader, 1, 4_000_000)
    assert reader.read(2, 160, event(1, 800, end=True), 1.0) == [Key("1", 100)]


def test_a_key_held_over_several_segments_is_one_key() -> None:
    reader = KeyReader()
    assert reader.read(1, 1000, event(7, 0xFFFF), 8.0) == []
    assert reader.read(1, 1000 + 0xFFFF, event(7, 800), 8.1) == []
    assert reader.read(1, 1000 + 0xFFFF, event(7, 1600, end=True), 8.2) == [Key("7", (0xFFFF + 1600) // 8)]


@pytest.mark.parametrize("payload", [b"", b"\x01", b"\x01\x80\x00", event(16, 800, end=True), event(255, 0, end=True)])
def test_what_is_no_key_is_left_alone(payload: bytes) -> None:
    reader = KeyReader()
    assert reader.read(1, 0, payload, 0.0) == []
    assert reader.deadline is None


def test_random_payloads_never_raise_and_report_only_keys() -> None:
    rng = random.Random(4733)
    reader = KeyReader()
    for place in range(3000):
        payload = rng.randbytes(rng.randrange(8))
        for key in reader.read(rng.randrange(3), rng.getrandbits(32), payload, place * 0.02):
            assert key.digit in KEYS


def test_a_digit_is_100_ms_with_its_end_said_three_times_and_100_ms_of_pause() -> None:
    writer = KeyWriter()
    assert writer.play("5") == "5"
    played = slots(writer)
    assert [slot.payload if slot else None for slot in played] == [
        event(5, 160),
        event(5, 320),
        event(5, 480),
        event(5, 640),
        event(5, 800, end=True),
        event(5, 800, end=True),
        event(5, 800, end=True),
        None,
        None,
        None,
    ]
    assert [slot.first for slot in played if slot] == [True] + [False] * 6


def test_what_is_written_reads_back() -> None:
    writer, reader = KeyWriter(), KeyReader()
    writer.play(KEYS)
    keys: list[Key] = []
    start = 0
    for number, slot in enumerate(slots(writer)):
        if slot is not None:
            start = number if slot.first else start
            keys += reader.read(1, start * 160, slot.payload, number * 0.02)
    assert keys == [Key(digit, 100) for digit in KEYS]


def test_a_key_has_begun_until_its_last_end_packet() -> None:
    writer = KeyWriter()
    writer.play("12")
    begun = []
    for _ in range(20):
        writer.next_slot()
        begun.append(writer.in_key)
    assert begun == ([True] * 6 + [False] * 4) * 2
    assert not writer.active


def test_lower_case_letters_are_keys_and_other_characters_are_left_out() -> None:
    assert KeyWriter().play("1a,-9 w#") == "1A9#"


def test_no_more_digits_are_queued_than_can_be_played_soon() -> None:
    writer = KeyWriter()
    assert len(writer.play("1" * 500)) == KeyWriter.MAX_DIGITS
    assert writer.play("2") == ""


def test_forgotten_digits_are_not_played() -> None:
    writer = KeyWriter()
    writer.play("123")
    writer.next_slot()
    writer.clear()
    assert not writer.active
    assert not writer.in_key
