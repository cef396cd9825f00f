"""The settings as the bridge uses them, complete, and the questions they answer."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from urllib.parse import unquote

from pydantic import SecretStr

from bridge.settings.contact_section import ContactSection
from bridge.settings.engines import Engine
from bridge.settings.export_sections import HepSection, TracingSection
from bridge.settings.sections import (
    DEFAULT_OUTCOME,
    AdminSection,
    JournalSection,
    LiveVoxSection,
    LogSection,
    MediaSection,
    Outcome,
    RecordingSection,
    SipSection,
    Target,
)
from bridge.settings.webhooks import WebhookSection

_SCHEME = re.compile(r"(?:sips?|tel):", re.IGNORECASE)


@dataclass(frozen=True)
class Agent:
    """One virtual agent, with what the defaults say."""

    number: str
    """Ten digits: 8990000001."""
    user_name: str
    password: SecretStr
    service_id: str
    engines: tuple[str, ...]
    """Names of Settings.engines, the first is tried first."""


@dataclass(frozen=True)
class Settings:
    """All settings, complete: no address, service, engine or URL of ours is empty any more."""

    path: Path
    sip: SipSection
    media: MediaSection
    livevox: LiveVoxSection
    token: SecretStr
    """LV-Access."""
    engine_token: SecretStr
    """What speech engines show at the HTTP API; empty: they are not let in."""
    admin_token: SecretStr
    """What operators show at the HTTP API; empty: they are not let in."""
    view_token: SecretStr
    """What those show at the HTTP API who may look, but do nothing, and see customers masked; empty: nobody."""
    agents: tuple[Agent, ...]
    engines: Mapping[str, Engine]
    engine_secrets: Mapping[str, SecretStr]
    """By the engine's name; empty: it has none."""
    tool_secrets: Mapping[str, Mapping[str, SecretStr]]
    """Of the functions that are answered by HTTP: by the engine's name, by the function's; empty: it has none."""
    outcomes: Mapping[str, Outcome]
    targets: Mapping[str, Target]
    contact: ContactSection
    contact_password: SecretStr
    """Of contact.user_name; empty: there is none."""
    webhooks: Mapping[str, WebhookSection]
    webhook_secrets: Mapping[str, SecretStr]
    """By the webhook's name; empty: its messages are not signed."""
    admin: AdminSection
    journal: JournalSection
    """Its path is a whole one."""
    recording: RecordingSection
    """Its folder is a whole path."""
    hep: HepSection
    tracing: TracingSection
    export_secrets: Mapping[str, SecretStr]
    """Of [hep] and [tracing], by the section's name; empty: it has none."""
    log: LogSection

    def agent(self, number: str) -> Agent | None:
        """The agent with these ten digits."""
        return self._agents_by_number.get(number)

    def outcome_name(self, name: str) -> str:
        """The section of [outcomes] that speaks for an outcome: its own, else "default". Case does not matter."""
        lowered = name.strip().lower()
        return lowered if lowered in self.outcomes else DEFAULT_OUTCOME

    def outcome(self, name: str) -> Outcome:
        """What LiveVox is told for an outcome."""
        return self.outcomes[self.outcome_name(name)]

    def target_by_alias(self, text: str) -> str | None:
        """The name of the target a bot means: by its name, an alias, or a sip: or tel: URI whose user is one."""
        return self._targets_by_alias.get(_alias(text))

    @cached_property
    def _agents_by_number(self) -> Mapping[str, Agent]:
        return {agent.number: agent for agent in self.agents}

    @cached_property
    def _targets_by_alias(self) -> Mapping[str, str]:
        aliases = {_alias(alias): name for name, target in self.targets.items() for alias in target.aliases}
        return aliases | {name: name for name in self.targets}


def _alias(text: str) -> str:
    """What a bot calls a target, without what a URI puts around it."""
    text = text.strip().strip("<>")
    if matched := _SCHEME.match(text):
        text = unquote(text[matched.end() :].partition("@")[0].partition(";")[0])
    return text.strip().casefold()
