"""[sans-IO] The bodies of /v1/calls: what is asked, and a call's facts, as JSON."""

import re
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from bridge.admin.instants import instant
from bridge.calls.view import CallView
from bridge.errors import ApiRefused, InvalidVerdict
from bridge.recording_words import wants_pause
from bridge.verdicts import NamedValues, Verdict, json_object, named_values, verdict_of_fields

#: A body of more bytes is refused before it is read.
MAX_BODY = 65_536

_REMARKS = ("outcome", "notes", "payment_amount", "contact", "context")
_FIELDS: Mapping[str, tuple[str, ...]] = {"complete": _REMARKS, "transfer": ("target", *_REMARKS)}
_KEYS = re.compile(r"[0-9A-D*#]{1,64}", re.IGNORECASE)


def read_verdict(action: str, body: bytes) -> Verdict:
    """The order in the body of /complete or /transfer; no body says nothing. Raises ApiRefused with 400."""
    said = _read(body, _FIELDS[action])
    try:
        return verdict_of_fields(action, said)
    except InvalidVerdict as exc:
        raise _invalid(exc.detail) from exc


def read_contact(body: bytes) -> NamedValues:
    """What the body of /contact wants written: an object of fields and values. Raises ApiRefused with 400."""
    try:
        values = named_values(json_object(body, MAX_BODY), "contact")
    except InvalidVerdict as exc:
        raise _invalid(exc.detail) from exc
    if not values:
        raise _invalid("it names no field with a value")
    return values


def read_digits(body: bytes) -> str:
    """The keys in the body of /digits. Raises ApiRefused with 400."""
    digits = _read(body, ("digits",)).get("digits")
    if not isinstance(digits, str) or not _KEYS.fullmatch(digits):
        raise _invalid('"digits" must be text of 1 to 64 keys: 0-9, A-D, * and #')
    return digits.upper()


def read_recording(body: bytes) -> bool:
    """Whether the body of /recording wants a pause, or the recording to go on. Raises ApiRefused with 400."""
    try:
        return wants_pause(_read(body, ("state",)))
    except InvalidVerdict as exc:
        raise _invalid(exc.detail) from exc


def read_nothing(body: bytes) -> None:
    """A request that has nothing to say. Raises ApiRefused with 400 when it does."""
    _read(body, ())


def read_hurry(body: bytes) -> bool:
    """Whether the body of /drain wants customers brought to a human at once. Raises ApiRefused with 400."""
    hurry = _read(body, ("hurry",)).get("hurry", False)
    if not isinstance(hurry, bool):
        raise _invalid('"hurry" must be true or false')
    return hurry


def facts_body(view: CallView) -> dict[str, Any]:
    """A call's facts."""
    pop = view.screen_pop
    return {
        "call": view.call,
        "agent_number": view.agent_number,
        "caller": view.caller,
        "caller_name": view.caller_name,
        "transaction_id": view.transaction_id,
        "session_id": view.session_id,
        "service_id": view.service_id,
        "state": view.state,
        "started_at": instant(view.started_at),
        "since": instant(view.since),
        "engine": view.engine,
        "screen_pop": None if pop is None else {"fields": dict(pop.fields), "rows": [list(row) for row in pop.rows]},
        "transcript": [{"role": role, "text": text} for role, text in view.transcript],
        "recording": view.recording,
        "quality": {side.value: asdict(sample) for side, sample in view.quality.items()},
    }


def _read(body: bytes, known: tuple[str, ...]) -> dict[str, Any]:
    if not body.strip():
        return {}
    try:
        said = json_object(body, MAX_BODY)
    except InvalidVerdict as exc:
        raise _invalid(exc.detail) from exc
    unknown = [name for name in said if name not in known]
    if unknown:
        names = ", ".join(ascii(name[:40]) for name in unknown[:5])
        raise ApiRefused(400, "unknown_field", f"unknown here: {names}; known: {', '.join(known) or 'nothing'}")
    return said


def _invalid(detail: str) -> ApiRefused:
    return ApiRefused(400, "invalid_body", detail)
