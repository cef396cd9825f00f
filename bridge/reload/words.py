"""[sans-IO] Changes of the settings as sentences for operators; secrets are never in them, nor what may hold one."""

import enum
import json
from collections.abc import Mapping
from ipaddress import IPv4Network
from urllib.parse import urlsplit

from pydantic import SecretStr

from bridge.reload.plan import ENVIRONMENT, Change, Path, What

_LONGEST = 60
#: Sections whose values may be shown. Others may hold secrets: headers, addresses with keys in them, prompts.
_SHOWN = frozenset("sip media livevox agents outcomes targets admin journal recording log".split())
#: In other sections: values that are no secret. Of a URL that is the server; the rest may be a key.
_HARMLESS = frozenset({"kind", "uri", "url", "account_sid", "events"})
_RESTART = "needs a restart"

_OF_AGENTS: Mapping[str, str] = {
    "user_name": "leaves after its call and logs in anew",
    "service_id": "leaves after its call and logs in anew",
    "password": "for its next log-in",
    "engines": "from its next call on",
}


def sentence(change: Change) -> str:
    """What becomes of a setting, and what follows from it."""
    name = ".".join(change.path)
    if change.needs_restart:
        return f"{name}{_step(change)}: {_RESTART}"
    match change.path:
        case ("agents", number):
            return f"agent {number}{_whole_agent(change)}"
        case ("agents", number, key):
            return f"agent {number}: {key}{_step(change)}: {_OF_AGENTS[key]}"
        case (_, _) if isinstance(change.new, Mapping):
            return f"{name}: new"
        case (table, _) if isinstance(change.old, Mapping):
            return f"{name}: gone" if table == "webhooks" else f"{name}: gone, for calls that come from now on"
    return f"{name}{_step(change)}"


def _whole_agent(change: Change) -> str:
    if change.what is What.REMOVED:
        return ": gone: leaves after its call"
    told = change.new if isinstance(change.new, Mapping) else {}
    user, service, engines = (_text(told.get((key,))) for key in ("user_name", "service_id", "engines"))
    return f": new: logs in as {user}, joins service {service}, engines {engines}"


def _step(change: Change) -> str:
    """From what to what, as far as it may be shown."""
    old, new = _shown(change.path, change.old), _shown(change.path, change.new)
    match change.what:
        case What.ADDED:
            return f" set to {new}" if new else " set"
        case What.REMOVED:
            return " no longer set"
    return f": {old} → {new}" if old and new and old != new else " changed"


def _shown(path: Path, value: object) -> str:
    """The value as text; empty: it must not be shown."""
    if isinstance(value, SecretStr) or path[0] == ENVIRONMENT:
        return ""
    if path[0] in _SHOWN or isinstance(value, bool | int | float):
        return _text(value)
    if path[-1] not in _HARMLESS:
        return ""
    return _text(_server(value) if path[-1] == "url" else value)


def _server(url: object) -> object:
    return urlsplit(url)._replace(path="", query="", fragment="").geturl() if isinstance(url, str) else url


def _text(value: object) -> str:
    """As the file would write it, if it is short."""
    text = json.dumps(_plain(value), ensure_ascii=False, default=str)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _plain(value: object) -> object:
    match value:
        case enum.Enum():
            return value.value
        case IPv4Network():
            return str(value)
        case tuple() | list():
            return [_plain(each) for each in value]
    return value
