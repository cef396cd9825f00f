"""JSON as a peer could never mean it: genuine messages with a few values changed."""

import copy
import json
import re
from typing import Any

from tests.fuzz.choices import Choices

#: A byte below says which example is meant; from here on, that raw bytes follow.
RAW = 192

#: Stands for a value nested so deep, list or object; json.dumps could not write it.
_DEEP = re.compile(r'"@deep ([\[{]) (\d+)"')

_ODD: tuple[Any, ...] = (
    *(None, True, False, 0, 1, -1, 7, 160, 401, 65_536, 2**31, 2**53, 2**63, 10**4299, -0.0, 0.5, 401.0),
    *(1e308, float("inf"), float("nan"), "", " ", "0", "1", "-1", "2e3", "401", "true", "Y", "null", "١٢", "a\r\nb"),
    *(
        "\0",
        "\x7f",
        "\u202e",
        "\u2028",
        "\ud800",
        "\udc00x",
        "é",
        "💥",
        "{}",
        "[]",
        "=",
        "AA==",
        "/w==",
        "#",
        "+1" * 50,
    ),
    *("x" * 300, "x" * 5_000, "9" * 5_000, "é" * 2_000, [], {}, [[]], [{}], [None], ["x"], {"": ""}, {"\ud800": 1}),
    *(["x"] * 2_000, [{}] * 2_000, {str(number): number for number in range(500)}),
)


def text_of(value: Any, choices: Choices) -> str:
    """The value as JSON, after a few changes."""
    for _ in range(choices.below(5)):
        value = _changed(copy.deepcopy(value), choices)
    text = json.dumps(value, ensure_ascii=bool(choices.below(3)))
    return _DEEP.sub(_nested, text)


def _nested(match: re.Match[str]) -> str:
    begin, depth = match[1], int(match[2])
    return "[" * depth + "]" * depth if begin == "[" else '{"a":' * depth + "1" + "}" * depth


def _changed(value: Any, choices: Choices) -> Any:
    """With one change, somewhere."""
    place = value
    while isinstance(place, dict | list) and place:
        keys = list(place) if isinstance(place, dict) else range(len(place))
        key = keys[choices.below(len(keys))]
        inner = place[key]
        if isinstance(inner, dict | list) and inner and choices.below(4):
            place = inner
            continue
        _change(place, key, choices)
        return value
    return _odd(choices)


def _change(place: Any, key: Any, choices: Choices) -> None:
    match choices.below(8):
        case 0:
            del place[key]
        case 1 if isinstance(place, dict):
            place[choices.some().decode("utf-8", "replace")] = place[key]
        case 1 | 2:
            place[key] = [place[key]]
        case 3:
            place[key] = choices.some().decode("utf-8", "replace")
        case 4 if isinstance(place[key], str):
            place[key] = place[key] + str(choices.one_of(("\ud800", "\0", "é", " ", "\n", "x" * 1_000)))
        case 5:
            place[key] = choices.below(2**20)
        case _:
            place[key] = _odd(choices)


def _odd(choices: Choices) -> Any:
    """A value nobody expects; sometimes one nested about as deep as Python goes."""
    which = choices.below(len(_ODD) + 6)
    if which < len(_ODD):
        return _ODD[which]
    depth = choices.one_of((100, 700 + choices.below(300), 100_000))
    return f"@deep {choices.one_of('[{')} {depth}"
