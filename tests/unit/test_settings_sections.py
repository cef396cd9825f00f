"""What each setting may be, and what is said when it is something else."""

import re
from ipaddress import IPv4Network
from pathlib import Path

import pytest

from bridge.settings.engines import SipEngine
from bridge.settings.sections import AdminSection, LogSection, MediaSection, SipSection
from bridge.settings.values import Endpoint, PortRange
from sip.messages import Codec
from tests.unit.settings_texts import GOOD, load_text, problems_of, with_line

#: A setting line at the margin, after its section; below it the key and what is said.
MISTAKE = re.compile(r"^(?P<section>\[\S+) (?P<line>.+)\n    (?P<said>.+)$", re.MULTILINE)
MISTAKES = [found.groups() for found in MISTAKE.finditer((Path(__file__).parent / "settings_mistakes.txt").read_text())]


@pytest.mark.parametrize(("section", "line", "said"), MISTAKES)
def test_each_mistake_names_line_key_and_remedy(tmp_path: Path, section: str, line: str, said: str) -> None:
    text = with_line(section, line)
    number = text.splitlines().index(line) + 1
    name = section.strip("[]").replace("agents", "agents[1]")
    assert problems_of(tmp_path, text) == [f"bridge.toml:{number}: {name}.{said}"]


def test_a_text_that_is_too_long(tmp_path: Path) -> None:
    (said,) = problems_of(tmp_path, with_line("[livevox]", f'client_name = "{"x" * 201}"'))
    assert said == "bridge.toml:5: livevox.client_name: is longer than 200 characters; shorten it"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('client_name = "Acme"', "livevox.client_name: is required; add it: The client name LiveVox gave you."),
        ('number = "8990000001"', "agents[1].number: is required; add it: Its 899 number."),
        ('user_name = "VA0001"', "agents[1].user_name: is required; add it: Its LiveVox login."),
        ('kind = "sip"', 'engines.bot.kind: is required; add it: how the engine is reached, one of "sip", "rtp"'),
        (
            'term_code = "Completed"',
            "outcomes.default.term_code: is required; add it: Name of the term code, as LiveVox ",
        ),
        ('contacts = ["Collections Queue"]', "targets.collections.contacts: is required; add it: Names of phonebook "),
        ('timezone = "UTC"', "livevox.hours.timezone: is required; add it: Name of the IANA list, for example "),
    ],
)
def test_what_is_missing_is_told_at_its_section_with_its_meaning(tmp_path: Path, line: str, said: str) -> None:
    above = GOOD.splitlines()[: GOOD.splitlines().index(line)]
    section = max(number for number, header in enumerate(above, start=1) if header.startswith("["))
    (problem,) = problems_of(tmp_path, GOOD.replace(f"{line}\n", ""))
    assert problem.startswith(f"bridge.toml:{section}: {said}")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[sipp]\n", '1: sipp: is not a section of the settings; did you mean "sip"?'),
        ("[sip]\n[sip.edge]\n", "2: sip.edge: is not a setting; known are: listen, public_address, allow, strangers, "),
        ("sip = 5\n", "1: sip: must be a table, is 5; give it a header in brackets and its keys below"),
        ("engines = 5\n", "1: engines: must be a table of tables; write [engines.NAME] and its keys below"),
        ("[engines]\nbot = 5\n", "2: engines.bot: must be a table, is 5; give it a header in brackets"),
        ("[agents]\n", "1: agents: must be a list of tables; write [[agents]] once for each"),
        ("agents = [5]\n", "1: agents[1]: must be a table, is 5; give it a header in brackets and its keys below"),
        ('[targets."To Humans"]\n', "1: targets.To Humans: cannot be a name; use lower-case letters, digits, "),
    ],
)
def test_sections_of_the_wrong_form(tmp_path: Path, text: str, said: str) -> None:
    assert any(problem.startswith(f"bridge.toml:{said}") for problem in problems_of(tmp_path, text))


def test_no_mistake_shows_a_secret(tmp_path: Path) -> None:
    text = with_line("[livevox]", 'token = "hunter2"')
    text = with_line("[[agents]]", 'password = "hunter2"', with_line("[[agents]]", 'password_env = "hunter2"', text))
    assert "hunter2" not in "\n".join(problems_of(tmp_path, text))


def test_values_are_read_into_what_they_are(tmp_path: Path) -> None:
    text = with_line("[sip]", 'allow = ["10.1.0.0/16", "192.0.2.1"]')
    text = with_line("[media]", 'ports = "10000-10999"', with_line("[media]", 'codecs = ["PCMA"]', text))
    text = with_line("[engines.bot]", 'headers = { X-Tenant = "north" }', text)
    text = with_line("[livevox]", 'url = "https://api.na4.livevox.com/"', text)
    settings = load_text(tmp_path, text)
    assert settings.sip.allow == (IPv4Network("10.1.0.0/16"), IPv4Network("192.0.2.1/32"))
    assert (settings.media.ports, settings.media.codecs) == (PortRange(10000, 10999), (Codec.PCMA,))
    engine = settings.engines["bot"]
    assert isinstance(engine, SipEngine)
    assert engine.headers == {"X-Tenant": "north"}
    assert settings.livevox.url == "https://api.na4.livevox.com"


def test_values_write_themselves_as_they_are_read() -> None:
    assert (str(Endpoint("127.0.0.1", 5070)), str(PortRange(1, 2))) == ("127.0.0.1:5070", "1-2")


def test_defaults_are_those_that_are_promised() -> None:
    assert SipSection() == SipSection.model_validate(
        {
            "listen": "0.0.0.0:5070",
            "allow": ["127.0.0.0/8"],
            "strangers": "refuse",
            "rate_per_s": 50,
            "burst": 100,
            "retry_after_s": 5,
            "max_calls": 100,
            "spare_calls": 8,
            "session_expires_s": 1800,
            "min_se_s": 90,
            "transaction_timeout_s": 6,
        }
    )
    assert MediaSection() == MediaSection.model_validate(
        {
            "ports": "20000-29999",
            "codecs": ["PCMU", "PCMA"],
            "rtp_timeout_s": 30,
            "port_rest_s": 10,
            "follow": "address",
            "dead_air_s": 15,
            "wait_prompt": "",
            "unavailable_prompt": "",
        }
    )
    assert AdminSection() == AdminSection.model_validate({"listen": "127.0.0.1:8080", "public_url": ""})
    assert LogSection() == LogSection.model_validate({"level": "info", "format": "auto", "mask": True})
