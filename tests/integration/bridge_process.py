"""The bridge in a process of its own, which is killed and started again."""

import asyncio
import json
import os
import select
import sqlite3
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]


class BridgeProcess:
    """`await process.start(); …; await process.kill()`; its journal and its log stay."""

    def __init__(self, folder: Path) -> None:
        """The folder has its settings in bridge.toml."""
        self.journal = folder / "journal.db"
        self.config = folder / "bridge.toml"
        self._log = folder / "bridge.log"
        self._process: asyncio.subprocess.Process | None = None

    @property
    def pid(self) -> int:
        """Of the bridge itself."""
        assert self._process is not None
        return self._process.pid

    @property
    def is_running(self) -> bool:
        """It was started and has not ended."""
        return self._process is not None and self._process.returncode is None

    async def start(self, stderr: int | None = None) -> None:
        """Start it; returns when its process is there. Its log goes to `log`, or to this descriptor."""
        with self._log.open("a") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "bridge", "run", "--config", str(self.config), cwd=ROOT, stderr=stderr or log
            )

    async def kill(self) -> None:
        """kill -9; all its children end with it."""
        assert self._process is not None
        handles = [handle for pid in family(self._process.pid) for handle in _handles(pid)]
        self._process.kill()
        await self._process.wait()
        for handle in handles:
            assert await asyncio.to_thread(_ends, handle), "a process of the bridge lives on"
            os.close(handle)

    async def close(self) -> None:
        """End it, if it is there."""
        if self.is_running:
            assert self._process is not None
            self._process.kill()
            await self._process.wait()

    async def terminate(self) -> int:
        """SIGTERM; the exit code."""
        assert self._process is not None
        self._process.terminate()
        return await self.ended()

    async def ended(self, limit_s: float = 30.0) -> int:
        """The exit code of one that ends by itself."""
        assert self._process is not None
        return await asyncio.wait_for(self._process.wait(), limit_s)

    @property
    def log(self) -> str:
        """All it has said on stderr, of every start."""
        return self._log.read_text()

    def logged(self, event: str) -> list[dict[str, Any]]:
        """The log lines of this name, of every start."""
        lines = [json.loads(line) for line in self.log.splitlines() if line.startswith("{")]
        return [line for line in lines if line["event"] == event]

    def asked(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """What the journal answers."""
        database = sqlite3.connect(f"file:{self.journal}?mode=ro", uri=True)
        try:
            return database.execute(query, values).fetchall()
        finally:
            database.close()


def family(pid: int) -> list[int]:
    """The children of a process, and theirs."""
    return [each for child in children(pid) for each in (child, *family(child))]


def children(pid: int) -> list[int]:
    """The children of a process; none when it has ended."""
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except FileNotFoundError:
        return []


def _handles(pid: int) -> list[int]:
    """A pidfd; none when the process has ended."""
    try:
        return [os.pidfd_open(pid)]
    except ProcessLookupError:
        return []


def _ends(handle: int) -> bool:
    """The process behind a pidfd is gone within 5 s."""
    readable, _, _ = select.select([handle], [], [], 5.0)
    return bool(readable)
