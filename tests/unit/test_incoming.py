"""Reading the JSON that engines send."""

import pytest

from bridge.dialects.incoming import json_object, objects_of, text_of
from bridge.errors import InvalidEngineMessage


def test_an_object_is_read() -> None:
    said = json_object('{"type": "Welcome", "functions": [{"id": "f1"}]}')
    assert (text_of(said, "type"), objects_of(said, "functions")) == ("Welcome", [{"id": "f1"}])


@pytest.mark.parametrize("message", ['{"a": 1}', ' {"a": 1}', '{"a": 1}\r\n', '\n\t{"a" : 1} ', '{"a": 2, "a": 1}'])
def test_space_around_an_object_is_nothing(message: str) -> None:
    assert json_object(message) == {"a": 1}


_TOO_MUCH = ["{} {}", '{"a": 1}x', '{"a": 1}}', "\ufeff{}"]
_TOO_DEEP = ["[" * 100_000, '{"a":' * 100_000]


@pytest.mark.parametrize("message", ["", "{", "[1]", '"text"', "7", "null", "9" * 5_000, *_TOO_MUCH, *_TOO_DEEP])
def test_what_is_no_object_is_refused_and_not_shown(message: str) -> None:
    with pytest.raises(InvalidEngineMessage) as caught:
        json_object(message)
    assert not message or message not in str(caught.value)


@pytest.mark.parametrize("value", [None, 7, ["a"], {"a": "b"}])
def test_what_is_no_text_is_refused(value: object) -> None:
    with pytest.raises(InvalidEngineMessage):
        text_of({"type": value}, "type")


@pytest.mark.parametrize("value", [None, 7, "ab", {"a": "b"}, [1], [{}, None]])
def test_what_is_no_list_of_objects_is_refused(value: object) -> None:
    with pytest.raises(InvalidEngineMessage):
        objects_of({"functions": value}, "functions")
