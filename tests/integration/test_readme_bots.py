"""The bots of the README: each is cut out, run as it stands, and has a real call through the bridge."""

import asyncio
import os
import re
import socket
import sys
import tomllib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from bridge.settings.engines import ENGINE_KINDS
from bridge.simulator.caller import CallerSettings
from bridge.simulator.openai_server import OpenAIServer
from bridge.simulator.speech import Voice
from bridge.simulator.stream_bot import StreamBotSettings
from tests.free_ports import free_port
from tests.integration.bridge_world import BridgeWorld
from tests.unit.settings_texts import GOOD, SECRETS, load_text

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
#: Ports of the bots: for SIP and RTP, and for HTTP.
_PORT = re.compile(r"\b(5092|5094|809[0-9])\b")
#: A snippet has fewer lines.
MAX_LINES = 40
#: The bots talk for five seconds.
CALL_S = 25.0
#: As the README says.
ENVIRONMENT = {"RTP_ENGINE_SECRET": "simulated", "BRIDGE_ENGINE_TOKEN": "simulated"}
KEYS = SECRETS | {"OPENAI_API_KEY": "a key", "DEEPGRAM_API_KEY": "a key"}


def snippets(kind: str, language: str) -> list[str]:
    """The code in one language that the README has for one kind of engine."""
    section = README.split(f"\n### {kind}\n", 1)[1].split("\n## ", 1)[0].split("\n### ", 1)[0]
    return re.findall(rf"^```{language}\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)


class OnFreePorts:
    """The texts for one bot; nothing but the numbers of their ports is another one."""

    def __init__(self) -> None:
        self._ports: dict[str, int] = {}

    def __call__(self, text: str) -> str:
        return _PORT.sub(lambda found: str(self._port(found[0])), text)

    def _port(self, port: str) -> int:
        kind = socket.SOCK_STREAM if port.startswith("809") else socket.SOCK_DGRAM
        return self._ports.setdefault(port, free_port(kind))


def listens(port: int) -> bool:
    """Somebody has the port, UDP or TCP."""
    for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
        with socket.socket(socket.AF_INET, kind) as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                return True
    return False


@asynccontextmanager
async def running(code: str, port: int) -> AsyncIterator[None]:
    """The bot as a process of its own, once it listens."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-W", "error", "-c", code), env=os.environ | ENVIRONMENT, stdout=asyncio.subprocess.DEVNULL
    )
    try:
        async with asyncio.timeout(10):
            while not listens(port):
                assert process.returncode is None, "the bot has ended"
                await asyncio.sleep(0.05)
        yield
        assert process.returncode is None, "the bot has ended"
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


def engine_of(table: str) -> tuple[str, int]:
    """The name of the engine in a table of the settings, and its port."""
    ((name, engine),) = tomllib.loads(table)["engines"].items()
    port = urlsplit(engine["url"]).port if "url" in engine else int(engine["uri"].rpartition(":")[2])
    assert port is not None
    return name, port


async def check_bot(kind: str) -> None:
    """A customer calls the bot and hears himself, until the bot ends the call with its outcome."""
    on_free_ports = OnFreePorts()
    (code,), (table,) = (map(on_free_ports, snippets(kind, language)) for language in ("python", "toml"))
    assert len(code.splitlines()) < MAX_LINES
    name, port = engine_of(table)
    async with running(code, port), BridgeWorld(more=table, engines=f'"{name}"') as world:
        call = await world.call(timeout_s=CALL_S)
        assert world.dispositions(call) == ["Completed"], kind
        closed = await world.seen("closed")
        assert (closed.facts["fate"], closed.facts["outcome"]) == ("finished", "completed"), kind
        echo = world.heard(call).heard.recognised.get("customer", 0)
        assert echo > 200, f"{kind}: {echo} of 250 frames"


@pytest.mark.pjsua2
async def test_each_bot_has_a_call_that_ends_with_its_disposition() -> None:
    async with asyncio.TaskGroup() as bots:
        for kind in ("sip", "rtp", "twilio"):
            bots.create_task(check_bot(kind), name=kind)


@pytest.mark.pjsua2
async def test_the_settings_for_a_local_trial_of_openai_work_with_the_simulated_server() -> None:
    table = OnFreePorts()(snippets("openai", "toml")[1])
    name, port = engine_of(table)
    silent = CallerSettings("127.0.0.1", free_port(), voice=Voice.SILENCE)  # who speaks would interrupt the bot
    async with OpenAIServer(StreamBotSettings(listen_port=port, secret="simulated", speak_s=0.5)) as server:
        async with BridgeWorld(more=table, engines=f'"{name}"', caller=silent) as world:
            call = await world.call()
            assert world.dispositions(call) == ["Completed"]
            assert server.calls[0].faults == []


@pytest.mark.parametrize("kind", ENGINE_KINDS)
def test_all_settings_for_a_kind_are_good(tmp_path: Path, kind: str) -> None:
    (tmp_path / "instructions.txt").write_text("Be kind.", encoding="utf-8")
    for table in snippets(kind, "toml"):
        text = re.sub(r"\[engines.bot\]\n.*?\n(?=\[)", "", GOOD, flags=re.DOTALL) + table
        (name,) = tomllib.loads(table)["engines"]
        settings = load_text(tmp_path, text.replace('engines = ["bot"]', f'engines = ["{name}"]'), KEYS)
        assert list(settings.engines) == [name]
