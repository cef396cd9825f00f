"""The settings files that ship: they load, and the example says of every setting what is true."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from bridge.dialects.forwarded_tool import ForwardedTool
from bridge.dialects.registry import KINDS
from bridge.section import EngineSection
from bridge.settings import load
from bridge.settings.agents_file import COLUMNS, read_agents
from bridge.settings.contact_section import ContactSection
from bridge.settings.draft import SECTIONS
from bridge.settings.engines import ENGINE_KINDS, RtpEngine, SipEngine, engine_address, engine_kind, is_local
from bridge.settings.export_sections import HepSection, TracingSection
from bridge.settings.lines import line_numbers
from bridge.settings.sections import (
    FATES,
    AdminSection,
    AgentDefaults,
    AgentEntry,
    HoursSection,
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
from bridge.simulator.world import World
from tests.unit.settings_texts import SECRETS

CONFIG = Path(__file__).parents[2] / "config"
EXAMPLE = (CONFIG / "bridge.example.toml").read_text(encoding="utf-8")
_COMMENTED = re.compile(r"^# ([a-z_]+ = .+)$", re.MULTILINE)
_HEADER = re.compile(r"^\[+(?P<path>[a-z_.-]+)\]+$")

#: The example's engines that are reached by WebSocket, and their kinds.
DIALECTS = {"twilio-bot": "twilio", "gpt": "openai", "aura": "deepgram"}
#: Where the example shows each model.
SHOWN: dict[str, type[BaseModel]] = {
    "sip": SipSection,
    "media": MediaSection,
    "livevox": LiveVoxSection,
    "livevox.hours": HoursSection,
    "agents": AgentEntry,
    "agent_defaults": AgentDefaults,
    "engines.bot": SipEngine,
    "engines.rtp-bot": RtpEngine,
    **{f"engines.{name}": KINDS[kind].section for name, kind in DIALECTS.items()},
    "engines.gpt.tools": ForwardedTool,
    "outcomes.default": Outcome,
    "targets.collections": Target,
    "contact": ContactSection,
    "webhooks.crm": WebhookSection,
    "admin": AdminSection,
    "journal": JournalSection,
    "recording": RecordingSection,
    "hep": HepSection,
    "tracing": TracingSection,
    "log": LogSection,
}
#: Tables of their own, below those of SHOWN.
NESTED = {"hours", "tools", "fields"}


def sections_of(text: str) -> dict[str, str]:
    """The lines below each header, the last one of a name winning."""
    sections: dict[str, list[str]] = {"": []}
    name = ""
    for line in text.splitlines():
        if found := _HEADER.match(line):
            name = found["path"]
            sections[name] = []
        else:
            sections[name].append(line)
    return {name: "\n".join(lines) for name, lines in sections.items()}


def commented(section: str) -> dict[str, Any]:
    return tomllib.loads("\n".join(_COMMENTED.findall(section)))


def test_the_example_loads() -> None:
    settings = load(CONFIG / "bridge.example.toml", SECRETS)
    assert [agent.number for agent in settings.agents] == ["8990000001", "8990000002"]


@pytest.mark.parametrize(("name", "model"), SHOWN.items())
def test_the_example_names_every_setting_of_a_section(name: str, model: type[BaseModel]) -> None:
    section = sections_of(EXAMPLE)[name]
    named = set(commented(section)) | set(tomllib.loads(section))
    # What every engine has is said once, of the first.
    common = set(EngineSection.model_fields) if name.startswith("engines.") and name != "engines.bot" else set()
    assert named == set(model.model_fields) - NESTED - common


@pytest.mark.parametrize(("name", "model"), SHOWN.items())
def test_what_is_commented_out_in_the_example_is_the_default(name: str, model: type[BaseModel]) -> None:
    section = sections_of(EXAMPLE)[name]
    # TOML has no word for None: such a line shows how the setting is written.
    shown = commented(section)
    defaults = {key: value for key, value in shown.items() if model.model_fields[key].default is not None}
    given = tomllib.loads(section)
    assert model.model_validate(given | shown)
    with_defaults = model.model_validate(given | defaults)
    assert with_defaults == model.model_validate(given)
    assert all(not model.model_fields[key].is_required() for key in defaults)


def test_the_example_has_an_engine_of_every_kind_and_so_has_the_demo() -> None:
    for path, environ in ((CONFIG / "bridge.example.toml", SECRETS), (CONFIG / "demo.toml", {})):
        engines = load(path, environ).engines.values()
        assert sorted(engine_kind(engine) for engine in engines) == sorted(ENGINE_KINDS)


def test_the_example_shows_every_section_and_names_every_fate() -> None:
    document = tomllib.loads(EXAMPLE)
    assert set(document) == set(SECTIONS) - {"agents_file"}
    assert list(commented(sections_of(EXAMPLE)[""])) == ["agents_file"]
    assert all(re.search(rf"\b{fate}\b", EXAMPLE) for fate in FATES)


def test_the_fields_of_contacts_in_the_example_are_the_default() -> None:
    assert tomllib.loads(EXAMPLE)["contact"]["fields"] == ContactSection().fields


def test_each_setting_of_the_example_stands_below_its_meaning_or_its_section() -> None:
    lines = EXAMPLE.splitlines()
    assert all(lines[number - 1] for number, line in enumerate(lines) if re.match(r"(# )?[a-z_]+ = ", line))


def test_every_key_of_the_example_is_found_on_its_own_line() -> None:
    lines = EXAMPLE.splitlines()
    for path, number in line_numbers(EXAMPLE).items():
        last = next(str(part) for part in reversed(path) if isinstance(part, str))
        assert last in lines[number - 1]


def test_the_example_of_an_agents_file_is_read_and_has_every_column() -> None:
    text = (CONFIG / "agents.example.csv").read_text(encoding="utf-8")
    agents, problems = read_agents("agents.example.csv", text)
    assert problems == []
    assert len(agents) == 3
    assert set(text.splitlines()[0].split(",")) == set(COLUMNS)


def test_the_demo_needs_no_secrets_and_nothing_outside_loopback() -> None:
    settings = load(CONFIG / "demo.toml", {})
    assert settings.livevox.url.startswith("http://127.0.0.1:")
    assert all(network.is_loopback for network in settings.sip.allow)
    assert settings.sip.listen.host == settings.media.listen_address == "127.0.0.1"
    assert all(is_local(engine) for engine in settings.engines.values())
    assert len({engine_address(engine) for engine in settings.engines.values()}) == len(settings.engines)
    assert settings.admin.listen.host == "127.0.0.1"


def test_the_demo_fits_the_simulators_world() -> None:
    settings, world = load(CONFIG / "demo.toml", {}), World.default()
    service = world.service(int(settings.livevox.service_id))
    assert service is not None
    codes = {code.name for category in service.categories for code in category.term_codes}
    assert settings.livevox.client_name == world.client_name
    assert [(agent.user_name, agent.number) for agent in settings.agents] == [
        (agent.login, agent.number) for agent in world.agents
    ]
    assert {outcome.term_code for outcome in settings.outcomes.values()} <= codes
    contacts = {contact.name for contact in world.phonebook}
    assert {name for target in settings.targets.values() for name in target.contacts} <= contacts
