"""The base of every table in the settings, and the plain values that tables are made of."""

import re
from ipaddress import AddressValueError, IPv4Address
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, Strict
from pydantic_core import PydanticCustomError

from bridge.errors import InvalidSettingsFile

_NAME = re.compile(r"[a-z][a-z0-9_-]*")
_ENVIRONMENT_NAME = re.compile(r"[A-Z_][A-Z0-9_]*")
_HTTP_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")  # RFC 9110 section 5.6.2
#: What the HTTP request or the WebSocket's handshake (RFC 6455) says by itself.
_RESERVED_HEADERS = frozenset("host connection upgrade content-length content-type transfer-encoding".split())


class Section(BaseModel):
    """A table of the settings: nothing unknown in it, nothing changed after it was read."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True, hide_input_in_errors=True)


def unusable(what: str, remedy: str) -> PydanticCustomError:
    """What a validator raises: said to the user as it is."""
    return PydanticCustomError("unusable", "{what}", {"what": what, "remedy": remedy})


def text_of(value: Any, example: str) -> str:
    """The value if it is text; else raises, with an example of what it should be."""
    if not isinstance(value, str):
        raise unusable("must be text in quotes", f'write it as "{example}"')
    return value


def is_name(text: str) -> bool:
    """The text can name an engine, an outcome or a target."""
    return _NAME.fullmatch(text) is not None


def is_loopback(host: str) -> bool:
    """The host is this machine: 127.0.0.0/8 or localhost."""
    if host == "localhost":
        return True
    try:
        return IPv4Address(host).is_loopback
    except AddressValueError:
        return False


def file_text(folder: Path, key: str, name: str) -> str:
    """The text of the file a setting names, relative to a folder; raises InvalidSettingsFile."""
    path = folder / name
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as exc:
        raise InvalidSettingsFile(key, f"{path} is not UTF-8 text", "name a file saved as UTF-8") from exc
    except OSError as exc:
        raise InvalidSettingsFile(key, f"{path} cannot be read: {exc.strerror}", "name a file beside this one") from exc
    except ValueError as exc:  # a null byte
        raise InvalidSettingsFile(key, "cannot be the path of a file", "name a file beside this one") from exc


def _name(value: Any) -> str:
    text = text_of(value, "collections")
    if not is_name(text):
        raise unusable(f'"{text}" cannot be a name', 'use lower-case letters, digits, "_" and "-"')
    return text


def _environment_name(value: Any) -> str:
    # The value is not shown: what stands here by mistake may be the password itself.
    if not isinstance(value, str) or not (value == "" or _ENVIRONMENT_NAME.fullmatch(value)):
        remedy = 'write the name of the variable, as in "LIVEVOX_PASSWORD_VA1", never the password'
        raise unusable("is not the name of an environment variable", remedy)
    return value


def _url(value: Any, schemes: tuple[str, str], example: str) -> str:
    """A URL with one of these two schemes, the encrypted one last."""
    text = text_of(value, example)
    try:
        parts = urlsplit(text)
        usable = parts.scheme in schemes and bool(parts.hostname) and parts.port != 0 and text.isprintable()
    except ValueError:
        usable = False
    if not usable or parts.fragment or " " in text:
        raise unusable(f'"{text}" is no {schemes[1]}: or {schemes[0]}: URL', f'write it as "{example}"')
    if parts.username is not None or parts.password is not None:
        raise unusable("has a user or password in it", "remove it: secrets come from the environment")
    return text


def _web_socket_url(value: Any) -> str:
    return _url(value, ("ws", "wss"), "wss://bot.example.com/media")


def _http_url(value: Any) -> str:
    return _url(value, ("http", "https"), "https://bot.example.com/calls")


def _http_url_or_none(value: Any) -> str:
    """Like _http_url, but "" is good too: it stands for a default."""
    return "" if value == "" else _http_url(value)


def _http_header_name(value: Any) -> str:
    text = text_of(value, "X-Tenant")
    if not _HTTP_TOKEN.fullmatch(text):
        raise unusable(f'"{text}" cannot be the name of an HTTP header', 'write it as "X-Tenant"')
    if text.lower() in _RESERVED_HEADERS or text.lower().startswith("sec-websocket-"):
        raise unusable(f'"{text}" is written by the bridge itself', "use another name")
    return text


def _line(value: Any) -> str:
    text = text_of(value, "north")
    if not text.isprintable():
        raise unusable("has a line break or another control character", "write it on one line")
    return text


NameValue = Annotated[str, BeforeValidator(_name)]
EnvironmentName = Annotated[str, BeforeValidator(_environment_name)]
WebSocketUrl = Annotated[str, BeforeValidator(_web_socket_url)]
HttpUrl = Annotated[str, BeforeValidator(_http_url)]
OptionalHttpUrl = Annotated[str, BeforeValidator(_http_url_or_none)]
HttpHeaderName = Annotated[str, BeforeValidator(_http_header_name)]
Line = Annotated[str, BeforeValidator(_line)]

Seconds = Annotated[float, Strict(), Field(gt=0, le=86_400, allow_inf_nan=False)]
#: Seconds, or 0 where that means never.
SecondsOrNever = Annotated[float, Strict(), Field(ge=0, le=86_400, allow_inf_nan=False)]
#: Seconds, or 0 where that means at once.
SecondsOrZero = Annotated[float, Strict(), Field(ge=0, le=86_400, allow_inf_nan=False)]
Days = Annotated[float, Strict(), Field(gt=0, le=36_500, allow_inf_nan=False)]
Rate = Annotated[float, Strict(), Field(gt=0, le=100_000, allow_inf_nan=False)]
Count = Annotated[int, Strict(), Field(ge=1, le=100_000)]
Flag = Annotated[bool, Strict()]
Text = Annotated[str, Field(min_length=1, max_length=200)]
OptionalText = Annotated[str, Field(max_length=2_000)]


class EngineSection(Section):
    """What every [engines.NAME] has, whatever its kind."""

    connect_timeout_s: Seconds = 5
    """An engine that is not ready to talk by then is passed over for the next one."""
    slow_connect_s: SecondsOrNever = 0
    """An engine that took longer to be ready counts as failed for the circuit breaker; 0: only one that failed does."""
    circuit_failures: Count = 5
    """So many failures within circuit_window_s, and at least half of all tries: the engine gets no more calls."""
    circuit_window_s: Seconds = 30
    """How long a failure counts."""
    circuit_open_s: Seconds = 15
    """After so long one call tries the engine again."""
