"""[sans-IO] What a bot may say of its call, whatever the dialect: complete, or transfer."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from bridge.errors import InvalidVerdict
from sip.messages import Header

#: Notes longer than this are cut: LiveVox shows them to people.
MAX_NOTES = 2_000
MAX_NAME = 100
MAX_BODY = 16_384
#: Of the contact record, and of the call's context, so many values in one verdict.
MAX_VALUES = 30
MAX_VALUE = 500
#: All names and values together. With the notes, and each character escaped, a verdict still fits into one frame of the
#: media process.
MAX_VALUES_LENGTH = 1_500

#: Names with a value each, as a bot gives them; no name twice, no value empty.
NamedValues = tuple[tuple[str, str], ...]

_AMOUNT = re.compile(r"[0-9]{1,10}(\.[0-9]{1,4})?")


@dataclass(frozen=True)
class Remarks:
    """What goes with an outcome into LiveVox."""

    notes: str = ""
    """Free text for the term code's notes."""
    payment_amount: str = ""
    """A decimal number as text, for term codes that ask for one."""
    contact: NamedValues = ()
    """What the customer's contact record should say, by the names of [contact.fields]."""
    context: NamedValues = ()
    """What LiveVox should keep with the call."""


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

    complete: outcome?, notes?, payment_amount?, contact?, context?. transfer: target, and the same.
    """
    remarks = replace(
        _remarks(_text(said, "notes"), _text(said, "payment_amount")),
        contact=named_values(said.get("contact"), "contact"),
        context=named_values(said.get("context"), "context"),
    )
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


def named_values(said: object, what: str) -> NamedValues:
    """A JSON object of names and their values; what is null or empty says nothing. Raises InvalidVerdict."""
    if said is None:
        return ()
    if not isinstance(said, dict):
        raise InvalidVerdict(f'"{what}" must be an object of names and values')
    if len(said) > MAX_VALUES:
        raise InvalidVerdict(f'"{what}" has {len(said)} names, more than {MAX_VALUES}')
    found: dict[str, str] = {}
    for key in said:
        name, value = _clean(key, MAX_NAME), _value(said, key, what)
        if not name or len(key) > MAX_NAME or name in found:
            raise InvalidVerdict(f'"{what}" has a name that is empty, too long or there twice: {ascii(key[:40])}')
        if value:
            found[name] = value
    length = sum(len(name) + len(value) for name, value in found.items())
    if length > MAX_VALUES_LENGTH:
        raise InvalidVerdict(f'"{what}" has {length} characters, more than {MAX_VALUES_LENGTH}')
    return tuple(found.items())


def _value(said: Mapping[str, Any], key: str, what: str) -> str:
    shown, value = ascii(f"{what}.{key[:40]}")[1:-1], said[key]
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, str | int | float):
        raise InvalidVerdict(f'"{shown}" must be text or a number')
    try:
        text = str(value)
    except ValueError as exc:  # an integer of thousands of digits
        raise InvalidVerdict(f'"{shown}" is too long a number') from exc
    if len(text) > MAX_VALUE:
        raise InvalidVerdict(f'"{shown}" has {len(text)} characters, more than {MAX_VALUE}')
    return _clean(text, MAX_VALUE)


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
