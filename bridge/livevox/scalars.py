"""[sans-IO] LiveVox's lenient scalars: numbers and booleans that come as strings, ids as numbers, null for anything."""

import math
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict
from pydantic.alias_generators import to_camel


def _text(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else str(value)
    return value


def _id(value: Any) -> Any:
    if isinstance(value, bool) or (isinstance(value, float) and not value.is_integer()):
        raise ValueError("not an id")
    value = _text(value)
    return value.strip() or None if isinstance(value, str) else value


def _needed_id(value: Any) -> Any:
    found = _id(value)
    if found is None:
        raise ValueError("there is no id")
    return found


def _flag(value: Any) -> Any:
    """What pydantic does not take for a boolean: nothing, and text with blanks around it."""
    if isinstance(value, str):
        value = value.strip()
    return False if value is None or value == "" else value


def _whole(value: Any) -> Any:
    if isinstance(value, str):
        value = value.strip() or None
    if isinstance(value, bool) or (isinstance(value, float) and not math.isfinite(value)):
        raise ValueError("not a number")
    return value


#: Text; null is "", a number or boolean is written out.
Text = Annotated[str, BeforeValidator(_text)]
#: An id as text, whatever it came as; null and "" are None.
OptionalId = Annotated[str | None, BeforeValidator(_id)]
#: An id as text that must be there.
Id = Annotated[str, BeforeValidator(_needed_id)]
#: A boolean: true, "true", 1, "Y"; null and "" are False.
Flag = Annotated[bool, BeforeValidator(_flag)]
#: A whole number: 3, "3"; null and "" are None.
OptionalInt = Annotated[int | None, BeforeValidator(_whole)]


def _listed(value: Any) -> Any:
    """What should be a list: null is an empty one, a single object a list of one."""
    if value is None:
        return ()
    return (value,) if isinstance(value, dict) else value


#: Before a tuple's own validation.
Listed = BeforeValidator(_listed)


class AnswerPart(BaseModel):
    """A part of an answer, or all of it: frozen, keys in camelCase on the wire, unknown keys ignored."""

    model_config = ConfigDict(
        frozen=True, extra="ignore", populate_by_name=True, alias_generator=to_camel, hide_input_in_errors=True
    )


def key_of(label: str) -> str:
    """A label as LiveVox's customers write it, made comparable: lower case, no blanks and no underscores."""
    return "".join(label.casefold().replace("_", " ").split())
