"""The command line as its user meets it: a process, its two outputs and its exit code."""

import asyncio
import os
import signal
import socket
import sys
from pathlib import Path

import pytest

from bridge import __version__
from bridge.simulator.engine import DIALECTS
from bridge.simulator.livevox import LiveVoxSimulator
from bridge.simulator.world import World

ROOT = Path(__file__).parents[2]
EXAMPLE = "config/bridge.example.toml"
DEMO = "config/demo.toml"
#: Starting Python and loading the bridge takes a second; more on a busy machine.
LIMIT_S = 30.0


async def start(*arguments: str) -> asyncio.subprocess.Process:
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("LIVEVOX_")}
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bridge",
        *arguments,
        cwd=ROOT,
        env=inherited,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


async def command(*arguments: str) -> tuple[int | None, str, str]:
    """Exit code, stdout and stderr."""
    process = await start(*arguments)
    async with asyncio.timeout(LIMIT_S):
        out, err = await process.communicate()
    return process.returncode, out.decode(), err.decode()


async def test_the_module_is_the_command() -> None:
    assert await command("--version") == (0, f"livevox-bridge {__version__}\n", "")


async def test_mistakes_are_lines_on_stderr_and_an_exit_code() -> None:
    code, out, err = await command("check", "--config", EXAMPLE)
    assert (code, out) == (1, "")
    assert [line.split(": ")[:3] for line in err.splitlines()] == [
        ["livevox-bridge", "environment", "LIVEVOX_TOKEN"],
        ["livevox-bridge", "environment", "LIVEVOX_PASSWORD"],
    ]


@pytest.mark.long
async def test_check_live_says_what_it_finds_and_exits_with_1_if_something_is_wrong(tmp_path: Path) -> None:
    async with LiveVoxSimulator(World.default()) as livevox:
        good, bad = tmp_path / "good.toml", tmp_path / "bad.toml"
        text = (ROOT / DEMO).read_text().replace("http://127.0.0.1:8090", livevox.url)
        good.write_text(text, encoding="utf-8")
        bad.write_text(text.replace('"Collections Queue"', '"Nobody"'), encoding="utf-8")
        code, out, err = await command("check", "--live", "--config", os.fspath(good))
        assert (code, err) == (0, "")
        assert "\nok     agent VA0001 (8990000001) is logged in\n" in out
        code, out, err = await command("check", "--live", "--config", os.fspath(bad))
        assert (code, err) == (1, "")
        assert '\nWRONG  target collections: phonebook contact "Nobody"' in out


async def test_simulate_livevox_serves_until_it_is_told_to_stop() -> None:
    process = await start("simulate", "livevox", "--listen", "127.0.0.1:0")
    assert process.stdout is not None
    async with asyncio.timeout(LIMIT_S):
        first = (await process.stdout.readline()).decode()
        process.send_signal(signal.SIGTERM)
        _, err = await process.communicate()
    assert "http://127.0.0.1:" in first
    assert (process.returncode, "Traceback" in err.decode()) == (0, False)


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_simulate_engine_logs_that_it_listens_and_stops_when_told(dialect: str) -> None:
    process = await start("simulate", "engine", "--dialect", dialect, "--listen", "127.0.0.1:0")
    assert process.stderr is not None
    async with asyncio.timeout(LIMIT_S):
        first = (await process.stderr.readline()).decode()
        process.send_signal(signal.SIGINT)
        _, rest = await process.communicate()
    assert '"event": "bot_listens"' in first
    assert (process.returncode, "Traceback" in rest.decode()) == (0, False)


async def test_an_http_port_in_use_is_one_line_that_names_it() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        code, out, err = await command("simulate", "engine", "--dialect", "twilio", "--listen", f"127.0.0.1:{port}")
    assert (code, out) == (1, "")
    assert err.startswith("livevox-bridge: ")
    assert str(port) in err
    assert err.count("\n") == 1


async def test_a_port_in_use_is_one_line_that_names_it(tmp_path: Path) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        path = tmp_path / "bridge.toml"
        path.write_text((ROOT / DEMO).read_text().replace(":5070", f":{port}"), encoding="utf-8")
        for arguments in (
            ["run", "--config", os.fspath(path)],
            ["simulate", "engine", "--listen", f"127.0.0.1:{port}"],
        ):
            code, out, err = await command(*arguments)
            assert (code, out) == (1, "")
            assert err.startswith("livevox-bridge: ")
            assert str(port) in err
            assert err.count("\n") == 1
