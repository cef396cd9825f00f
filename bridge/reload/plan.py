"""[sans-IO] What leads from one set of settings to another, and what of it needs a restart.

Settings are compared as leaves: every value by its path, as the file would write it. Of named tables (agents, engines,
outcomes, …) a whole one that is new or gone is one change.
"""

import enum
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields

from pydantic import SecretStr

from bridge.section import Section
from bridge.settings import Agent, Settings

Path = tuple[str, ...]
Leaves = Mapping[Path, object]

#: The first step in the path of a secret that has a variable of its own.
ENVIRONMENT = "environment"
#: The last step in the path of a secret that belongs to a table.
SECRET = "secret"
#: Settings with tables of one name each.
TABLES = ("agents", "engines", "outcomes", "targets", "webhooks")

_VARIABLES: Mapping[str, str] = {
    "token": "LIVEVOX_TOKEN",
    "engine_token": "BRIDGE_ENGINE_TOKEN",
    "view_token": "BRIDGE_VIEW_TOKEN",
    "admin_token": "BRIDGE_ADMIN_TOKEN",
    "contact_password": "LIVEVOX_USER_PASSWORD",
}
#: Mappings of secrets: whose they are.
_SECRETS: Mapping[str, Path] = {
    "engine_secrets": ("engines",),
    "tool_secrets": ("engines",),
    "webhook_secrets": ("webhooks",),
    "export_secrets": (),
}

#: What may change while the bridge runs; a section that is not here, or a setting, needs a restart.
_ALL = frozenset({"*"})
_CHANGEABLE: Mapping[str, frozenset[str]] = {
    "sip": frozenset("allow strangers rate_per_s burst retry_after_s max_calls spare_calls drain_s".split()),
    "media": frozenset("codecs rtp_timeout_s follow dead_air_s".split()),
    "livevox": frozenset(
        "service_id timeout_s rate_per_s burst end_call screen_pop_timeout_s not_ready_reason cycle_s login_per_s "
        "reconcile_s transfer_timeout_s give_up_after_s on_failure on_engine_unavailable hours".split()
    ),
    "agents": _ALL,
    "engines": _ALL,
    "outcomes": _ALL,
    "targets": _ALL,
    "contact": _ALL,
    "webhooks": _ALL,
    "admin": frozenset({"public_url"}),
    "journal": frozenset("keep_days messages transcripts".split()),
    "recording": frozenset("enabled keep_days agents engines".split()),
    ENVIRONMENT: _ALL,
}


class What(enum.StrEnum):
    """What becomes of a setting."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True)
class Change:
    """One setting, or one table of a name: what it was and what it will be; None where it is unset.

    Of a whole table the value is a mapping from the rest of the paths.
    """

    path: Path
    what: What
    old: object = None
    new: object = None

    @property
    def needs_restart(self) -> bool:
        """It cannot be changed while the bridge runs."""
        known = _CHANGEABLE.get(self.path[0], frozenset())
        return not (known is _ALL or self.path[1] in known)


def leaves(settings: Settings) -> Leaves:
    """Every value of the settings by its path, but those that are unset; the path of the file is none of them."""
    return dict(_leaves(settings))


def changes(old: Settings, new: Settings) -> tuple[Change, ...]:
    """What leads from one to the other, in the order of the settings; nothing when they say the same."""
    before, after = leaves(old), leaves(new)
    tables_before, tables_after = _tables(before), _tables(after)
    found: dict[Path, Change] = {}
    for path in dict.fromkeys((*before, *after)):
        table = path[:2]
        if path[0] in TABLES and table not in tables_before:
            found.setdefault(table, Change(table, What.ADDED, new=tables_after[table]))
        elif path[0] in TABLES and table not in tables_after:
            found.setdefault(table, Change(table, What.REMOVED, old=tables_before[table]))
        elif path not in before:
            found[path] = Change(path, What.ADDED, new=after[path])
        elif path not in after:
            found[path] = Change(path, What.REMOVED, old=before[path])
        elif before[path] != after[path]:
            found[path] = Change(path, What.CHANGED, before[path], after[path])
    return tuple(found.values())


def _leaves(settings: Settings) -> Iterator[tuple[Path, object]]:
    for field in fields(settings):
        value: object = getattr(settings, field.name)
        if isinstance(value, Section):
            yield from _of_section((field.name,), value)
        elif isinstance(value, SecretStr):
            yield (ENVIRONMENT, _VARIABLES.get(field.name, field.name.upper())), value
        elif field.name == "agents":
            for agent in settings.agents:
                yield from _of_agent(agent)
        elif isinstance(value, Mapping):
            yield from _of_mapping(_SECRETS.get(field.name, (field.name,)), value)


def _of_section(path: Path, section: Section) -> Iterator[tuple[Path, object]]:
    for name in type(section).model_fields:
        value: object = getattr(section, name)
        if isinstance(value, Section):
            yield from _of_section((*path, name), value)
        elif value is not None:
            yield (*path, name), value


def _of_agent(agent: Agent) -> Iterator[tuple[Path, object]]:
    path = ("agents", agent.number)
    yield (*path, "user_name"), agent.user_name
    yield (*path, "password"), agent.password
    yield (*path, "service_id"), agent.service_id
    yield (*path, "engines"), agent.engines


def _of_mapping(path: Path, values: Mapping[str, object]) -> Iterator[tuple[Path, object]]:
    for name, value in values.items():
        if isinstance(value, Section):
            yield from _of_section((*path, name), value)
        elif isinstance(value, Mapping):
            yield from _of_mapping((*path, name, "tools"), value)
        elif isinstance(value, SecretStr):
            yield (*path, name, SECRET), value


def _tables(values: Leaves) -> Mapping[Path, dict[Path, object]]:
    """The leaves of each table, by the path of it, with the rest of theirs."""
    found: dict[Path, dict[Path, object]] = {}
    for path, value in values.items():
        found.setdefault(path[:2], {})[path[2:]] = value
    return found
