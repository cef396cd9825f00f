"""[sans-IO] What a bot may say of its call, whatever the dialect: complete, or transfer."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from bridge.errors import InvalidVerdict
from sip.messages import Header

#: Notes longer than this are cut: LiveVox shows them to people.
MAX_NOTES = 2_000
MAX_NAME = 100
MAX_BODY = 16_384


@dataclass(frozen=True)
class Remarks:
    """What goes with an outcome into LiveVox."""

    notes: str = ""
    """Free text for the term code's notes."""
    payment_amount: str = ""
    """A decimal number as text, for term codes that ask for one."""


@dataclass(frozen=True)
class Complete:
    """The bot is done; the call ends with this outcome."""

    outcome: str = ""
    """A name of [outcomes]; empty: the bot said none."""
    remarks: Remarks = Remarks()


@dataclass(frozen=True)
class Transfer:
    """The bot asks for a human."""

    target: str
    """A name or an alias of [targets]."""
    outcome: str = ""
    """A name of [outcomes] for the disposition; empty: the target's own."""
    remarks: Remarks = Remarks()


Verdict = Complete | Transfer


def verdict_of_headers(headers: Iterable[Header]) -> Complete | None:
    """What a BYE says in X-Outcome, X-Notes and X-Payment-Amount; None when it says nothing."""
    said = {header.name.lower(): header.value.strip() for header in headers}
    outcome, notes, amount = (said.get(name, "") for name in ("x-outcome", "x-notes", "x-payment-amount"))
    if not (outcome or notes or amount):
        return None
    return Complete(outcome[:MAX_NAME], Remarks(notes[:MAX_NOTES], amount[:MAX_NAME]))


def verdict_of_json(body: bytes) -> Verdict:
    """Read {"action": "complete" | "transfer", …}; raises InvalidVerdict that says what is wrong.

    complete: outcome?, notes?, payment_amount?. transfer: target, and the same.
    """
    said = _json_object(body)
    remarks = Remarks(_text(said, "notes", MAX_NOTES), _text(said, "payment_amount", MAX_NAME))
    outcome = _text(said, "outcome", MAX_NAME)
    match said.get("action"):
        case "complete":
            return Complete(outcome, remarks)
        case "transfer":
            target = _text(said, "target", MAX_NAME)
            if not target:
                raise InvalidVerdict("a transfer names no target")
            return Transfer(target, outcome, remarks)
        case other:
            raise InvalidVerdict(f'"action" must be "complete" or "transfer", not {str(other)[:40]!r}')


def _json_object(body: bytes) -> dict[str, Any]:
    if len(body) > MAX_BODY:
        raise InvalidVerdict(f"the body has {len(body)} bytes, more than {MAX_BODY}")
    try:
        said = json.loads(body)
    except (ValueError, RecursionError) as exc:
        raise InvalidVerdict(f"the body is not JSON: {exc}") from exc
    if not isinstance(said, dict):
        raise InvalidVerdict("the body is not a JSON object")
    return said


def _text(said: dict[str, Any], key: str, limit: int) -> str:
    value = said.get(key)
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise InvalidVerdict(f'"{key}" must be text')
    return str(value).strip()[:limit]
