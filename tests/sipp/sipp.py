"""One run of SIPp: how it is started, what it says while it runs, and what went wrong."""

import asyncio
import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

SCENARIOS = Path(__file__).parents[2] / "sipp_scenarios"
LOOPBACK = "127.0.0.1"
#: SIPp gives up after so many seconds; we a little later, should it not.
LIMIT_S = 30
_BEYOND_S = 5.0
#: How much of a trace is printed: its end tells what went wrong.
_TRACE_CHARACTERS = 12_000

#: A line of -trace_shortmsg: when, sent or received, Call-ID, CSeq, first line.
_LINE = re.compile(
    r"[^\t]*\t[^\t]*\t[^\t]*\t(?P<way>[SR])\t(?P<call_id>[^\t]*)\tCSeq:\d+ (?P<method>[A-Z]+)\t(?P<start>.*)"
)


@dataclass(frozen=True)
class Passed:
    """A SIP message that SIPp sent or received."""

    sent: bool
    call_id: str
    method: str
    """Of the request, or of the one a response answers."""
    start: str
    """The first line."""

    @classmethod
    def parse(cls, line: str) -> "Passed | None":
        """Read a line; None for what is no message."""
        found = _LINE.fullmatch(line)
        if found is None:
            return None
        return cls(found["way"] == "S", found["call_id"], found["method"], found["start"])

    @property
    def status(self) -> int:
        """Of a response; 0 for a request."""
        return int(self.start.split()[1]) if self.start.startswith("SIP/2.0 ") else 0


class ScenarioFailed(AssertionError):
    """SIPp says that a call did not go as its scenario says."""


class Sipp:
    """Runs one scenario once; everything it writes goes to a folder."""

    def __init__(self, scenario: str, options: Sequence[str], folder: Path) -> None:
        """`options` as in the table of the scenarios, but for -sf; a port is added where they name none."""
        self.scenario = scenario
        self.on_message: Callable[[Passed], None] = lambda message: None
        self._options = tuple(options)
        self._folder = folder

    async def run(self) -> None:
        """Play the scenario to its end. Raises ScenarioFailed."""
        reading, writing = os.pipe()
        try:
            with (self._folder / "screen.txt").open("wb") as screen:
                process = await asyncio.create_subprocess_exec(
                    *self._command(writing),
                    stdin=asyncio.subprocess.DEVNULL,
                    stdout=screen,
                    stderr=screen,
                    cwd=self._folder,
                    pass_fds=(writing,),
                )
        finally:
            os.close(writing)
        try:
            async with asyncio.timeout(LIMIT_S + _BEYOND_S):
                await self._listen(reading)
                status = await process.wait()
        except TimeoutError:
            raise ScenarioFailed(self._report("did not end")) from None
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        if status != 0:
            raise ScenarioFailed(self._report(f"ended with {status}"))

    def _command(self, channel: int) -> list[str]:
        return [
            "sipp",
            *self._options,
            *("-sf", str(SCENARIOS / self.scenario)),
            *("-nostdin", "-timeout", str(LIMIT_S), "-timeout_error", "-recv_timeout", "12000"),
            *("-trace_msg", "-message_file", "messages.txt", "-trace_err", "-error_file", "errors.txt"),
            *("-trace_shortmsg", "-shortmessage_file", f"/dev/fd/{channel}"),
        ]

    async def _listen(self, descriptor: int) -> None:
        """Tell what SIPp sends and receives, at once, until it ends."""
        reader = asyncio.StreamReader()
        loop = asyncio.get_running_loop()
        pipe = os.fdopen(descriptor, "rb", buffering=0)
        transport, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), pipe)
        try:
            async for line in reader:
                message = Passed.parse(line.decode("utf-8", "replace").rstrip("\r\n"))
                if message is not None:
                    self.on_message(message)
        finally:
            transport.close()

    def _report(self, how: str) -> str:
        parts = [f"{self.scenario} {how}: sipp {' '.join(self._options)}"]
        for name in ("screen.txt", "messages.txt", "errors.txt"):
            path = self._folder / name
            text = path.read_text("utf-8", "replace") if path.exists() else ""
            parts.append(f"--- {name}\n{text[-_TRACE_CHARACTERS:]}")
        return "\n".join(parts)
