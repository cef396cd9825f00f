"""[sans-IO] The two functions a language model says its verdict with: end_call and transfer_call."""

import json
from dataclasses import dataclass
from typing import Any

from bridge.dialects.kinds import DialectTerms
from bridge.errors import InvalidVerdict
from bridge.verdicts import Complete, NamedValues, Verdict, verdict_of_json

END_CALL = "end_call"
TRANSFER_CALL = "transfer_call"
VERDICT_FUNCTIONS = (END_CALL, TRANSFER_CALL)

_REMARKS = {
    "notes": {"type": "string", "description": "What people should know of the call, in a sentence or two."},
    "payment_amount": {"type": "string", "description": "The amount paid, as a decimal number, if one was."},
}


@dataclass(frozen=True)
class Function:
    """A function as models are told of it."""

    name: str
    description: str
    parameters: dict[str, Any]
    """A JSON schema."""


def verdict_functions(terms: DialectTerms) -> tuple[Function, ...]:
    """What a model may use: end_call, and transfer_call where the settings have targets."""
    outcome = _choice("How the call went.", terms.outcomes)
    end = _function(
        END_CALL,
        "End the call. Say goodbye first, in the same turn: it is heard to its end.",
        {"outcome": outcome, **_records(terms)},
        ("outcome",) * bool(terms.outcomes),
    )
    if not terms.targets:
        return (end,)
    parameters = {"target": _choice("Whom to transfer to.", terms.targets), "outcome": outcome, **_records(terms)}
    said = "Transfer the customer to a person. Say so first, in the same turn: it is heard to its end."
    return end, _function(TRANSFER_CALL, said, parameters, ("target",))


def verdict_of_function(name: str, arguments: str, terms: DialectTerms) -> Verdict:
    """What a model means by its use of a function; raises InvalidVerdict, with words for the model."""
    if name not in VERDICT_FUNCTIONS:
        raise InvalidVerdict("there is no such function")
    try:
        said = json.loads(arguments or "{}")
    except (ValueError, RecursionError) as exc:
        raise InvalidVerdict("the arguments are not JSON") from exc
    if not isinstance(said, dict):
        raise InvalidVerdict("the arguments are not a JSON object")
    action = "complete" if name == END_CALL else "transfer"
    verdict = verdict_of_json(json.dumps({**said, "action": action}).encode())
    if verdict.outcome and terms.outcomes and verdict.outcome not in terms.outcomes:
        raise InvalidVerdict(f"outcome must be one of {', '.join(terms.outcomes)}")
    if not isinstance(verdict, Complete) and verdict.target not in terms.targets:
        raise InvalidVerdict(f"target must be one of {', '.join(terms.targets)}")
    _check_names("contact", verdict.remarks.contact, terms.contact_fields)
    if terms.context_keys:
        _check_names("context", verdict.remarks.context, terms.context_keys)
    return verdict


def _check_names(what: str, said: NamedValues, known: tuple[str, ...]) -> None:
    for name, _ in said:
        if name not in known:
            raise InvalidVerdict(f"{what} may have these names only: {', '.join(known) or 'none'}")


def _function(name: str, description: str, parameters: dict[str, Any], required: tuple[str, ...]) -> Function:
    properties = {**parameters, **_REMARKS}
    return Function(name, description, {"type": "object", "properties": properties, "required": list(required)})


def _records(terms: DialectTerms) -> dict[str, Any]:
    """What may be written of the customer, where there is something."""
    told = {}
    if terms.contact_fields:
        told["contact"] = _values(
            "What the customer said is new or wrong in their record, no more.", terms.contact_fields
        )
    if terms.context_keys:
        told["context"] = _values("What is to be kept with this call.", terms.context_keys)
    return told


def _values(description: str, names: tuple[str, ...]) -> dict[str, Any]:
    text = {"type": "string"}
    return {"type": "object", "description": description, "properties": dict.fromkeys(names, text)}


def _choice(description: str, names: tuple[str, ...]) -> dict[str, Any]:
    choice: dict[str, Any] = {"type": "string", "description": description}
    return {**choice, "enum": list(names)} if names else choice
