"""[sans-IO] The fields of a contact that may be written, by flat names, and the nested object LiveVox wants them in.

    address1                 text, one of `_TEXTS`
    balance                  a number, one of `_NUMBERS`
    person.email             text, one of `_OF_PEOPLE`
    phone.1 … phone.10       ten digits; the number is the phone's ordinal
    COL1 … COL100            a custom field: what it means is the customer's own

The account is none of them, nor is what blocks an account or a phone, a consent, or a social security number
(livevox_api 2.9).
"""

import re
from collections.abc import Mapping
from typing import Any

from bridge.livevox.contacts import ContactDetails

_TEXTS = frozenset("accountToSpeak originalAccountNumber address1 address2 city state country dueDate groupId".split())
_NUMBERS = frozenset({"balance", "amountToSpeak"})
_OF_PEOPLE = frozenset(
    "person.firstName person.lastName person.email person.zipCode guarantor.firstName guarantor.lastName".split()
)
_CUSTOM = re.compile(r"COL([1-9][0-9]?|100)")
_PHONE = re.compile(r"phone\.([1-9]|10)")
_NUMBER = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,4})?")
_PHONE_NUMBER = re.compile(r"(?:\+?1)?([0-9]{10})")
_BETWEEN_DIGITS = re.compile(r"[-() .]")


def is_contact_field(field: str) -> bool:
    """There is such a field, and it may be written."""
    return field in _TEXTS | _NUMBERS | _OF_PEOPLE or bool(_CUSTOM.fullmatch(field) or _PHONE.fullmatch(field))


def value_problem(field: str, value: str) -> str | None:
    """What is wrong with a value for this field; None: nothing is."""
    if field in _NUMBERS and not _NUMBER.fullmatch(value):
        return "must be a decimal number"
    if _PHONE.fullmatch(field) and _phone_number(value) is None:
        return "must be a phone number of ten digits"
    return None


def contact_details(values: Mapping[str, str]) -> ContactDetails:
    """What an update says; the fields are known ones, and nothing is wrong with their values."""
    details: dict[str, Any] = {}
    for field, value in values.items():
        holder, _, name = field.partition(".")
        if holder == "phone":
            details.setdefault("phone", []).append({"phone": _phone_number(value), "ordinal": int(name)})
        elif name:
            details.setdefault(holder, {})[name] = value
        elif _CUSTOM.fullmatch(field):
            details.setdefault("customFields", []).append({"field": field, "value": value})
        else:
            details[field] = float(value) if field in _NUMBERS else value
    return details


def _phone_number(value: str) -> str | None:
    found = _PHONE_NUMBER.fullmatch(_BETWEEN_DIGITS.sub("", value))
    return found[1] if found else None
