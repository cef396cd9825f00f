"""A function of the bot that is answered by somebody's HTTP server: [[engines.NAME.tools]]."""

import json
import re
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, JsonValue

from bridge.section import EnvironmentName, HttpHeaderName, HttpUrl, Line, Seconds, Section, text_of, unusable

_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")


def _function_name(value: Any) -> str:
    text = text_of(value, "find_order")
    if not _NAME.fullmatch(text):
        raise unusable(f'"{text}" cannot be the name of a function', 'use up to 64 letters, digits, "_" and "-"')
    return text


def _json(value: Mapping[str, Any]) -> Mapping[str, Any]:
    try:
        json.dumps(value, allow_nan=False)
    except ValueError:
        raise unusable("has a number that JSON cannot write", "leave out inf and nan") from None
    return value


def _parameters(value: Mapping[str, Any]) -> Mapping[str, Any]:
    if value.get("type") != "object":
        raise unusable("is not the schema of an object", 'write parameters = { type = "object", properties = { … } }')
    return value


#: A table that is passed on as a JSON object.
JsonTable = Annotated[Mapping[str, JsonValue], AfterValidator(_json)]


class ForwardedTool(Section):
    """A function that the bot may call; the bridge asks an HTTP server for the answer."""

    name: Annotated[str, BeforeValidator(_function_name)]
    """What the bot calls it."""
    description: Annotated[str, Field(max_length=4_000)] = ""
    """For the bot: what it does, and when to use it."""
    parameters: Annotated[JsonTable, AfterValidator(_parameters)] = {"type": "object", "properties": {}}
    """JSON schema of its arguments."""
    url: HttpUrl
    """Where the arguments are posted to."""
    secret_env: EnvironmentName = ""
    """Environment variable with the secret (or NAME_FILE with a file) that requests are signed with; empty: none."""
    headers: Mapping[HttpHeaderName, Line] = Field(default={}, repr=False)
    """Further headers of the requests."""
    timeout_s: Seconds = 10
    """After so long the bot is told that there is no answer."""
