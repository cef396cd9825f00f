"""Settings as a whole: what is read, what is filled in, and that all mistakes are told at once."""

import wave
from datetime import date
from pathlib import Path

import pytest
from pydantic import ValidationError

from bridge.engines.events import Fate
from bridge.errors import InvalidSettings
from bridge.settings import Agent, load
from bridge.settings.engines import engine_url
from bridge.settings.sections import FATES
from bridge.settings.values import Endpoint
from bridge.simulator.world import World
from tests.unit.settings_texts import GOOD, SECRETS, load_text, problems_of, with_line


def test_good_settings_are_read_with_secrets_and_defaults_in(tmp_path: Path) -> None:
    settings = load_text(tmp_path, GOOD)
    assert settings.path == tmp_path / "bridge.toml"
    assert settings.sip.listen == Endpoint("127.0.0.1", 5070)
    assert settings.token.get_secret_value() == "a token"
    (agent,) = settings.agents
    assert (agent.number, agent.user_name, agent.service_id, agent.engines) == (
        "8990000001",
        "VA0001",
        "46014",
        ("bot",),
    )
    assert agent.password.get_secret_value() == "a password"
    assert engine_url(settings.engines["bot"]) == "sip:bot@127.0.0.1:5092"


def test_secrets_are_never_written(tmp_path: Path) -> None:
    settings = load_text(tmp_path, GOOD)
    assert "a token" not in f"{settings!r} {settings}"
    assert "a password" not in f"{settings!r} {settings}"


def test_settings_cannot_be_changed(tmp_path: Path) -> None:
    settings = load_text(tmp_path, GOOD)
    with pytest.raises(ValidationError):
        settings.sip.max_calls = 5


def write_prompt(path: Path) -> None:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(bytes(3200))


# what is filled in


def test_addresses_come_from_the_sip_section(tmp_path: Path) -> None:
    settings = load_text(tmp_path, with_line("[sip]", 'public_address = "203.0.113.10"'))
    assert settings.sip.public_address == "203.0.113.10"
    assert (settings.media.listen_address, settings.media.public_address) == ("127.0.0.1", "203.0.113.10")


def test_the_media_section_may_name_its_own_addresses(tmp_path: Path) -> None:
    text = with_line("[media]", 'listen_address = "127.0.0.2"', with_line("[media]", 'public_address = "203.0.113.11"'))
    media = load_text(tmp_path, text).media
    assert (media.listen_address, media.public_address) == ("127.0.0.2", "203.0.113.11")


def test_a_bridge_that_only_this_machine_may_use_announces_loopback(tmp_path: Path) -> None:
    settings = load_text(tmp_path, with_line("[sip]", 'listen = "0.0.0.0:5070"'))
    assert settings.sip.public_address == "127.0.0.1"
    assert (settings.media.listen_address, settings.media.public_address) == ("0.0.0.0", "127.0.0.1")


def test_an_agents_own_service_and_engines_come_before_the_defaults(tmp_path: Path) -> None:
    text = GOOD + '[engines.other]\nkind = "sip"\nuri = "sip:127.0.0.1:5093"\n'
    text = with_line("[[agents]]", 'engines = ["other", "bot"]', with_line("[[agents]]", 'service_id = "7"', text))
    (agent,) = load_text(tmp_path, text).agents
    assert (agent.service_id, agent.engines) == ("7", ("other", "bot"))


def test_an_agents_password_may_have_its_own_variable(tmp_path: Path) -> None:
    text = with_line("[[agents]]", 'password_env = "VA1_PASSWORD"')
    settings = load_text(tmp_path, text, SECRETS | {"VA1_PASSWORD": "its own"})
    assert settings.agents[0].password.get_secret_value() == "its own"


