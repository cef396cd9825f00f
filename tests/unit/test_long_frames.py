"""Messages longer than a datagram of the control channel."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.media.control import COMMANDS
from bridge.media.long_frames import MAX_MESSAGE, PART, Assembly, parts
from bridge.media.stream_messages import DefineEngine
from sip.errors import InvalidFrame


def put_together(datagrams: list[bytes]) -> list[bytes]:
    assembly = Assembly()
    return [frame for datagram in datagrams if (frame := assembly.add(datagram)) is not None]


def test_a_short_message_travels_as_it_is() -> None:
    assert parts(b"CloseSession \x81\xa4call\xa1c") == [b"CloseSession \x81\xa4call\xa1c"]


@given(st.lists(st.integers(1, 5 * PART), min_size=1, max_size=4))
def test_messages_of_any_length_arrive_whole_and_in_order(lengths: list[int]) -> None:
    frames = [b"[" + bytes([65 + place]) * length for place, length in enumerate(lengths)]
    datagrams = [datagram for frame in frames for datagram in parts(frame)]
    assert max(map(len, datagrams)) <= PART
    assert put_together(datagrams) == frames


@pytest.mark.parametrize("character", ["\x01", '"', "\\", "é", "\U0001f600", "\ud800"])
def test_the_longest_instructions_arrive_whatever_characters_they_have(character: str) -> None:
    settings = json.dumps({"instructions": character * 32_000, "greeting": character * 8_000})
    engine = DefineEngine("bot", "openai", settings, "secret", ("paid",), ("people",))
    (frame,) = put_together(parts(COMMANDS.encode(engine)))
    assert COMMANDS.decode(frame) == engine


def test_a_message_that_is_too_long_is_refused_once_and_the_next_one_arrives() -> None:
    assembly = Assembly()
    datagrams = parts(b"[" + b"x" * MAX_MESSAGE)
    assert all(assembly.add(datagram) is None for datagram in datagrams[:-1])
    with pytest.raises(InvalidFrame):
        assembly.add(datagrams[-1])
    assert assembly.add(b"[1]") == b"[1]"
