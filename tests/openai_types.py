"""Checks of Realtime events against the types of the `openai` package, unknown fields included."""

from collections.abc import Iterator
from typing import Any

from openai.types.realtime import RealtimeClientEvent, RealtimeServerEvent
from pydantic import BaseModel, TypeAdapter

_CLIENT: TypeAdapter[Any] = TypeAdapter(RealtimeClientEvent)
_SERVER: TypeAdapter[Any] = TypeAdapter(RealtimeServerEvent)
#: Of a session; the API says them, and the package's type of the event does not have them.
_UNTYPED = {"session.id", "session.object"}


def check_client_event(text: str | bytes) -> None:
    """Raises when the event is none of the client events, or has a field that its type does not know."""
    unknown = sorted(_unknown(_CLIENT.validate_json(text, strict=True), ""))
    assert not unknown, f"fields that the API does not know: {unknown} in {text[:300]!r}"


def check_server_event(text: str | bytes) -> None:
    """The same for server events."""
    unknown = sorted(set(_unknown(_SERVER.validate_json(text, strict=True), "")) - _UNTYPED)
    assert not unknown, f"fields that the API does not know: {unknown} in {text[:300]!r}"


def _unknown(value: Any, path: str) -> Iterator[str]:
    if isinstance(value, BaseModel):
        for name in value.__pydantic_extra__ or {}:
            yield path + name
        for name in type(value).model_fields:
            yield from _unknown(getattr(value, name), f"{path}{name}.")
    elif isinstance(value, list):
        for each in value:
            yield from _unknown(each, path)
