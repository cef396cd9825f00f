"""What one side hears: keys in the stream it plays."""

from bridge.media.messages import (
    Side,
)
from bridge.media.rtp import build
from tests.unit.media_call import SILENT_PCMU, Call, Sent


def read_keys(heard: list[Sent]) -> str:
    """The keys a receiver would take from these packets: one a timestamp and stream."""
    seen: dict[tuple[int, int], str] = {}
    for sent in heard:
        if sent.kind == 101:
            seen[sent.ssrc, sent.timestamp] = "0123456789*#ABCD"[sent.payload[0]]
    return "".join(seen.values())


def test_digits_into_silence_continue_the_silence_stream() -> None:
    call = Call()
    call.agree(Side.CUSTOMER)
    call.run(3)
    call.play(Side.CUSTOMER, "42#")
    call.run(40)
    heard = call.heard[Side.CUSTOMER]
    assert read_keys(heard) == "42#"
    assert {sent.ssrc for sent in heard} == {heard[0].ssrc}
    assert [(sent.sequence - heard[0].sequence) % 65536 for sent in heard] == list(range(43))
    events = [sent for sent in heard if sent.kind == 101]
    assert [sent.tick for sent in events] == [*range(4, 11), *range(14, 21), *range(24, 31)]
    assert [sent.marker for sent in events] == ([True] + [False] * 6) * 3


def test_digits_into_a_relayed_stream_take_the_place_of_its_packets() -> None:
    call = Call()
    call.agree()
    call.run(5, Side.ENGINE)
    call.play(Side.CUSTOMER, "7")
    call.run(15, Side.ENGINE)
    heard = call.heard[Side.CUSTOMER]
    assert read_keys(heard) == "7"
    assert [sent.sequence for sent in heard] == list(range(1, 21))
    assert {sent.ssrc for sent in heard} == {77}
    assert [sent.kind for sent in heard] == [0] * 5 + [101] * 7 + [0] * 8
    assert {sent.timestamp for sent in heard if sent.kind == 101} == {6 * 160}
    assert len(call.heard[Side.ENGINE]) == 20  # our silence: the customer says nothing


def test_after_the_digits_the_stream_is_relayed_untouched_again() -> None:
    call = Call()
    call.agree()
    call.run(1, Side.ENGINE)
    call.play(Side.CUSTOMER, "7")
    call.run(10, Side.ENGINE)
    assert not call.passes_unread(Side.ENGINE)
    for _ in range(2):
        said = call.say(Side.ENGINE)
        assert call.heard[Side.CUSTOMER][-1].packet == said
    assert call.passes_unread(Side.ENGINE)


def test_a_key_is_finished_in_the_relayed_stream_when_that_dries_up() -> None:
    call = Call()
    call.agree()
    call.run(3, Side.ENGINE)
    call.play(Side.CUSTOMER, "9")
    call.run(3, Side.ENGINE)
    call.run(20)
    heard = call.heard[Side.CUSTOMER]
    assert read_keys(heard) == "9"
    events = [sent for sent in heard if sent.kind == 101]
    assert [sent.sequence for sent in events] == list(range(4, 11))
    assert {sent.ssrc for sent in events} == {77}
    assert heard[-1].payload == SILENT_PCMU


def test_a_key_begun_in_silence_is_finished_there_though_the_other_side_speaks() -> None:
    call = Call()
    call.agree()
    call.play(Side.CUSTOMER, "3")
    call.run(2)
    call.run(20, Side.ENGINE)
    heard = call.heard[Side.CUSTOMER]
    events = [sent for sent in heard if sent.kind == 101]
    assert read_keys(heard) == "3"
    assert len(events) == 7
    assert {sent.ssrc for sent in events} != {77}
    assert [sent.ssrc == 77 for sent in heard] == sorted(sent.ssrc == 77 for sent in heard)


def test_a_key_goes_on_in_its_stream_when_the_other_side_changes_ssrc() -> None:
    call = Call()
    call.agree()
    call.run(1, Side.ENGINE)
    call.play(Side.CUSTOMER, "5")
    call.run(2, Side.ENGINE)
    for place in range(5):
        call.tick += 1
        call.say(Side.ENGINE, datagram=build(0, False, 500 + place, 80000 + place * 160, 99, b"\x55" * 160))
    events = [sent for sent in call.heard[Side.CUSTOMER] if sent.kind == 101]
    assert read_keys(events) == "5"
    assert [sent.sequence for sent in events] == list(range(2, 9))


def test_digits_to_one_side_leave_the_other_direction_alone() -> None:
    call = Call()
    call.agree()
    call.run(2, *Side)
    call.play(Side.CUSTOMER, "1")
    call.run(10, *Side)
    assert {sent.kind for sent in call.heard[Side.ENGINE]} == {0}
    assert len(call.heard[Side.ENGINE]) == 12


def test_digits_for_a_side_without_telephone_event_or_on_hold_are_not_played() -> None:
    call = Call()
    call.agree(Side.CUSTOMER, telephone_event=None)
    call.agree(Side.ENGINE, send=False)
    call.play(Side.CUSTOMER, "1")
    call.play(Side.ENGINE, "2")
    call.run(20)
    call.agree(Side.ENGINE)
    call.run(20)
    assert read_keys(call.heard[Side.CUSTOMER]) + read_keys(call.heard[Side.ENGINE]) == ""


def test_a_hold_ends_the_digits_that_were_being_played() -> None:
    call = Call()
    call.agree()
    call.play(Side.CUSTOMER, "123456")
    call.run(12)
    call.agree(Side.CUSTOMER, send=False)
    call.run(10)
    call.agree(Side.CUSTOMER)
    call.run(30)
    assert read_keys(call.heard[Side.CUSTOMER]) == "12"
