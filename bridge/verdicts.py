"""[sans-IO] What a bot may say of its call, whatever the dialect: complete, or transfer."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from bridge.errors import InvalidVerdict
from sip.messages import Header

#: Notes longer than this are cut: LiveVox shows them to people.
MAX_NOTES = 2_000
MAX_NAME = 100
MAX_BODY = 16_384

_AMOUNT = re.compile(r"[0-9]{1,10}(\.[0-9]{1,4})?")


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
    said = {header.name.lower(): header.value for header in headers}
    outcome = _clean(said.get("x-outcome", ""), MAX_NAME)
    remarks = _remarks(said.get("x-notes", ""), said.get("x-payment-amount", ""))
    if not outcome and remarks == Remarks():
        return None
    return Complete(outcome, remarks)


def verdict_of_json(body: bytes) -> Verdict:
    """Read {"action": "complete" | "transfer", …}, the rest as `verdict_of_fields`; raises InvalidVerdict."""
    said = json_object(body)
    return verdict_of_fields(said.get("action"), said)


def verdict_of_fields(action: object, said: Mapping[str, Any]) -> Verdict:
    """What the fields of a JSON object say; raises InvalidVerdict that says what is wrong.

    complete: outcome?, notes?, payment_amount?. transfer: target, and the same.
    """
    remarks = _remarks(_text(said, "notes"), _text(said, "payment_amount"))
    outcome = _clean(_text(said, "outcome"), MAX_NAME)
    match action:
        case "complete":
            return Complete(outcome, remarks)
        case "transfer":
            target = target_name(_text(said, "target"))
            if not target:
                raise InvalidVerdict("a transfer names no target")
            return Transfer(target, outcome, remarks)
        case other:
            raise InvalidVerdict(f'"action" must be "complete" or "transfer", not {str(other)[:40]!r}')


def json_object(body: bytes, limit: int = MAX_BODY) -> dict[str, Any]:
    """The JSON object in a body of at most so many bytes; raises InvalidVerdict."""
    if len(body) > limit:
        raise InvalidVerdict(f"the body has {len(body)} bytes, more than {limit}")
    try:
        said = json.loads(body)
    except (ValueError, RecursionError) as exc:
        raise InvalidVerdict(f"the body is not JSON: {exc}") from exc
    if not isinstance(said, dict):
        raise InvalidVerdict("the body is not a JSON object")
    return said


def _text(said: Mapping[str, Any], key: str) -> str:
    value = said.get(key)
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise InvalidVerdict(f'"{key}" must be text')
    return str(value)


def target_name(said: str) -> str:
    """What a bot calls a target, fit to be looked up and logged."""
    return _clean(said, MAX_NAME)


def _remarks(notes: str, amount: str) -> Remarks:
    """An amount that is no decimal number would cost the whole disposition at LiveVox: it is left to people."""
    notes, amount = _clean(notes, MAX_NOTES, keep="\n\t"), _clean(amount, MAX_NAME)
    if amount and not _AMOUNT.fullmatch(amount):
        notes = "\n".join(filter(None, (notes[: MAX_NOTES - MAX_NAME - 20], f"Payment amount: {amount}")))
        amount = ""
    return Remarks(notes, amount)


def _clean(text: str, limit: int, keep: str = "") -> str:
    """Without what cannot be printed, lone surrogates among it."""
    text = text[: 2 * limit].replace("\r\n", "\n")
    return "".join(each if each.isprintable() or each in keep else " " for each in text).strip()[:limit]
