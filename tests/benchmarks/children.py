"""Processes that a load is made of: started with lines to read and to write, and ended with the one that measures."""

import asyncio
import json
import sys
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

from tests.integration.bridge_process import ROOT

_START_S = 20.0
_LINE = 4 * 1024 * 1024


class LoadFailed(Exception):
    """What was to make the load did not."""


class Child:
    """`async with Child("tests.benchmarks.probe", "40") as probe: first = await probe.said()`."""

    def __init__(self, module: str, *arguments: str) -> None:
        self._module = module
        self._arguments = arguments
        self._process: asyncio.subprocess.Process | None = None
        self._reader: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int:
        """Of its process."""
        assert self._process is not None
        return self._process.pid

    async def __aenter__(self) -> Self:
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            self._module,
            *self._arguments,
            cwd=ROOT,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=_LINE,
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process is not None
        if self._reader is not None:
            self._reader.cancel()
        if self._process.returncode is None:
            self._process.kill()
        await self._process.wait()

    def tell(self, line: str) -> None:
        """An order, or data; lost when the process is gone, at the end of a load."""
        assert self._process is not None and self._process.stdin is not None
        if self._process.stdin.is_closing():
            return
        self._process.stdin.write(f"{line}\n".encode())

    async def said(self, limit_s: float = _START_S) -> Any:
        """Its next line, read as JSON. Raises LoadFailed."""
        assert self._process is not None and self._process.stdout is not None
        try:
            line = await asyncio.wait_for(self._process.stdout.readline(), limit_s)
        except TimeoutError:
            raise LoadFailed(f"{self._module} has said nothing for {limit_s:g} s") from None
        if not line:
            raise LoadFailed(f"{self._module} has ended; see above")
        return json.loads(line)

    def listen(self, hear: Callable[[Any], None]) -> None:
        """Give all further lines to this."""
        self._reader = asyncio.create_task(self._read(hear), name=f"lines of {self._module}")

    async def _read(self, hear: Callable[[Any], None]) -> None:
        assert self._process is not None and self._process.stdout is not None
        while line := await self._process.stdout.readline():
            hear(json.loads(line))
