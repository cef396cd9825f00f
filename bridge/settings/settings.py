"""The settings as the bridge uses them: read from a file, held against each other, with secrets and defaults in."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from urllib.parse import unquote

from pydantic import SecretStr

from bridge.errors import InvalidSettings, SettingProblem
from bridge.settings.agents_file import read_agents
from bridge.settings.contradictions import announced_address, contradictions
from bridge.settings.document import Document, written
from bridge.settings.draft import AgentDraft, Draft, read_draft
from bridge.settings.secrets import PASSWORD, SIMULATED, TOKEN, Secrets
from bridge.settings.sections import (
    DEFAULT_OUTCOME,
    Engine,
    LiveVoxSection,
    LogSection,
    MediaSection,
    Outcome,
    SipSection,
    Target,
)
from bridge.settings.values import is_simulated

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
    """All settings, complete: no address, service or engine is empty any more."""

    path: Path
    sip: SipSection
    media: MediaSection
    livevox: LiveVoxSection
    token: SecretStr
    """LV-Access."""
    agents: tuple[Agent, ...]
    engines: Mapping[str, Engine]
    outcomes: Mapping[str, Outcome]
    targets: Mapping[str, Target]
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


def load(path: Path, environ: Mapping[str, str], *, require_secrets: bool = True) -> Settings:
    """Read the settings file and the agents file it names; raises InvalidSettings with all that is wrong at once.

    Secrets come from `environ`. Plain http to loopback is the simulator: for it they default to the simulator's own.
    With `require_secrets` false those that are not there are empty.
    """
    document = Document(str(path), _read_text(path))
    if not document.is_toml:
        raise InvalidSettings(document.problems)
    from_file, problems = _agents_from_file(document, path)
    draft = read_draft(document, from_file)
    for found in contradictions(draft):
        if found.agents_file_line is None:
            document.report(found.path, found.what, found.remedy)
        else:
            file, key = str(_agents_path(document, path)), written(found.path[1:])
            problems.append(SettingProblem(file, found.agents_file_line, key, found.what, found.remedy))
    secrets = Secrets(environ, _fallback_secret(draft, require_secrets))
    token = secrets.header(TOKEN, "the API token LiveVox gave you")
    agents = tuple(_complete_agent(agent, draft, secrets) for agent in draft.agents)
    problems = sorted(document.problems, key=lambda problem: problem.line or 0) + problems + secrets.problems
    if problems:
        raise InvalidSettings(problems)
    return _complete(path, draft, token, agents)


def _read_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as exc:
        what, remedy = f"cannot be read: {exc.strerror}", "name a file with --config; config/bridge.example.toml is one"
    except UnicodeDecodeError as exc:
        what, remedy = f"is not UTF-8 text: byte {exc.start}", "save it as UTF-8"
    raise InvalidSettings([SettingProblem(str(path), None, "", what, remedy)])


def _agents_path(document: Document, path: Path) -> Path | None:
    """The agents file; a relative name is beside the settings file."""
    value = document.value("agents_file")
    if value is None:
        return None
    if not isinstance(value, str) or not value:
        document.report(("agents_file",), "must be the path of a file", 'write it as "agents.csv"')
        return None
    return path.parent / value


def _agents_from_file(document: Document, path: Path) -> tuple[list[AgentDraft] | None, list[SettingProblem]]:
    """The agents of agents_file, None if it cannot be read or lines are wrong; and the problems in it."""
    file = _agents_path(document, path)
    if file is None:
        return [], []
    if document.entries("agents"):
        document.report(("agents_file",), "is set, and there are [[agents]] too", "keep one of them")
    try:
        text = file.read_text(encoding="utf-8")
    except OSError as exc:
        document.report(("agents_file",), f"{file} cannot be read: {exc.strerror}", "name a file beside this one")
        return None, []
    except ValueError:  # UnicodeDecodeError, or a path that cannot be one
        document.report(("agents_file",), f"{file} is not UTF-8 text", "name a file saved as UTF-8")
        return None, []
    lines, problems = read_agents(str(file), text)
    agents = [AgentDraft(line.entry, ("agents_file",), line.line) for line in lines]
    return agents, problems


def _fallback_secret(draft: Draft, require_secrets: bool) -> SecretStr | None:
    if draft.livevox is not None and is_simulated(draft.livevox.url):
        return SecretStr(SIMULATED)
    return None if require_secrets else SecretStr("")


def _complete_agent(agent: AgentDraft, draft: Draft, secrets: Secrets) -> Agent:
    entry = agent.entry
    password = secrets.secret(entry.password_env or PASSWORD, "the agents' LiveVox password")
    service_id = entry.service_id or (draft.livevox.service_id if draft.livevox else "")
    engines = entry.engines or (draft.agent_defaults.engines if draft.agent_defaults else ())
    return Agent(entry.number, entry.user_name, password, service_id, engines)


def _complete(path: Path, draft: Draft, token: SecretStr, agents: tuple[Agent, ...]) -> Settings:
    """The settings of a draft without problems."""
    assert draft.sip and draft.media and draft.livevox and draft.log  # a section that is None has been reported
    public = announced_address(draft.sip, draft)
    media = {
        "listen_address": draft.media.listen_address or draft.sip.listen.host,
        "public_address": draft.media.public_address or public,
    }
    return Settings(
        path=path,
        sip=draft.sip.model_copy(update={"public_address": public}),
        media=draft.media.model_copy(update=media),
        livevox=draft.livevox,
        token=token,
        agents=agents,
        engines={name: engine for name, engine in draft.engines.items() if engine is not None},
        outcomes={name: outcome for name, outcome in draft.outcomes.items() if outcome is not None},
        targets={name: target for name, target in draft.targets.items() if target is not None},
        log=draft.log,
    )


def _alias(text: str) -> str:
    """What a bot calls a target, without what a URI puts around it."""
    text = text.strip().strip("<>")
    if matched := _SCHEME.match(text):
        text = unquote(text[matched.end() :].partition("@")[0].partition(";")[0])
    return text.strip().casefold()