def test_open_hours_become_a_value(tmp_path: Path) -> None:
    text = with_line("[livevox.hours]", 'holidays = ["2026-12-25", 2027-01-01]')
    text = with_line("[livevox.hours]", 'monday = ["13:00-20:00", "08:00-12:00"]', text)
    hours = load_text(tmp_path, text).livevox.hours
    assert hours is not None
    opened = hours.open_hours()
    assert [str(span) for span in opened.ranges[0]] == ["08:00-12:00", "13:00-20:00"]
    assert opened.holidays == {date(2026, 12, 25), date(2027, 1, 1)}
    assert opened.is_open(1_782_723_600)  # Monday 2026-06-29 09:00 UTC
    assert not opened.is_open(1_782_810_000)  # Tuesday


def test_the_simulator_on_loopback_needs_no_secrets(tmp_path: Path) -> None:
    settings = load_text(tmp_path, with_line("[livevox]", 'url = "http://127.0.0.1:8090"'), {})
    world = World.default(agents=1)
    assert settings.token.get_secret_value() in world.tokens
    assert settings.agents[0].password.get_secret_value() == world.agents[0].password


def test_an_encrypted_livevox_on_loopback_may_be_a_tunnel_and_needs_secrets(tmp_path: Path) -> None:
    assert len(problems_of(tmp_path, with_line("[livevox]", 'url = "https://127.0.0.1:8443"'), {})) == 2


def test_secrets_may_be_left_out_where_nobody_uses_them(tmp_path: Path) -> None:
    path = tmp_path / "bridge.toml"
    path.write_text(GOOD, encoding="utf-8")
    settings = load(path, {}, require_secrets=False)
    assert (settings.token.get_secret_value(), settings.agents[0].password.get_secret_value()) == ("", "")


def test_tokens_of_the_http_api_may_be_left_out_and_then_let_nobody_in(tmp_path: Path) -> None:
    settings = load_text(tmp_path, GOOD)
    assert (settings.engine_token.get_secret_value(), settings.admin_token.get_secret_value()) == ("", "")
    settings = load_text(tmp_path, GOOD, SECRETS | {"BRIDGE_ENGINE_TOKEN": "e", "BRIDGE_ADMIN_TOKEN": "a"})
    assert (settings.engine_token.get_secret_value(), settings.admin_token.get_secret_value()) == ("e", "a")
    assert settings.view_token.get_secret_value() == ""
    settings = load_text(tmp_path, GOOD, SECRETS | {"BRIDGE_VIEW_TOKEN": "v"})
    assert settings.view_token.get_secret_value() == "v"


def test_the_tokens_of_a_bridge_with_the_simulator_are_the_simulators(tmp_path: Path) -> None:
    settings = load_text(tmp_path, with_line("[livevox]", 'url = "http://127.0.0.1:8090"'), {})
    assert settings.engine_token.get_secret_value() == settings.admin_token.get_secret_value() == "simulated"


@pytest.mark.parametrize(
    ("lines", "url"),
    [
        ([], "http://127.0.0.1:8080"),
        (['listen = "192.0.2.1:80"'], "http://192.0.2.1:80"),
        (['listen = "0.0.0.0:8081"'], "http://203.0.113.10:8081"),
        (['public_url = "https://bridge.example.com/"'], "https://bridge.example.com"),
    ],
)
def test_engines_are_told_where_the_http_api_is(tmp_path: Path, lines: list[str], url: str) -> None:
    text = with_line("[sip]", 'public_address = "203.0.113.10"')
    for line in lines:
        text = with_line("[admin]", line, text)
    assert load_text(tmp_path, text).admin.public_url == url


def test_prompts_are_files_beside_the_settings(tmp_path: Path) -> None:
    write_prompt(tmp_path / "wait.wav")
    media = load_text(tmp_path, with_line("[media]", 'wait_prompt = "wait.wav"')).media
    assert (media.wait_prompt, media.unavailable_prompt) == (str(tmp_path / "wait.wav"), "")


# questions


def test_the_journal_is_a_file_beside_the_settings(tmp_path: Path) -> None:
    assert load_text(tmp_path, GOOD).journal.path == str(tmp_path / "journal.db")
    elsewhere = load_text(tmp_path, GOOD + '[journal]\npath = "/var/lib/bridge/journal.db"\n')
    assert elsewhere.journal.path == "/var/lib/bridge/journal.db"


