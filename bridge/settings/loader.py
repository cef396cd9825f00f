"""Reads a settings file into Settings: its sections held against each other, with files, secrets and defaults in."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import SecretStr

from bridge.dialects.forwarded_tool import ForwardedTool
from bridge.dialects.section import DialectSection
from bridge.errors import InvalidSettings, InvalidSettingsFile, SettingProblem, UnusablePrompt
from bridge.media.prompts import read_prompt
from bridge.settings.agents_file import read_agents
from bridge.settings.contradictions import announced_address, contradictions
from bridge.settings.document import Document, written
from bridge.settings.draft import AgentDraft, Draft, read_draft
from bridge.settings.engines import Engine, RtpEngine, engine_secret_env, is_local, is_local_url
from bridge.settings.secrets import (
    ADMIN_TOKEN,
    ENGINE_TOKEN,
    PASSWORD,
    SIMULATED,
    TOKEN,
    USER_PASSWORD,
    VIEW_TOKEN,
    Secrets,
)
from bridge.settings.sections import AdminSection, MediaSection
from bridge.settings.settings import Agent, Settings
from bridge.settings.values import WILDCARD, is_simulated
from bridge.settings.webhooks import WebhookSection

PROMPTS = ("wait_prompt", "unavailable_prompt")
PROMPT_REMEDY = "name a WAV file with 8000 Hz, mono, PCM of 16 bits, A-law or µ-law"


@dataclass(frozen=True)
class _Secrets:
    """All secrets but the agents' passwords."""

    token: SecretStr
    engine_token: SecretStr
    admin_token: SecretStr
    view_token: SecretStr
    engines: Mapping[str, SecretStr]
    tools: Mapping[str, Mapping[str, SecretStr]]
    contact: SecretStr
    webhooks: Mapping[str, SecretStr]
    exports: Mapping[str, SecretStr]


