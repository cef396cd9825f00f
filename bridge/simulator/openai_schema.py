"""[sans-IO] What OpenAI's Realtime API takes of a client: every field it knows, and how it refuses others."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from bridge.simulator.errors import EventRefused


class Shape(Protocol):
    """What a value may be."""

    def check(self, value: Any, path: str) -> None:
        """Raises EventRefused."""


class Anything:
    """Any JSON value."""

    def check(self, value: Any, path: str) -> None:
        """Nothing is wrong with it."""


@dataclass(frozen=True)
class A:
    """A value of this type."""

    kind: type

    def check(self, value: Any, path: str) -> None:
        """Booleans are no numbers."""
        if not isinstance(value, self.kind) or (self.kind is int and isinstance(value, bool)):
            raise _invalid(path, f"Expected {self.kind.__name__}")


@dataclass(frozen=True)
class OneOf:
    """One of these values."""

    values: tuple[Any, ...]

    def check(self, value: Any, path: str) -> None:
        """Equal to one of them."""
        if value not in self.values:
            raise _invalid(path, f"Supported values are: {', '.join(map(repr, self.values))}")


@dataclass(frozen=True)
class Between:
    """A number in this range."""

    least: float
    most: float

    def check(self, value: Any, path: str) -> None:
        """Ends included."""
        if isinstance(value, bool) or not isinstance(value, int | float) or not self.least <= value <= self.most:
            raise _invalid(path, f"Expected a number from {self.least} to {self.most}")


@dataclass(frozen=True)
class Each:
    """A list of such values."""

    shape: Shape

    def check(self, value: Any, path: str) -> None:
        """Every one of them."""
        if not isinstance(value, list):
            raise _invalid(path, "Expected an array")
        for number, each in enumerate(value):
            self.shape.check(each, f"{path}[{number}]")


@dataclass(frozen=True)
class OrNull:
    """Such a value, or null."""

    shape: Shape

    def check(self, value: Any, path: str) -> None:
        """Null is fine."""
        if value is not None:
            self.shape.check(value, path)


@dataclass(frozen=True)
class Fields:
    """An object with these fields and no others."""

    shapes: Mapping[str, Shape]
    needed: frozenset[str] = frozenset()

    def check(self, value: Any, path: str) -> None:
        """Field by field."""
        if not isinstance(value, dict):
            raise _invalid(path, "Expected an object")
        prefix = f"{path}." if path else ""
        for name in value:
            if name not in self.shapes:
                raise EventRefused("unknown_parameter", f"Unknown parameter: '{prefix}{name}'.", prefix + name)
        for name in sorted(self.needed - value.keys()):
            message = f"Missing required parameter: '{prefix}{name}'."
            raise EventRefused("missing_required_parameter", message, prefix + name)
        for name, each in value.items():
            self.shapes[name].check(each, prefix + name)


def fields(needed: Mapping[str, Shape] | None = None, /, **others: Shape) -> Fields:
    """An object: fields that must be there, and fields that may be."""
    return Fields({**(needed or {}), **others}, frozenset(needed or {}))


def _invalid(path: str, remedy: str) -> EventRefused:
    return EventRefused("invalid_value", f"Invalid value: '{path}'. {remedy}.", path)


_TEXT, _WHOLE, _FLAG, _ANYTHING = A(str), A(int), A(bool), Anything()
_FORMAT = fields({"type": OneOf(("audio/pcm", "audio/pcmu", "audio/pcma"))}, rate=OneOf((24000,)))
_MODALITIES = Each(OneOf(("text", "audio")))
_TURNS = fields(
    {"type": OneOf(("server_vad", "semantic_vad"))},
    threshold=Between(0, 1),
    prefix_padding_ms=_WHOLE,
    silence_duration_ms=_WHOLE,
    idle_timeout_ms=OrNull(_WHOLE),
    create_response=_FLAG,
    interrupt_response=_FLAG,
    eagerness=OneOf(("low", "medium", "high", "auto")),
)
_FUNCTIONS = Each(fields({"type": OneOf(("function",)), "name": _TEXT}, description=_TEXT, parameters=A(dict)))
_SAYS: Mapping[str, Shape] = {"format": _FORMAT, "voice": _TEXT}
_HEARS = fields(
    format=_FORMAT,
    noise_reduction=OrNull(fields(type=OneOf(("near_field", "far_field")), strength=Between(0, 1))),
    transcription=OrNull(fields(model=_TEXT, language=_TEXT, prompt=_TEXT, languages=Each(_TEXT))),
    turn_detection=OrNull(_TURNS),
)
_GENERATION: Mapping[str, Shape] = {
    "instructions": _TEXT,
    "max_output_tokens": _ANYTHING,
    "output_modalities": _MODALITIES,
    "parallel_tool_calls": _FLAG,
    "prompt": _ANYTHING,
    "reasoning": fields(effort=_TEXT),
    "tool_choice": _ANYTHING,
    "tools": _FUNCTIONS,
}
SESSION = fields(
    {"type": OneOf(("realtime",))},
    **_GENERATION,
    model=_TEXT,
    include=Each(_TEXT),
    tracing=_ANYTHING,
    truncation=_ANYTHING,
    audio=fields(input=_HEARS, output=fields(**_SAYS, speed=Between(0.25, 1.5))),
)
_RESPONSE = fields(
    **_GENERATION,
    audio=fields(output=fields(**_SAYS)),
    conversation=OneOf(("auto", "none")),
    input=Each(_ANYTHING),
    metadata=_ANYTHING,
)
_ITEM: Mapping[str, Shape] = {"id": _TEXT, "object": OneOf(("realtime.item",)), "status": _TEXT}


def _message(role: str, content: str) -> Fields:
    parts = Each(fields({"type": OneOf((content,)), "text": _TEXT}))
    return fields({"type": _TEXT, "role": OneOf((role,)), "content": parts}, **_ITEM)


#: What a client may add to the conversation, by type and role.
ITEMS: Mapping[tuple[str, str], Shape] = {
    ("message", "system"): _message("system", "input_text"),
    ("message", "user"): _message("user", "input_text"),
    ("message", "assistant"): _message("assistant", "output_text"),
    ("function_call_output", ""): fields({"type": _TEXT, "call_id": _TEXT, "output": _TEXT}, **_ITEM),
}


def _event(needed: Mapping[str, Shape] | None = None, /, **others: Shape) -> Shape:
    return fields({"type": _TEXT, **(needed or {})}, event_id=_TEXT, **others)


EVENTS: Mapping[str, Shape] = {
    "session.update": _event({"session": SESSION}),
    "input_audio_buffer.append": _event({"audio": _TEXT}),
    "conversation.item.create": _event({"item": _ANYTHING}, previous_item_id=_TEXT),
    "conversation.item.truncate": _event({"item_id": _TEXT, "content_index": _WHOLE, "audio_end_ms": _WHOLE}),
    "conversation.item.delete": _event({"item_id": _TEXT}),
    "response.create": _event(response=_RESPONSE),
    "response.cancel": _event(response_id=_TEXT),
}
