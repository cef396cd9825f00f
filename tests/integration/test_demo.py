"""The demo over every dialect, as its user runs it: three calls, the words of the dialect, the exit code."""

import asyncio
import os
import re
import socket
import sys
from pathlib import Path

import pytest

from bridge.demo.words import WORDS
from tests.free_ports import free_port

pytestmark = [pytest.mark.pjsua2, pytest.mark.long]

ROOT = Path(__file__).parents[2]
LIMIT_S = 90.0


def settings_on_free_ports(folder: Path) -> Path:
    """The demo's settings, so that several of them can run at once."""
    text = (ROOT / "config" / "demo.toml").read_text(encoding="utf-8")
    text = re.sub(r"(?<=127\.0\.0\.1:)(5070|5092)", lambda _: str(free_port()), text)
    text = re.sub(r"(?<=127\.0\.0\.1:)80[0-9]{2}", lambda _: str(free_port(socket.SOCK_STREAM)), text)
    first = 10_000 + 1_000 * list(WORDS).index(folder.name)
    text = text.replace("20000-20999", f"{first}-{first + 999}")
    folder.mkdir()
    path = folder / "demo.toml"
    path.write_text(text, encoding="utf-8")
    return path


async def demo(dialect: str, folder: Path) -> tuple[int | None, str]:
    """Exit code and what was said."""
    arguments = ["demo", "--dialect", dialect, "--config", os.fspath(settings_on_free_ports(folder))]
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bridge", *arguments),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    async with asyncio.timeout(LIMIT_S):
        out, _ = await process.communicate()
    return process.returncode, out.decode()


async def test_three_calls_go_as_they_must_over_every_dialect(tmp_path: Path) -> None:
    ran = await asyncio.gather(*(demo(dialect, tmp_path / dialect) for dialect in WORDS))
    for dialect, (code, said) in zip(WORDS, ran, strict=True):
        assert code == 0, said
        assert said.endswith("3 of 3 calls went as they must, from the INVITE to the agent Ready again.\n"), said
        assert WORDS[dialect].dialled in said
        assert WORDS[dialect].ready in said
        assert said.count('disposition "') == 3
