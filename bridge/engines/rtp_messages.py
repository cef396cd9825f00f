"""[sans-IO] What the bridge POSTs to an RTP engine, and how the engine's answer to a call is read.

To the engine, each a JSON object with "event" and "call": "call" (the facts, our RTP endpoint), "answered",
"screen_pop" (fields, rows), "dead_air" (silent_s), "transfer_failed" (status), "ended" (fate).
From the engine, as its answer to "call": 200 with `{"rtp": {"address": …, "port": …}}`, its own RTP endpoint;
"telephone_event" in it is its payload type of keys (RFC 4733), null for none, ours when it is left out. A status of 4xx
declines the call, with `{"reason": …}` if it likes to say why.
"""

import json
from collections.abc import Mapping
from typing import Any

from bridge.call_facts import CallFacts, ScreenPopRows
from bridge.engines.events import EngineMedia
from bridge.errors import EngineDeclined
from bridge.media.source import is_usable
from bridge.verdicts import MAX_BODY
from sip.messages import MediaOffer

PTIME_MS = 20
#: A reason longer than this is cut.
MAX_REASON = 200
#: Payload types that SDPs give to telephone-events (RFC 3551 section 6).
DYNAMIC_TYPES = range(96, 128)


def call_message(facts: CallFacts, media: MediaOffer, api_url: str) -> dict[str, object]:
    """The message that asks an engine to take a call."""
    codec = media.codecs[0]
    return {
        "event": "call",
        "call": facts.call,
        "agent_number": facts.agent_number,
        "caller": facts.caller,
        "caller_name": facts.caller_name,
        "transaction_id": facts.transaction_id,
        "session_id": facts.session_id,
        "service_id": facts.service_id,
        "codec": str(codec),
        "rtp": {
            "address": media.address,
            "port": media.port,
            "payload_type": codec.payload_type,
            "telephone_event": media.telephone_event,
            "ptime": PTIME_MS,
        },
        "api": f"{api_url.rstrip('/')}/v1/calls/{facts.call}",
    }


def screen_pop_message(call: str, pop: ScreenPopRows) -> dict[str, object]:
    """The message with LiveVox's data of the customer."""
    rows = [{"key": key, "value": value} for key, value in pop.rows]
    return {"event": "screen_pop", "call": call, "fields": dict(pop.fields), "rows": rows}


def encoded(message: Mapping[str, object]) -> bytes:
    """The body of the request; all ASCII, so that nothing of a customer's name can spoil it."""
    return json.dumps(message).encode()


def engine_media(status: int, content: bytes, cut: bool, media: MediaOffer) -> EngineMedia:
    """Where the engine has its RTP, from its answer to "call"; raises EngineDeclined."""
    if 400 <= status < 500:
        reason = _reason(content)
        raise EngineDeclined(f"declined with {status}" + (f": {reason}" if reason else ""), maybe_taken=False)
    if status != 200:
        raise EngineDeclined(f"answered {status} instead of 200", maybe_taken=False)
    if cut or len(content) > MAX_BODY:
        raise _unusable(f"has more than {MAX_BODY} bytes")
    said = _json_object(content)
    rtp = None if said is None else said.get("rtp")
    if not isinstance(rtp, dict):
        raise _unusable('is not JSON with an object "rtp"')
    address, port = rtp.get("address"), rtp.get("port")
    if not isinstance(port, int) or isinstance(port, bool) or not isinstance(address, str):
        raise _unusable('has no "address" (text) and "port" (number) in "rtp"')
    if not is_usable(address, port):
        raise _unusable("names an RTP endpoint that is not the IPv4 address of a host, and a port from 1 to 65535")
    return EngineMedia(address, port, media.codecs[0], _telephone_event(rtp, media))


def _telephone_event(rtp: Mapping[str, Any], media: MediaOffer) -> int | None:
    said = rtp.get("telephone_event", media.telephone_event)
    if said is not None and (not isinstance(said, int) or isinstance(said, bool) or said not in DYNAMIC_TYPES):
        raise _unusable('has a "telephone_event" that is not a payload type from 96 to 127')
    return said


def _reason(content: bytes) -> str:
    said = _json_object(content[:MAX_BODY])
    reason = said.get("reason") if said is not None else None
    text = reason[:MAX_REASON] if isinstance(reason, str) else ""
    return "".join(each if each.isprintable() else " " for each in text).strip()


def _json_object(content: bytes) -> dict[str, Any] | None:
    try:
        said = json.loads(content)
    except (ValueError, RecursionError):
        return None
    return said if isinstance(said, dict) else None


def _unusable(what: str) -> EngineDeclined:
    return EngineDeclined(f"gave an answer that {what}", maybe_taken=True)
