"""The files people deploy with: what they name exists, and they say what the code says."""

import re
import shlex
from configparser import RawConfigParser
from pathlib import Path

import pytest

from bridge.cli import command_line
from bridge.service import CLOSING_S, LEAVING_S
from bridge.settings.sections import AdminSection, JournalSection, LiveVoxSection, MediaSection, SipSection

ROOT = Path(__file__).parents[2]
DOCKERFILE = (ROOT / "Dockerfile").read_text()


class Unit(RawConfigParser):
    """systemd's files: a key may stand twice, its case matters."""

    def __init__(self) -> None:
        super().__init__(strict=False, interpolation=None)
        self.read(ROOT / "config" / "livevox-bridge.service")

    def optionxform(self, optionstr: str) -> str:
        return optionstr


def instructions(name: str) -> list[str]:
    joined = DOCKERFILE.replace("\\\n", " ")
    return [line.split(None, 1)[1] for line in joined.splitlines() if line.startswith(f"{name} ")]


@pytest.mark.parametrize("key", ["ExecStart", "ExecStartPre"])
def test_the_unit_runs_commands_that_there_are(key: str) -> None:
    program, *arguments = shlex.split(Unit()["Service"][key])
    assert program.endswith("/bin/livevox-bridge")
    assert command_line().parse_args(arguments).config == Path("/etc/livevox-bridge/bridge.toml")


def test_the_unit_gives_a_drain_its_time() -> None:
    transfers_s = 2 * 2 * LiveVoxSection(client_name="any").transfer_timeout_s  # one that runs, one to on_failure
    at_most = SipSection().drain_s + transfers_s + 2 * CLOSING_S + LEAVING_S
    assert float(Unit()["Service"]["TimeoutStopSec"]) >= at_most


@pytest.mark.parametrize("text", [(ROOT / "config" / "livevox-bridge.service").read_text(), DOCKERFILE])
def test_the_journal_is_kept_where_it_may_be_written(text: str) -> None:
    (path,) = re.findall(r'path = "([^"]+)"', text)
    assert path == "/var/lib/livevox-bridge/" + JournalSection().path
    assert "StateDirectory=livevox-bridge" in text or "VOLUME /var/lib/livevox-bridge" in text


def test_the_image_runs_a_command_that_there_is() -> None:
    (entry,), (command,) = instructions("ENTRYPOINT"), instructions("CMD")
    words = re.findall(r'"([^"]+)"', entry + command)
    assert words[0] == "livevox-bridge"
    assert command_line().parse_args(words[1:]).config == Path("/etc/livevox-bridge/bridge.toml")


def test_the_image_copies_what_there_is() -> None:
    sources = [path for line in instructions("COPY") if "--from" not in line for path in line.split()[:-1]]
    assert {"bridge", "sip", "pyproject.toml"} <= set(sources)
    assert [path for path in sources if not (ROOT / path).exists()] == []


def test_the_image_shows_the_ports_that_are_used() -> None:
    (ports,) = instructions("EXPOSE")
    sip, rtp, http = SipSection().listen.port, MediaSection().ports, AdminSection().listen.port
    assert ports.split() == [f"{sip}/udp", f"{rtp.first}-{rtp.last}/udp", f"{http}/tcp"]


def test_the_image_asks_an_endpoint_that_there_is_whether_it_lives() -> None:
    (check,) = instructions("HEALTHCHECK")
    assert f"http://127.0.0.1:{AdminSection().listen.port}/live" in check
