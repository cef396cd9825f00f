"""[sans-IO] Contact Manager: read, update, create and search contacts (livevox_api section 2.9)."""

import copy
from collections.abc import Callable, Mapping
from typing import Any

from bridge.simulator.errors import RequestRefused

#: Most contacts in one answer to a search.
MAX_COUNT = 1000
#: How deep rules may be nested in a search.
MAX_DEPTH = 20

_CONDITIONS: dict[str, Callable[[str, str], bool]] = {
    "EQUALS": lambda held, wanted: held == wanted,
    "STARTS_WITH": lambda held, wanted: held.startswith(wanted),
    "ENDS_WITH": lambda held, wanted: held.endswith(wanted),
    "CONTAINS": lambda held, wanted: wanted in held,
    "LESS": lambda held, wanted: held < wanted,
    "GREATER": lambda held, wanted: held > wanted,
    "GREATER_EQUAL": lambda held, wanted: held >= wanted,
}
_FIELDS = {"postalcode": "zipCode", "email_address": "email", "dob": "dateOfBirth"}


class Contacts:
    """Holds contact details by account."""

    def __init__(self, contacts: Mapping[str, Mapping[str, Any]]) -> None:
        self._contacts = {account: copy.deepcopy(dict(details)) for account, details in contacts.items()}

    def read(self, account: str) -> dict[str, Any]:
        """A contact's details. Raises RequestRefused."""
        if account not in self._contacts:
            raise RequestRefused(404, "Contact does not exist")
        return {"readContactDetails": copy.deepcopy(self._contacts[account])}

    def update(self, account: str, body: Mapping[str, Any]) -> None:
        """Change the fields that are given. Raises RequestRefused."""
        changes = _wrapped(body, "updateContactDetails")
        if account not in self._contacts:
            raise RequestRefused(404, "Contact does not exist")
        self._contacts[account] = _merged(self._contacts[account], changes)

    def create(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Add a contact. Raises RequestRefused; an account that exists is one, with status 202."""
        details = _wrapped(body, "createContactDetails")
        account = details.get("account")
        if not isinstance(account, str) or not 0 < len(account) <= 255:
            raise RequestRefused(400, "account must be text of 1 to 255 characters")
        if account in self._contacts:
            raise RequestRefused(202, "Contact already exists!")
        self._contacts[account] = copy.deepcopy(dict(details))
        return {"id": len(self._contacts)}

    def search(self, body: Mapping[str, Any], count: int, offset: int) -> dict[str, Any]:
        """The contacts a condition or a rule of conditions finds. Raises RequestRefused."""
        wanted = body.get("search")
        found = [details for details in self._contacts.values() if _matches(details, wanted)]
        if any(part.get("order") == "DESC" for part in _sorting(body)):
            found.reverse()
        limit = min(max(count, 1), MAX_COUNT)
        page = found[offset : offset + limit]
        answer: dict[str, Any] = {"findMatchingContactsDetails": copy.deepcopy(page)}
        if offset + limit < len(found):
            answer["next"] = f"/contact/contacts/search?count={limit}&offset={offset + limit}"
        return answer


def _wrapped(body: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    details = body.get(name)
    if not isinstance(details, Mapping):
        raise RequestRefused(400, f"the body must be an object with {name}")
    return details


def _merged(held: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(held)
    for name, value in changes.items():
        before = merged.get(name)
        if isinstance(value, Mapping) and isinstance(before, Mapping):
            merged[name] = _merged(before, value)
        elif name == "customFields" and isinstance(value, list) and isinstance(before, list):
            merged[name] = _merged_rows(before, value, "field", "label")
        elif name == "phone" and isinstance(value, list) and isinstance(before, list):
            merged[name] = _merged_rows(before, value, "ordinal")
        else:
            merged[name] = copy.deepcopy(value)
    return merged


def _merged_rows(before: list[Any], rows: list[Any], *keys: str) -> list[Any]:
    """Rows replace those that have the same value in one of the keys; the others are added."""
    merged = [dict(row) for row in before if isinstance(row, Mapping)]
    for row in rows:
        if not isinstance(row, Mapping):
            raise RequestRefused(400, "a row must be an object")
        same = next((m for m in merged if any(k in row and str(m.get(k)) == str(row[k]) for k in keys)), None)
        if same is None:
            merged.append(dict(row))
        else:
            same.update(row)
    return merged


def _matches(details: Mapping[str, Any], wanted: Any, depth: int = 0) -> bool:
    if not isinstance(wanted, Mapping) or depth > MAX_DEPTH:
        raise RequestRefused(400, "search must be a condition or a rule of them")
    if "rule" in wanted:
        both = [_matches(details, wanted.get(side), depth + 1) for side in ("left", "right")]
        return all(both) if wanted["rule"] == "AND" else any(both)
    condition = _CONDITIONS.get(str(wanted.get("condition")))
    if condition is None:
        raise RequestRefused(400, "condition must be one of " + ", ".join(_CONDITIONS))
    criteria = str(wanted.get("criteria", "")).lower()
    hit = any(condition(value.lower(), criteria) for value in _values(details, str(wanted.get("field", ""))))
    return hit != (str(wanted.get("isNegated", "false")).lower() == "true")


def _values(details: Mapping[str, Any], field: str) -> list[str]:
    name = field.lower()
    person = details.get("person")
    person = person if isinstance(person, Mapping) else {}
    if name == "phone":
        return [str(row.get("phone", "")) for row in _rows(details, "phone")]
    if name == "name":
        return [f"{person.get('firstName', '')} {person.get('lastName', '')}".strip()]
    if name.startswith("col"):
        return [str(r.get("value", "")) for r in _rows(details, "customFields") if str(r.get("field")).lower() == name]
    name = _FIELDS.get(name, name)
    return [str(holder[name]) for holder in (details, person) if name in holder]


def _rows(details: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    rows = details.get(name)
    return [row for row in rows if isinstance(row, Mapping)] if isinstance(rows, list) else []


def _sorting(body: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return _rows(body, "sort")