def load(path: Path, environ: Mapping[str, str], *, require_secrets: bool = True) -> Settings:
    """Read the settings file and the files it names; raises InvalidSettings with all that is wrong at once.

    Secrets come from `environ`. What is reached unencrypted on this machine is simulated, LiveVox and engines: for it
    they default to the simulator's own. With `require_secrets` false those that are not there are empty.
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
    draft = _with_files(document, draft, path.parent)
    secrets = Secrets(environ)
    known = _all_secrets(draft, secrets, require_secrets)
    fallback = _fallback(_is_simulated(draft), require_secrets)
    agents = tuple(_complete_agent(agent, draft, secrets, fallback) for agent in draft.agents)
    problems = sorted(document.problems, key=lambda problem: problem.line or 0) + problems + secrets.problems
    if problems:
        raise InvalidSettings(problems)
    return _complete(path, draft, known, agents)


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


def _with_files(document: Document, draft: Draft, folder: Path) -> Draft:
    """The draft with the files read that engines name, and the prompts found; what is wrong is reported."""
    engines: dict[str, Engine | None] = {}
    for name, engine in draft.engines.items():
        engines[name] = engine
        if isinstance(engine, DialectSection):
            try:
                engines[name] = engine.with_files(folder)
            except InvalidSettingsFile as exc:
                document.report(("engines", name, exc.key), exc.what, exc.remedy)
    return replace(draft, engines=engines, media=draft.media and _with_prompts(document, draft.media, folder))


def _with_prompts(document: Document, media: MediaSection, folder: Path) -> MediaSection:
    """The same with whole paths."""
    found: dict[str, str] = {}
    for key in PROMPTS:
        name: str = getattr(media, key)
        if not name:
            continue
        found[key] = str((folder / name).absolute())
        try:
            read_prompt(found[key])
        except UnusablePrompt as exc:
            document.report(("media", key), f"{folder / name} {exc.why}", PROMPT_REMEDY)
    return media.model_copy(update=found)


def _is_simulated(draft: Draft) -> bool:
    return draft.livevox is not None and is_simulated(draft.livevox.url)


def _fallback(simulated: bool, required: bool) -> SecretStr | None:
    if simulated:
        return SecretStr(SIMULATED)
    return None if required else SecretStr("")


def _all_secrets(draft: Draft, secrets: Secrets, required: bool) -> _Secrets:
    simulated = _is_simulated(draft)
    # The HTTP API's tokens may be left out: then nobody is let in by that one.
    closed = _fallback(simulated, False)
    engines = {name: engine for name, engine in draft.engines.items() if engine is not None}
    # An engine that no agent has may wait in the file without its secret.
    needed = {name: required and name in _used_engines(draft) for name in engines}
    return _Secrets(
        token=secrets.header(TOKEN, "the API token LiveVox gave you", _fallback(simulated, required)),
        engine_token=secrets.header(ENGINE_TOKEN, "the token that speech engines show at the HTTP API", closed),
        admin_token=secrets.header(ADMIN_TOKEN, "the token that operators show at the HTTP API", closed),
        view_token=secrets.header(VIEW_TOKEN, "the token of those who may look at the HTTP API", closed),
        engines={name: _engine_secret(name, engine, secrets, needed[name]) for name, engine in engines.items()},
        tools={
            name: {tool.name: _tool_secret(tool, secrets, needed[name]) for tool in engine.forwarded}
            for name, engine in engines.items()
            if isinstance(engine, DialectSection)
        },
        contact=_contact_password(draft, secrets, _fallback(simulated, required)),
        exports=_export_secrets(draft, secrets, _fallback(False, required)),
        webhooks={
            name: _webhook_secret(name, webhook, secrets, required)
            for name, webhook in draft.webhooks.items()
            if webhook is not None
        },
    )


def _export_secrets(draft: Draft, secrets: Secrets, fallback: SecretStr | None) -> Mapping[str, SecretStr]:
    hep, tracing = (section.secret_env if section else "" for section in (draft.hep, draft.tracing))
    none = SecretStr("")
    return {
        "hep": secrets.secret(hep, "the key of the HEP server", fallback) if hep else none,
        "tracing": secrets.header(tracing, "the token of the OTLP server", fallback) if tracing else none,
    }


def _contact_password(draft: Draft, secrets: Secrets, fallback: SecretStr | None) -> SecretStr:
    if draft.contact is None or not draft.contact.user_name:
        return SecretStr("")
    use = f'the LiveVox password of "{draft.contact.user_name}"'
    return secrets.secret(draft.contact.password_env or USER_PASSWORD, use, fallback)


def _webhook_secret(name: str, webhook: WebhookSection, secrets: Secrets, required: bool) -> SecretStr:
    if not webhook.secret_env:
        return SecretStr("")
    fallback = _fallback(is_local_url(webhook.url), required)
    return secrets.webhook(webhook.secret_env, f'the secret of the webhook "{name}"', fallback)


def _used_engines(draft: Draft) -> set[str]:
    defaults = draft.agent_defaults.engines if draft.agent_defaults else ()
    return {name for agent in draft.agents for name in agent.entry.engines or defaults}


def _engine_secret(name: str, engine: Engine, secrets: Secrets, required: bool) -> SecretStr:
    variable = engine_secret_env(engine)
    if not variable:
        return SecretStr("")
    # A signature is made with any text; the others stand in a header themselves.
    look_up = secrets.secret if isinstance(engine, RtpEngine) else secrets.header
    return look_up(variable, f'the secret of the engine "{name}"', _fallback(is_local(engine), required))


def _tool_secret(tool: ForwardedTool, secrets: Secrets, required: bool) -> SecretStr:
    if not tool.secret_env:
        return SecretStr("")
    use = f'the secret of the function "{tool.name}"'
    return secrets.secret(tool.secret_env, use, _fallback(is_local_url(tool.url), required))


def _complete_agent(agent: AgentDraft, draft: Draft, secrets: Secrets, fallback: SecretStr | None) -> Agent:
    entry = agent.entry
    password = secrets.secret(entry.password_env or PASSWORD, "the agents' LiveVox password", fallback)
    service_id = entry.service_id or (draft.livevox.service_id if draft.livevox else "")
    engines = entry.engines or (draft.agent_defaults.engines if draft.agent_defaults else ())
    return Agent(entry.number, entry.user_name, password, service_id, engines)


def _complete(path: Path, draft: Draft, secrets: _Secrets, agents: tuple[Agent, ...]) -> Settings:
    """The settings of a draft without problems."""
    # A section that is None has been reported.
    assert draft.sip and draft.media and draft.livevox and draft.admin and draft.journal and draft.log
    assert draft.recording and draft.hep and draft.tracing and draft.contact
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
        token=secrets.token,
        engine_token=secrets.engine_token,
        admin_token=secrets.admin_token,
        view_token=secrets.view_token,
        agents=agents,
        engines={name: engine for name, engine in draft.engines.items() if engine is not None},
        engine_secrets=secrets.engines,
        tool_secrets=secrets.tools,
        outcomes={name: outcome for name, outcome in draft.outcomes.items() if outcome is not None},
        targets={name: target for name, target in draft.targets.items() if target is not None},
        contact=draft.contact,
        contact_password=secrets.contact,
        webhooks={name: webhook for name, webhook in draft.webhooks.items() if webhook is not None},
        webhook_secrets=secrets.webhooks,
        admin=draft.admin.model_copy(update={"public_url": _admin_url(draft.admin, public)}),
        journal=draft.journal.model_copy(update={"path": str((path.parent / draft.journal.path).absolute())}),
        recording=draft.recording.model_copy(update={"folder": str((path.parent / draft.recording.folder).absolute())}),
        hep=draft.hep,
        tracing=draft.tracing,
        export_secrets=secrets.exports,
        log=draft.log,
    )


def _admin_url(admin: AdminSection, public: str) -> str:
    """Where engines reach the HTTP API, without a slash at the end."""
    if admin.public_url:
        return admin.public_url.rstrip("/")
    return f"http://{public if admin.listen.host == WILDCARD else admin.listen.host}:{admin.listen.port}"
