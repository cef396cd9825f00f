"""[sans-IO] What is not shown of a value: secrets never, customers' numbers, names and words to those who may not."""

import re
from collections.abc import Callable, Mapping, MutableMapping
from typing import Any

SECRET = "[secret]"
MASKED = "[masked]"

_SECRET_KEYS = frozenset(
    "token password secret authorization proxy_authorization cookie api_key lv_access lv_session session_id".split()
)
_SECRET_ENDINGS = ("_token", "_password", "_secret")
#: Hold a customer's telephone number, bare or in a URI.
_NUMBER_KEYS = frozenset(
    "caller caller_number customer customer_number ani phone phone_number phone_dialed from".split()
)
#: Hold a customer's name or account.
_NAME_KEYS = frozenset("display_name caller_name customer_name first_name last_name account account_number".split())
#: Hold what nobody can tell the meaning of: it may be a customer's story, or the digits of a card.
_FREE_TEXT_KEYS = frozenset({"notes", "screen_pop", "digit", "digits"})

_NUMBER = re.compile(r"(?P<plus>\+?)(?P<digits>[0-9][0-9\-() ]{4,}[0-9])")
_NOT_A_DIGIT = re.compile(r"[^0-9]")

Mask = Callable[[Any], Any]


def mask_number(value: Any) -> str:
    """+12134634007 becomes +1213*****07, also inside a URI; short numbers, such as an extension, stay."""
    return _NUMBER.sub(_mask_digits, str(value))


def mask_name(value: Any) -> str:
    """The first letter and stars: J***."""
    text = str(value)
    return f"{text[0]}***" if text else ""


def _mask_digits(found: re.Match[str]) -> str:
    digits = _NOT_A_DIGIT.sub("", found["digits"])
    head = 4 if len(digits) > 8 else 0
    return f"{found['plus']}{digits[:head]}{'*' * (len(digits) - head - 2)}{digits[-2:]}"


def without_secrets(values: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """The same mapping, [secret] in the place of each value whose key names a secret, however deep."""
    return _masked(values, _secret_mask)


def without_customers(values: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """The same mapping, customers' numbers, names and free text masked by their keys, however deep."""
    return _masked(values, _customer_mask)


def _masked(values: MutableMapping[str, Any], mask_of: Callable[[str], Mask | None]) -> MutableMapping[str, Any]:
    for key, value in values.items():
        mask = mask_of(key.lower().replace("-", "_"))
        if mask is not None and value not in (None, ""):
            values[key] = mask(value)
        elif isinstance(value, Mapping):
            # A copy: what the caller holds is the caller's.
            values[key] = _masked({str(name): inner for name, inner in value.items()}, mask_of)
        elif isinstance(value, list | tuple):
            values[key] = [_masked(dict(part), mask_of) if isinstance(part, Mapping) else part for part in value]
    return values


def _secret_mask(key: str) -> Mask | None:
    return (lambda _: SECRET) if key in _SECRET_KEYS or key.endswith(_SECRET_ENDINGS) else None


def _customer_mask(key: str) -> Mask | None:
    if key in _NUMBER_KEYS:
        return mask_number
    if key in _NAME_KEYS:
        return mask_name
    return (lambda _: MASKED) if key in _FREE_TEXT_KEYS else None
