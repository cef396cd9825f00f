"""[sans-IO] Reads the server events of OpenAI's Realtime API (API reference, server events)."""

import re
from binascii import a2b_base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from bridge.dialects.incoming import json_object, text_of
from bridge.dialects.template import one_line
from bridge.errors import InvalidEngineMessage

Event = Mapping[str, Any]

#: Ids of items, responses and calls; a longer one is no id.
MAX_ID = 200
#: A larger number counts nothing; JSON's may have thousands of digits.
MAX_COUNT = 1_000_000_000
_MAX_SHOWN = 200
#: Keys of the vendors; servers quote parts of one that they refuse.
_KEY = re.compile(r"\b(?:sk|ek|xai|gsk)-[A-Za-z0-9_*.-]{4,}")
_FINAL = frozenset(
    {"insufficient_quota", "invalid_api_key", "account_deactivated", "model_not_found", "authentication_error"}
    | {"permission_denied", "billing_hard_limit_reached"}
)


def read_event(message: str) -> Event:
    """A server event, with its type; raises InvalidEngineMessage."""
    event = json_object(message)
    text_of(event, "type")
    return event


def id_in(event: Event, key: str) -> str:
    """An id that must be there; raises InvalidEngineMessage."""
    found = event.get(key)
    if not isinstance(found, str) or not 0 < len(found) <= MAX_ID:
        raise InvalidEngineMessage(f"{event.get('type', 'an object')} has no {key}")
    return found


def name_in(event: Event, key: str) -> str:
    """An id that may be missing; empty when there is none."""
    found = event.get(key)
    return found if isinstance(found, str) and len(found) <= MAX_ID else ""


def words_in(event: Event, key: str) -> str:
    """A text; empty when there is none."""
    found = event.get(key)
    return found if isinstance(found, str) else ""


def object_in(event: Event, *path: str) -> Event:
    """An object inside of others; empty when there is none."""
    found: Any = event
    for key in path:
        found = found.get(key) if isinstance(found, dict) else None
    return found if isinstance(found, dict) else {}


def objects_in(event: Event, key: str) -> list[Event]:
    """The objects of a list; none when there is no list."""
    found = event.get(key)
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def count_in(event: Event, key: str) -> int:
    """A whole number, not below 0; 0 when there is none, or one that counts nothing."""
    found = event.get(key)
    return found if isinstance(found, int) and not isinstance(found, bool) and 0 < found <= MAX_COUNT else 0


def audio_in(event: Event, key: str) -> bytes:
    """Audio in base64; raises InvalidEngineMessage."""
    try:
        return a2b_base64(event[key], strict_mode=True)
    except (KeyError, TypeError, ValueError) as exc:
        raise InvalidEngineMessage(f"{event.get('type')} has no audio") from exc


def wrong_format(audio: Event, wanted: str) -> str:
    """What `session.updated` says of audio formats, if one of them is not what was asked for; else empty."""
    for side in ("input", "output"):
        said = object_in(audio, side, "format")
        kind, rate = shown(words_in(said, "type")) or "none", count_in(said, "rate")
        if kind != wanted:
            named = f"{kind}, {rate}" if rate else kind
            return f"session.updated says {side} format {named}; {wanted} was asked for"
    return ""


def shown(text: str) -> str:
    """What a server wrote, short and on one line."""
    return one_line(text)[:_MAX_SHOWN]


@dataclass(frozen=True)
class Complaint:
    """What an `error` or a failed response says."""

    code: str
    """The server's code, or its type of error."""
    message: str
    event: str
    """The event of ours that it is about; empty when the server does not say."""

    @classmethod
    def of(cls, error: Event) -> Self:
        """Read the object that is called `error`."""
        code = shown(words_in(error, "code") or words_in(error, "type")) or "unknown"
        return cls(code, words_in(error, "message"), words_in(error, "event_id"))

    @property
    def final(self) -> bool:
        """Nothing that is said to this server will help."""
        return self.code in _FINAL

    def without(self, secret: str) -> str:
        """Code and message, fit for a log: short, and without the secret or a part of it that looks like a key."""
        message = self.message.replace(secret, "…") if secret else self.message
        return shown(": ".join(filter(None, (self.code, _KEY.sub("…", message)))))
