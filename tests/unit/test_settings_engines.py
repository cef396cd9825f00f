"""[engines.NAME]: its kinds, where an engine is, and its secret."""

from pathlib import Path
from typing import Literal, Self

import pytest

from bridge.dialects.registry import KINDS
from bridge.dialects.section import DialectSection
from bridge.errors import InvalidSettingsFile
from bridge.section import file_text
from bridge.settings.engines import ENGINE_KINDS, RtpEngine, SipEngine, engine_address, engine_kind, is_local, sends_rtp
from tests.unit.settings_texts import GOOD, SECRETS, load_text, problems_of, with_line


def rtp(url: str, more: str = "") -> str:
    text = with_line("[agent_defaults]", 'engines = ["media"]')
    return text + f'[engines.media]\nkind = "rtp"\nurl = "{url}"\n{more}'


def test_every_dialect_is_a_kind_of_engine() -> None:
    assert set(ENGINE_KINDS) == {"sip", "rtp", *KINDS}


@pytest.mark.parametrize("kind", sorted(ENGINE_KINDS))
def test_an_engine_of_each_kind_is_known_by_its_kind(kind: str) -> None:
    engine = local_engine(kind)
    assert (engine_kind(engine), is_local(engine)) == (kind, True)
    assert engine_address(engine) == ("127.0.0.1", 7000)
    assert sends_rtp(engine) is (kind in ("sip", "rtp"))


def local_engine(kind: str) -> SipEngine | RtpEngine | DialectSection:
    where = {"sip": ("uri", "sip:bot@127.0.0.1:7000"), "rtp": ("url", "http://127.0.0.1:7000/")}
    key, url = where.get(kind, ("url", "ws://127.0.0.1:7000/"))
    return ENGINE_KINDS[kind].model_validate({"kind": kind, key: url})


@pytest.mark.parametrize(
    ("url", "address", "local"),
    [
        ("http://localhost/calls", ("localhost", 80), True),
        ("https://127.0.0.1/calls", ("127.0.0.1", 443), False),
        ("http://bot.example.com:7000", ("bot.example.com", 7000), False),
    ],
)
def test_where_an_engine_is_and_whether_it_is_one_to_try_with(url: str, address: tuple[str, int], local: bool) -> None:
    engine = RtpEngine(kind="rtp", url=url)
    assert (engine_address(engine), is_local(engine)) == (address, local)


def test_an_engine_without_a_kind_is_told_all_kinds(tmp_path: Path) -> None:
    (said,) = problems_of(tmp_path, GOOD.replace('kind = "sip"\n', ""))
    kinds = ", ".join(f'"{kind}"' for kind in ENGINE_KINDS)
    assert said == f"bridge.toml:15: engines.bot.kind: is required; add it: how the engine is reached, one of {kinds}"
    (said,) = problems_of(tmp_path, with_line("[engines.bot]", "kind = 5"))
    assert said == f"bridge.toml:16: engines.bot.kind: cannot be 5; write one of {kinds}"


def test_the_secret_of_an_engine_comes_from_the_variable_it_names(tmp_path: Path) -> None:
    text = rtp("https://bot.example.com/calls", 'secret_env = "MEDIA_KEY"\n')
    secrets = load_text(tmp_path, text, SECRETS | {"MEDIA_KEY": "schlüssel"}).engine_secrets
    assert {name: secret.get_secret_value() for name, secret in secrets.items()} == {"bot": "", "media": "schlüssel"}


def test_an_engine_may_have_no_secret(tmp_path: Path) -> None:
    text = rtp("https://bot.example.com/calls", 'secret_env = ""\n')
    assert load_text(tmp_path, text).engine_secrets["media"].get_secret_value() == ""


def test_an_engine_elsewhere_needs_its_secret_even_with_a_simulated_livevox(tmp_path: Path) -> None:
    text = with_line("[livevox]", 'url = "http://127.0.0.1:8090"', rtp("https://bot.example.com/calls"))
    assert problems_of(tmp_path, text, {}) == [
        'environment: RTP_ENGINE_SECRET: is not set; set it to the secret of the engine "media", or '
        "RTP_ENGINE_SECRET_FILE to a file that holds it"
    ]


def test_an_engine_that_no_agent_has_needs_no_secret(tmp_path: Path) -> None:
    text = with_line("[agent_defaults]", 'engines = ["bot"]', rtp("https://bot.example.com/calls"))
    assert load_text(tmp_path, text).engine_secrets["media"].get_secret_value() == ""


