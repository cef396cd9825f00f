"""[sans-IO] One response of the simulated Realtime API, as the events that it is told with."""

import base64
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from bridge.simulator.openai_conversation import Conversation, Event, Item
from bridge.simulator.stream_bot import pieces

#: Audio of one delta.
PIECE_MS = 200
#: One word for each delta.
WORDS = "good morning this is the voice of a simulated bot and it says some words for you to hear".split()

_BYTES_PER_MS = 8


@dataclass(frozen=True)
class Reply:
    """What the model does with its turn."""

    audio: bytes = b""
    """µ-law to be said; empty: nothing."""
    functions: tuple[tuple[str, Mapping[str, Any]], ...] = ()
    """Functions to be called, with their arguments."""
    close_after_s: float | None = None
    """Then close the connection."""
    vanish_after_s: float | None = None
    """Then cut it, without a word."""


@dataclass
class Response:
    """A response in progress. `events` tells it piece by piece; whoever sends them may stop and `finish` it early."""

    conversation: Conversation
    reply: Reply
    id: str = ""
    output: list[Event] = field(default_factory=list)
    spoken_ms: int = 0
    _open: Event | None = None

    def __post_init__(self) -> None:
        self.id = self.conversation.new_id("resp")

    def created(self) -> Event:
        """Its first event."""
        return self._event("response.created", response=self._shown("in_progress"))

    def events(self) -> Iterator[tuple[Event, bytes]]:
        """Each event, with the audio in it."""
        if self.reply.audio:
            yield from self._speech()
        for name, arguments in self.reply.functions:
            yield from self._function(name, json.dumps(arguments))

    def finish(self, status: str, reason: str = "") -> Iterator[Event]:
        """Its last events; status completed, cancelled or failed."""
        if self._open is not None:
            item, self._open = self._open, None
            item["status"] = "incomplete"
            yield self._of_item("response.output_item.done", item)
        details: Event | None = None
        if status == "cancelled":
            details = {"type": "cancelled", "reason": reason}
        elif status == "failed":
            details = {"type": "failed", "error": {"type": "server_error", "code": reason}}
        response = self._shown(status) | {"status_details": details, "usage": self._usage()}
        yield self._event("response.done", response=response)

    def _speech(self) -> Iterator[tuple[Event, bytes]]:
        item = self._begin({"type": "message", "role": "assistant", "content": []})
        known = self.conversation.items[item["id"]]
        yield self._of_item("response.output_item.added", item), b""
        yield self._event("conversation.item.added", item=dict(item), previous_item_id=None), b""
        part = {"item_id": item["id"], "output_index": len(self.output) - 1, "content_index": 0}
        yield self._part("response.content_part.added", part, part={"type": "audio", "transcript": ""}), b""
        words: list[str] = []
        for number, piece in enumerate(pieces(self.reply.audio, PIECE_MS)):
            words.append(WORDS[number % len(WORDS)])
            delta = words[-1] if number == 0 else f" {words[-1]}"
            yield self._part("response.output_audio_transcript.delta", part, delta=delta), b""
            known.audio_ms += len(piece) // _BYTES_PER_MS
            self.spoken_ms += len(piece) // _BYTES_PER_MS
            yield self._part("response.output_audio.delta", part, delta=base64.b64encode(piece).decode()), piece
        text = " ".join(words)
        yield self._part("response.output_audio.done", part), b""
        yield self._part("response.output_audio_transcript.done", part, transcript=text), b""
        yield self._part("response.content_part.done", part, part={"type": "audio", "transcript": text}), b""
        item["content"] = [{"type": "output_audio", "transcript": text}]
        yield from self._end(item)

    def _function(self, name: str, arguments: str) -> Iterator[tuple[Event, bytes]]:
        call = self.conversation.new_id("call")
        item = self._begin({"type": "function_call", "name": name, "call_id": call, "arguments": ""})
        yield self._of_item("response.output_item.added", item), b""
        yield self._event("conversation.item.added", item=dict(item), previous_item_id=None), b""
        part = {"item_id": item["id"], "output_index": len(self.output) - 1, "call_id": call}
        yield self._part("response.function_call_arguments.delta", part, delta=arguments), b""
        item["arguments"] = arguments
        yield self._part("response.function_call_arguments.done", part, name=name, arguments=arguments), b""
        yield from self._end(item)

    def _begin(self, item: Event) -> Event:
        item = {"id": self.conversation.new_id("item"), "object": "realtime.item", "status": "in_progress", **item}
        self.conversation.items[item["id"]] = Item(item)
        self.output.append(item)
        self._open = item
        return item

    def _end(self, item: Event) -> Iterator[tuple[Event, bytes]]:
        item["status"] = "completed"
        self._open = None
        yield self._event("conversation.item.done", item=dict(item), previous_item_id=None), b""
        yield self._of_item("response.output_item.done", item), b""

    def _of_item(self, kind: str, item: Event) -> Event:
        return self._event(kind, response_id=self.id, output_index=self.output.index(item), item=dict(item))

    def _part(self, kind: str, where: Event, **fields: Any) -> Event:
        return self._event(kind, response_id=self.id, **where, **fields)

    def _event(self, kind: str, **fields: Any) -> Event:
        return self.conversation.event(kind, **fields)

    def _shown(self, status: str) -> Event:
        output = {"output": {"format": self.conversation.session["audio"]["output"]["format"], "voice": "marin"}}
        return {
            "object": "realtime.response",
            "id": self.id,
            "status": status,
            "status_details": None,
            "output": [dict(item) for item in self.output],
            "conversation_id": "conv_1",
            "output_modalities": ["audio"],
            "max_output_tokens": "inf",
            "audio": output,
            "usage": None,
        }

    def _usage(self) -> Event:
        """Twenty tokens a second, as the vendor counts speech."""
        audio, text = self.spoken_ms // 50, len(self.output) * 10
        return {
            "total_tokens": 120 + audio + text,
            "input_tokens": 120,
            "output_tokens": audio + text,
            "input_token_details": {
                "text_tokens": 100,
                "audio_tokens": 20,
                "image_tokens": 0,
                "cached_tokens": 64,
                "cached_tokens_details": {"text_tokens": 64, "audio_tokens": 0, "image_tokens": 0},
            },
            "output_token_details": {"text_tokens": text, "audio_tokens": audio},
        }
