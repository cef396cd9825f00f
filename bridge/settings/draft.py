"""[sans-IO] The sections of a settings file as far as they could be read, before they are held against each other."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bridge.section import is_name
from bridge.settings.contact_section import ContactSection
from bridge.settings.document import Document, SectionType, nearest
from bridge.settings.engines import ENGINE_KINDS, Engine, SipEngine
from bridge.settings.export_sections import HepSection, TracingSection
from bridge.settings.lines import KeyPath
from bridge.settings.sections import (
    AdminSection,
    AgentDefaults,
    AgentEntry,
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

SECTIONS = (
    "sip",
    "media",
    "livevox",
    "agents",
    "agents_file",
    "agent_defaults",
    "engines",
    "outcomes",
    "targets",
    "contact",
    "webhooks",
    "admin",
    "journal",
    "recording",
    "hep",
    "tracing",
    "log",
)


@dataclass(frozen=True)
class AgentDraft:
    """One agent and where it was named."""

    entry: AgentEntry
    path: KeyPath
    """In the settings file; ("agents_file",) when it comes from there."""
    line: int | None = None
    """In the agents file."""


@dataclass(frozen=True)
class Draft:
    """Sections that could not be read are None; of named tables, those that could not are None under their name."""

    sip: SipSection | None
    media: MediaSection | None
    livevox: LiveVoxSection | None
    agent_defaults: AgentDefaults | None
    contact: ContactSection | None
    admin: AdminSection | None
    journal: JournalSection | None
    recording: RecordingSection | None
    hep: HepSection | None
    tracing: TracingSection | None
    log: LogSection | None
    agents: tuple[AgentDraft, ...]
    all_agents_read: bool
    """False when some agent, or the file of agents, could not be read."""
    engines: Mapping[str, Engine | None]
    outcomes: Mapping[str, Outcome | None]
    targets: Mapping[str, Target | None]
    webhooks: Mapping[str, WebhookSection | None]


def read_draft(document: Document, from_file: Sequence[AgentDraft] | None) -> Draft:
    """Read every section; what is wrong is reported to the document.

    `from_file` are the agents of agents_file, None if it could not be read.
    """
    document.refuse_unknown_sections(SECTIONS)
    entries = document.entries("agents")
    agents = [*_read_agents(document, entries), *(from_file or ())]
    return Draft(
        sip=document.section(SipSection, ("sip",)),
        media=document.section(MediaSection, ("media",)),
        livevox=document.section(LiveVoxSection, ("livevox",)),
        agent_defaults=document.section(AgentDefaults, ("agent_defaults",)),
        contact=document.section(ContactSection, ("contact",)),
        admin=document.section(AdminSection, ("admin",)),
        journal=document.section(JournalSection, ("journal",)),
        recording=document.section(RecordingSection, ("recording",)),
        hep=document.section(HepSection, ("hep",)),
        tracing=document.section(TracingSection, ("tracing",)),
        log=document.section(LogSection, ("log",)),
        agents=tuple(agents),
        all_agents_read=from_file is not None and len(agents) == len(entries) + len(from_file),
        engines={name: _read_engine(document, name, value) for name, value in _named(document, "engines").items()},
        outcomes=_read_named(document, "outcomes", Outcome),
        targets=_read_named(document, "targets", Target),
        webhooks=_read_named(document, "webhooks", WebhookSection),
    )


def _read_agents(document: Document, entries: Sequence[object]) -> Iterator[AgentDraft]:
    for position, value in enumerate(entries):
        path = ("agents", position)
        if (entry := document.section(AgentEntry, path, value)) is not None:
            yield AgentDraft(entry, path)


def _read_engine(document: Document, name: str, value: object) -> Engine | None:
    if not isinstance(value, dict):
        return document.section(SipEngine, ("engines", name), value)
    path: KeyPath = ("engines", name, "kind")
    kinds = ", ".join(f'"{kind}"' for kind in ENGINE_KINDS)
    match value.get("kind"):
        case None:
            document.report(path, "is required", f"add it: how the engine is reached, one of {kinds}")
        case str(kind) if kind in ENGINE_KINDS:
            return document.section(ENGINE_KINDS[kind], path[:-1], value)
        case str(kind):
            document.report(path, f'there is no kind "{kind}"', nearest(kind, ENGINE_KINDS))
        case other:
            document.report(path, f"cannot be {other!r}", f"write one of {kinds}")
    return None


def _read_named(document: Document, table: str, model: type[SectionType]) -> dict[str, SectionType | None]:
    return {name: document.section(model, (table, name), value) for name, value in _named(document, table).items()}


def _named(document: Document, table: str) -> Mapping[str, object]:
    values = document.table(table)
    for name in values:
        if not is_name(name):
            document.report((table, name), "cannot be a name", 'use lower-case letters, digits, "_" and "-"')
    return values
