"""[sans-IO] A session of the simulated Realtime API: what the client said of it, and its conversation's items."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bridge.simulator.errors import EventRefused
from bridge.simulator.openai_schema import EVENTS, ITEMS

Event = dict[str, Any]

PCM: Mapping[str, Any] = {"type": "audio/pcm", "rate": 24000}
PCMU: Mapping[str, Any] = {"type": "audio/pcmu"}


@dataclass
class Item:
    """An item of the conversation, and how much audio it has."""

    said: Event
    audio_ms: int = 0
    truncated_ms: int | None = None


@dataclass
class Conversation:
    """The state that events change; what they mean for the outside is the server's part."""

    model: str
    echo: Mapping[str, Any] | None = None
    """The format that `session.updated` says whatever was asked for."""
    session: Event = field(default_factory=dict)
    items: dict[str, Item] = field(default_factory=dict)
    deleted: list[str] = field(default_factory=list)
    configured: bool = False
    _count: int = 0

    def __post_init__(self) -> None:
        turns = {"type": "server_vad", "threshold": 0.5, "prefix_padding_ms": 300, "silence_duration_ms": 200}
        turns |= {"create_response": True, "interrupt_response": True, "idle_timeout_ms": None}
        self.session = {
            "type": "realtime",
            "object": "realtime.session",
            "id": self.new_id("sess"),
            "model": self.model,
            "output_modalities": ["audio"],
            "instructions": "You are a helpful assistant.",
            "tools": [],
            "tool_choice": "auto",
            "max_output_tokens": "inf",
            "audio": {
                "input": {"format": dict(PCM), "transcription": None, "noise_reduction": None, "turn_detection": turns},
                "output": {"format": dict(PCM), "voice": "marin", "speed": 1.0},
            },
        }

    def new_id(self, prefix: str) -> str:
        """An id as the API makes them."""
        self._count += 1
        return f"{prefix}_{self._count:06d}"

    @property
    def turns(self) -> Mapping[str, Any]:
        """How turns are detected; empty: not at all."""
        return self.session["audio"]["input"]["turn_detection"] or {}

    def formats(self) -> tuple[str, str]:
        """Of what is heard and what is said."""
        audio = self.session["audio"]
        return audio["input"]["format"]["type"], audio["output"]["format"]["type"]

    def offers(self, function: str) -> bool:
        """The client has offered this function to the model."""
        return any(tool.get("name") == function for tool in self.session["tools"])

    def take(self, message: str) -> tuple[Event, list[Event]]:
        """An event of the client, and what the API says to it; raises EventRefused."""
        try:
            event = json.loads(message)
        except ValueError:
            raise EventRefused("invalid_json", "The event is not valid JSON.") from None
        kind = str(event.get("type")) if isinstance(event, dict) else ""
        if kind not in EVENTS:
            raise EventRefused("invalid_value", f"Invalid value: {kind!r}. It is no client event.", "type")
        EVENTS[kind].check(event, "")
        handlers: dict[str, Callable[[Event], list[Event]]] = {
            "session.update": self._update,
            "conversation.item.create": self._create,
            "conversation.item.truncate": self._truncate,
            "conversation.item.delete": self._delete,
        }
        return event, handlers[kind](event) if kind in handlers else []

    def add(self, item: Event) -> list[Event]:
        """An item that is whole."""
        self.items[item["id"]] = Item(item)
        previous = list(self.items)[-2] if len(self.items) > 1 else None
        kinds = ("conversation.item.added", "conversation.item.done")
        return [self.event(kind, item=dict(item), previous_item_id=previous) for kind in kinds]

    def event(self, kind: str, **fields: Any) -> Event:
        """A server event."""
        return {"type": kind, "event_id": self.new_id("event"), **fields}

    def created(self) -> Event:
        """The first event of a session."""
        return self.event("session.created", session=self.session)

    def refusal(self, refused: EventRefused, event: str | None) -> Event:
        """What the API says to an event of this id that it refuses."""
        error = {"type": "invalid_request_error", "code": refused.code, "message": refused.message}
        return self.event("error", error=error | {"param": refused.param, "event_id": event})

    def _update(self, event: Event) -> list[Event]:
        self.session = _merged(self.session, event["session"])
        self.configured = True
        shown = self.session
        if self.echo is not None:
            said = {"input": {"format": self.echo}, "output": {"format": self.echo}}
            shown = _merged(self.session, {"audio": said})
        return [self.event("session.updated", session=shown)]

    def _create(self, event: Event) -> list[Event]:
        item = event["item"]
        if not isinstance(item, dict):
            raise EventRefused("invalid_type", "Invalid type for 'item': expected an object.", "item")
        role = item.get("role", "") if item.get("type") == "message" else ""
        shape = ITEMS.get((str(item.get("type")), str(role)))
        if shape is None:
            raise EventRefused("invalid_value", "Invalid value: 'item.type' or 'item.role'.", "item.type")
        shape.check(item, "item")
        if item["type"] == "function_call_output":
            calls = {each.said.get("call_id") for each in self.items.values() if each.said["type"] == "function_call"}
            if item["call_id"] not in calls:
                raise EventRefused("invalid_tool_call_id", f"Tool call ID '{item['call_id']}' not found.", "item")
        id = item.get("id") or self.new_id("item")
        return self.add({"status": "completed", "object": "realtime.item", **item, "id": id})

    def _truncate(self, event: Event) -> list[Event]:
        item = self._existing(event["item_id"], "item_truncate_invalid_item_id")
        if item.said.get("role") != "assistant" or event["content_index"] != 0:
            raise EventRefused("invalid_value", "Only audio of assistant messages can be truncated.", "content_index")
        end, length = event["audio_end_ms"], item.audio_ms if item.truncated_ms is None else item.truncated_ms
        if not 0 <= end <= length:
            message = f"Audio content of {length}ms is already shorter than {end}ms"
            raise EventRefused("invalid_value", message, "audio_end_ms")
        item.truncated_ms = end
        where = {"item_id": event["item_id"], "content_index": 0, "audio_end_ms": end}
        return [self.event("conversation.item.truncated", **where)]

    def _delete(self, event: Event) -> list[Event]:
        self._existing(event["item_id"], "item_delete_invalid_item_id")
        del self.items[event["item_id"]]
        self.deleted.append(event["item_id"])
        return [self.event("conversation.item.deleted", item_id=event["item_id"])]

    def _existing(self, id: str, code: str) -> Item:
        if id not in self.items:
            raise EventRefused(code, f"The item with id '{id}' does not exist.", "item_id")
        return self.items[id]


def _merged(base: Mapping[str, Any], change: Mapping[str, Any]) -> Event:
    """Fields that are said take the place of others, inside of tables too, but those of turns and formats."""
    merged = dict(base)
    for name, value in change.items():
        known = merged.get(name)
        deep = isinstance(value, dict) and isinstance(known, dict) and "type" not in value
        merged[name] = _merged(known, value) if deep and known is not None else value
    return merged
