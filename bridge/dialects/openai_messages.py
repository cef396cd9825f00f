"""[sans-IO] The client events of OpenAI's Realtime API that we send, as JSON text (API reference, client events)."""

import json
from binascii import b2a_base64
from collections.abc import Mapping, Sequence
from typing import Any

from bridge.dialects.openai_section import OpenAISection

#: The format of both directions.
FORMAT = "audio/pcmu"

_APPEND = '{"type":"input_audio_buffer.append","audio":"'


def append(audio: bytes) -> str:
    """Audio of the customer. Fifty a second: it is put together, not encoded."""
    return f'{_APPEND}{b2a_base64(audio, newline=False).decode("ascii")}"}}'


def session_update(section: OpenAISection, instructions: str, functions: Sequence[Mapping[str, Any]]) -> str:
    """All of what the session shall be."""
    hears: dict[str, Any] = {"format": {"type": FORMAT}, "turn_detection": dict(section.turn_detection)}
    if section.noise_reduction:
        hears["noise_reduction"] = {"type": section.noise_reduction}
    if section.transcription:
        hears["transcription"] = {"model": section.transcription}
    says: dict[str, Any] = {"format": {"type": FORMAT}}
    if section.voice:
        says["voice"] = section.voice
    if section.speed is not None:
        says["speed"] = section.speed
    session = {
        **section.session,
        "type": "realtime",
        "output_modalities": ["audio"],
        "instructions": instructions,
        "audio": {"input": hears, "output": says},
        "tools": list(functions),
        "tool_choice": "auto",
    }
    return _event("session.update", session=session)


def instructions_update(instructions: str) -> str:
    """Other instructions; all else stays as it is."""
    return _event("session.update", session={"type": "realtime", "instructions": instructions})


def message(role: str, text: str) -> str:
    """An item of the conversation: role "system", "user" or "assistant"."""
    kind = "output_text" if role == "assistant" else "input_text"
    item = {"type": "message", "role": role, "content": [{"type": kind, "text": _sound(text)}]}
    return _event("conversation.item.create", item=item)


def function_output(call_id: str, output: str) -> str:
    """What a function answered."""
    item = {"type": "function_call_output", "call_id": call_id, "output": _sound(output)}
    return _event("conversation.item.create", item=item)


def truncate(item: str, played_ms: int) -> str:
    """The customer has heard so much of this item, and will hear no more of it."""
    return _event("conversation.item.truncate", item_id=item, content_index=0, audio_end_ms=played_ms)


def delete(item: str) -> str:
    """The customer has heard nothing of this item."""
    return _event("conversation.item.delete", item_id=item)


def cancel(response: str) -> str:
    """Stop a response that is in progress."""
    return _event("response.cancel", **({"response_id": response} if response else {}))


def create(event: str, instructions: str = "") -> str:
    """Ask for a response; `event` comes back in an error about it. Instructions take the place of the session's."""
    response = {"response": {"instructions": instructions}} if instructions else {}
    return _event("response.create", event_id=event, **response)


def _sound(text: str) -> str:
    """Without lone surrogates, which JSON can name and servers refuse: engines and tools may have sent some."""
    return text.encode("utf-8", "replace").decode()


def _event(kind: str, **fields: Any) -> str:
    return json.dumps({"type": kind, **fields}, separators=(",", ":"))