def test_there_is_no_bridge_without_a_journal(tmp_path: Path) -> None:
    said = problems_of(tmp_path, GOOD + '[journal]\npath = ""\nkeep_days = 0\n')
    assert [text.partition(": ")[2] for text in said] == [
        "journal.path: must not be empty; write a value",
        "journal.keep_days: must be more than 0, is 0; raise it",
    ]


def test_an_agent_is_found_by_its_number(tmp_path: Path) -> None:
    settings = load_text(tmp_path, GOOD)
    found = settings.agent("8990000001")
    assert isinstance(found, Agent)
    assert found.user_name == "VA0001"
    assert settings.agent("8990000002") is None


def test_an_outcome_without_a_section_is_the_default(tmp_path: Path) -> None:
    settings = load_text(tmp_path, GOOD + '[outcomes.promise]\nterm_code = "Promise"\nterm_codes = { 7 = "Other" }\n')
    names = ["promise", " Promise ", "default", "drained", "anything"]
    assert [settings.outcome_name(name) for name in names] == ["promise", "promise", "default", "default", "default"]
    assert [settings.outcome(name).term_code for name in ("PROMISE", "drained")] == ["Promise", "Completed"]
    assert [settings.outcome("promise").term_code_for(service) for service in ("46014", "7")] == ["Promise", "Other"]


def test_every_fate_of_a_call_is_an_outcome_that_settings_know() -> None:
    assert {fate.value for fate in Fate} <= set(FATES)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("collections", "collections"),
        ("Collections ", "collections"),
        ("+15551230000", "collections"),
        ("sip:+15551230000@198.51.100.7:5060;user=phone", "collections"),
        ("<SIP:%2B15551230000@bridge>", "collections"),
        ("sips:Human%20Being@bridge", "collections"),
        ("tel:+15551230000;ext=5", "collections"),
        ("sip:collections;x=1@bridge", "collections"),
        ("billing", None),
        ("sip:bridge", None),
        ("", None),
    ],
)
def test_a_target_is_known_by_name_alias_or_uri(tmp_path: Path, text: str, name: str | None) -> None:
    settings = load_text(tmp_path, with_line("[targets.collections]", 'aliases = ["+15551230000", "human being"]'))
    assert settings.target_by_alias(text) == name


# agents_file


def agents_in(folder: Path, csv: str) -> str:
    (folder / "agents.csv").write_text(csv, encoding="utf-8")
    before, _, after = GOOD.partition("[[agents]]")
    return 'agents_file = "agents.csv"\n' + before + after[after.index("[agent_defaults]") :]


def test_agents_may_stand_in_a_file_beside_the_settings(tmp_path: Path) -> None:
    text = agents_in(tmp_path, "number,user_name,engines\n8990000001,VA0001,\n+18990000002,VA0002,bot\n")
    settings = load_text(tmp_path, text)
    assert [(agent.number, agent.user_name, agent.engines) for agent in settings.agents] == [
        ("8990000001", "VA0001", ("bot",)),
        ("8990000002", "VA0002", ("bot",)),
    ]


def test_what_is_wrong_with_the_agents_file_names_its_lines(tmp_path: Path) -> None:
    text = agents_in(tmp_path, "number,user_name,engines\n8990000001,VA0001,bat\n899,VA0002,\n8990000001,VA0003,\n")
    assert problems_of(tmp_path, text) == [
        'agents.csv:3: number: "899" is not an 899 number; write its ten digits, as in "8990000001"',
        'agents.csv:4: number: "8990000001" is another agent\'s too; give each agent its own',
        'agents.csv:2: engines: there is no [engines.bat]; did you mean "bot"?',
    ]


def test_an_agents_file_that_cannot_be_read(tmp_path: Path) -> None:
    text = agents_in(tmp_path, "")
    (tmp_path / "agents.csv").unlink()
    expected = "agents.csv cannot be read: No such file or directory; name a file beside this one"
    assert problems_of(tmp_path, text) == [f"bridge.toml:1: agents_file: {expected}"]
    (tmp_path / "agents.csv").write_bytes(b"\xff")
    assert problems_of(tmp_path, text) == [
        "bridge.toml:1: agents_file: agents.csv is not UTF-8 text; name a file saved as UTF-8"
    ]