def test_an_engine_on_this_machine_needs_none_even_with_the_real_livevox(tmp_path: Path) -> None:
    assert load_text(tmp_path, rtp("http://127.0.0.1:7000/")).engine_secrets["media"].get_secret_value() == "simulated"


def test_a_secret_in_the_settings_is_refused_and_not_shown(tmp_path: Path) -> None:
    (said,) = problems_of(tmp_path, rtp("http://127.0.0.1:7000/", 'api_key = "hunter2"\n'))
    remedy = "remove it and set the variable that secret_env names in the environment"
    assert said == f"bridge.toml:27: engines.media.api_key: is a secret, which does not belong in this file; {remedy}"


GPT = """[engines.media]
kind = "openai"
instructions_file = "instructions.txt"
[[engines.media.tools]]
name = "find_order"
url = "https://shop.example.com/orders"
secret_env = "SHOP_KEY"
[[engines.media.tools]]
name = "opening_hours"
url = "https://shop.example.com/hours"
"""


def test_functions_that_are_answered_by_http_have_secrets_of_their_own(tmp_path: Path) -> None:
    (tmp_path / "instructions.txt").write_text("Be kind.", encoding="utf-8")
    text = with_line("[agent_defaults]", 'engines = ["media"]') + GPT
    settings = load_text(tmp_path, text, SECRETS | {"OPENAI_API_KEY": "a key", "SHOP_KEY": "another"})
    tools = {name: secret.get_secret_value() for name, secret in settings.tool_secrets["media"].items()}
    assert tools == {"find_order": "another", "opening_hours": ""}
    said = problems_of(tmp_path, text)
    assert [problem.split(":")[1] for problem in said] == [" OPENAI_API_KEY", " SHOP_KEY"]


def test_a_file_of_an_engine_that_is_not_there_is_told_at_its_line(tmp_path: Path) -> None:
    (said,) = problems_of(tmp_path, GOOD + GPT)
    what = "instructions.txt cannot be read: No such file or directory; name a file beside this one"
    assert said == f"bridge.toml:26: engines.media.instructions_file: {what}"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('url = "http://h/media"', 'url: "http://h/media" is no wss: or ws: URL; write it as "wss://bot.'),
        ('url = "wss://h:0/media"', 'url: "wss://h:0/media" is no wss: or ws: URL; '),
        ('url = "wss://h/media#top"', "url: "),
        ('url = "wss://me:hunter2@h/"', "url: has a user or password in it; remove it: secrets come from the "),
        ('headers = { Sec-WebSocket-Key = "x" }', 'headers.Sec-WebSocket-Key: "Sec-WebSocket-Key" is written by the '),
        ('headers = { Host = "x" }', 'headers.Host: "Host" is written by the bridge itself; use another name'),
        ('headers = { "X Y" = "x" }', 'headers.X Y: "X Y" cannot be the name of an HTTP header; '),
        ('headers = { X-Y = "a\\r\\nb" }', "headers.X-Y: has a line break or another control character; "),
    ],
)
def test_what_a_websocket_cannot_be_opened_with_is_named(tmp_path: Path, line: str, said: str) -> None:
    text = GOOD + f'[engines.media]\nkind = "twilio"\n{line}\n'
    problems = problems_of(tmp_path, text if "url" in line else text + 'url = "wss://h/media"\n')
    assert [problem.startswith(f"bridge.toml:26: engines.media.{said}") for problem in problems] == [True]
    assert "hunter2" not in problems[0]


class PageSection(DialectSection):
    """An engine that reads a page."""

    kind: Literal["page"] = "page"
    page_file: str
    page: str = ""

    def with_files(self, folder: Path) -> Self:
        return self.model_copy(update={"page": file_text(folder, "page_file", self.page_file)})


def test_files_that_an_engine_names_are_read_beside_the_settings(tmp_path: Path) -> None:
    (tmp_path / "page.txt").write_text("Be kind.", encoding="utf-8")
    assert PageSection(url="ws://h", page_file="page.txt").with_files(tmp_path).page == "Be kind."


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("no.txt", "{0}/no.txt cannot be read: No such file or directory"),
        ("bad.txt", "{0}/bad.txt is not UTF-8 text"),
        ("\0", "cannot be the path of a file"),
    ],
)
def test_a_file_that_cannot_be_read_names_the_setting(tmp_path: Path, name: str, what: str) -> None:
    (tmp_path / "bad.txt").write_bytes(b"\xff")
    with pytest.raises(InvalidSettingsFile) as raised:
        PageSection(url="ws://h", page_file=name).with_files(tmp_path)
    assert (raised.value.key, raised.value.what) == ("page_file", what.format(tmp_path))
