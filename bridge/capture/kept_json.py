"""[sans-IO] What is kept of a JSON body: no secret, no pressed key; labels of screen pops and customers' records."""

import enum
import json
import re
from functools import lru_cache
from typing import Any

#: In the place of what is no secret, and is not kept all the same: a customer's data, the digits of a card perhaps.
NOT_KEPT = "[not kept]"
SECRET = "[secret]"
#: Longer bodies are not read.
MAX_BODY = 16_384

_SECRET_KEY = re.compile(
    r"token|password|passwd|secret|api_?key|authorization|cookie|^(lv[-_]?)?session[-_]?(id)?$", re.IGNORECASE
)
_PRESSED = frozenset({"digit", "digits", "signal", "key_pressed"})
#: Under these stand the screen pop's values: the engines' message, LiveVox's answer, what others may call it.
_SCREEN_POP = frozenset({"fields", "rows", "screenpoprow", "screen_pop", "screenpop"})
#: Under these what a bot has collected: its verdict, and the requests that write it.
_RECORD = frozenset({"contact", "context", "updatecontactdetails", "entry"})


class _Meaning(enum.Enum):
    """What a key says of its value."""

    CUSTOMER = enum.auto()
    PRESSED = enum.auto()
    SECRET = enum.auto()
    PLAIN = enum.auto()


def kept_json(body: bytes) -> str | None:
    """The JSON that is kept of a body; None: it is none, or too long to look."""
    if len(body) > MAX_BODY:
        return None
    try:
        parsed = json.loads(body)
        return json.dumps(_kept(parsed), ensure_ascii=False)
    except (ValueError, RecursionError):
        return None


def _kept(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _kept_member(key, inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_kept(inner) for inner in value]
    return value


def _kept_member(key: str, value: Any) -> Any:
    meaning = _meaning(key)
    if meaning is _Meaning.CUSTOMER:
        return _labels(value)
    if meaning is _Meaning.PRESSED:
        return NOT_KEPT
    if meaning is _Meaning.SECRET and not isinstance(value, dict | list):
        return SECRET
    return _kept(value)


@lru_cache(maxsize=1_024)  # LiveVox's answers have the same keys again and again
def _meaning(key: str) -> _Meaning:
    lowered = key.lower()
    if lowered in _SCREEN_POP | _RECORD:
        return _Meaning.CUSTOMER
    if lowered in _PRESSED:
        return _Meaning.PRESSED
    return _Meaning.SECRET if _SECRET_KEY.search(key) else _Meaning.PLAIN


def _labels(value: Any) -> Any:
    """What the fields are called, without what is in them."""
    if isinstance(value, dict):
        if "key" in value and "value" in value:
            return {"key": value["key"] if isinstance(value["key"], str) else NOT_KEPT, "value": NOT_KEPT}
        return {key: NOT_KEPT for key in value}
    if isinstance(value, list):
        return [_labels(inner) if isinstance(inner, dict) else NOT_KEPT for inner in value]
    return NOT_KEPT