def test_an_agents_file_that_is_not_a_path(tmp_path: Path) -> None:
    (said,) = problems_of(tmp_path, "agents_file = 5\n" + GOOD)
    assert said == 'bridge.toml:1: agents_file: must be the path of a file; write it as "agents.csv"'


def test_agents_in_both_places(tmp_path: Path) -> None:
    (tmp_path / "agents.csv").write_text("number,user_name\n8990000002,VA0002\n", encoding="utf-8")
    (said,) = problems_of(tmp_path, 'agents_file = "agents.csv"\n' + GOOD)
    assert said == "bridge.toml:1: agents_file: is set, and there are [[agents]] too; keep one of them"


# what is wrong


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InvalidSettings) as raised:
        load(tmp_path / "no.toml", SECRETS)
    remedy = "name a file with --config; config/bridge.example.toml is one"
    assert str(raised.value) == f"{tmp_path}/no.toml: cannot be read: No such file or directory; {remedy}"


def test_a_file_that_is_not_text(tmp_path: Path) -> None:
    path = tmp_path / "bridge.toml"
    path.write_bytes(b"[sip]\n\xff\n")
    with pytest.raises(InvalidSettings) as raised:
        load(path, SECRETS)
    assert str(raised.value) == f"{path}: is not UTF-8 text: byte 6; save it as UTF-8"


def test_a_file_that_is_not_toml_names_the_place(tmp_path: Path) -> None:
    (said,) = problems_of(tmp_path, "[sip]\nlisten = 127.0.0.1:5070\n")
    assert said.startswith("bridge.toml:2: is not TOML: ")
    assert said.endswith(" (at line 2, column 15); see https://toml.io")


def test_all_that_is_wrong_is_told_at_once_in_the_order_of_the_file(tmp_path: Path) -> None:
    text = with_line("[sip]", "max_call = 5", GOOD)
    text = with_line("[livevox]", 'on_failure = "humans"', text)
    text = with_line("[[agents]]", 'number = "123"', text)
    text = with_line("[outcomes.default]", 'term_code = ""', text)
    assert problems_of(tmp_path, text, {"LIVEVOX_PASSWORD": "a password"}) == [
        'bridge.toml:2: sip.max_call: is not a setting; did you mean "max_calls"?',
        "bridge.toml:6: livevox.on_failure: there is no [targets.humans]; known are: collections",
        'bridge.toml:13: agents[1].number: "123" is not an 899 number; write its ten digits, as in "8990000001"',
        "bridge.toml:21: outcomes.default.term_code: must not be empty; write a value",
        "environment: LIVEVOX_TOKEN: is not set; set it to the API token LiveVox gave you, or LIVEVOX_TOKEN_FILE to a "
        "file that holds it",
    ]


def test_a_password_that_a_hundred_agents_miss_is_missed_once(tmp_path: Path) -> None:
    more = "".join(f'[[agents]]\nnumber = "899000{n:04}"\nuser_name = "VB{n}"\n' for n in range(100, 200))
    (said,) = problems_of(tmp_path, GOOD + more, {"LIVEVOX_TOKEN": "a token"})
    assert said == (
        "environment: LIVEVOX_PASSWORD: is not set; set it to the agents' LiveVox password, or LIVEVOX_PASSWORD_FILE "
        "to a file that holds it"
    )


def test_an_empty_file_says_what_is_needed(tmp_path: Path) -> None:
    assert problems_of(tmp_path, "") == [
        "bridge.toml: livevox.client_name: is required; add it: The client name LiveVox gave you.",
        "bridge.toml: agents: there are none; add an [[agents]] table for each, or name an agents_file",
        'bridge.toml: outcomes.default: is required; add [outcomes.default] with term_code = "…": it stands in for '
        "every outcome without a section",
    ]
