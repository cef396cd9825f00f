"""What child processes write to stderr becomes lines of the log, whoever reads that."""

import asyncio
import sys

from structlog.testing import capture_logs
from structlog.typing import EventDict

from sip.child_stderr import ChildStderr


async def said_by(program: str) -> list[EventDict]:
    """The log lines of a process that runs this program."""
    with capture_logs() as lines:
        stderr = ChildStderr("child_said")
        command = [sys.executable, "-c", f"import sys; {program}"]
        child = await asyncio.create_subprocess_exec(*command, stderr=stderr.descriptor)
        stderr.begin()
        code = await asyncio.wait_for(child.wait(), 20.0)
        stderr.close()
        stderr.close()  # a second time changes nothing
    assert code == 0
    return lines


async def test_each_line_is_a_line_of_the_log() -> None:
    lines = await said_by(r"sys.stderr.write('one\n\n  two\nthree')")
    assert [(line["event"], line["log_level"], line["line"]) for line in lines] == [
        ("child_said", "error", "one"),
        ("child_said", "error", "  two"),
        ("child_said", "error", "three"),
    ]


async def test_a_flood_is_counted_and_keeps_the_child_from_nothing() -> None:
    lines = await said_by(r"[sys.stderr.write(f'{number}\n') for number in range(20_000)]")
    said = [line["line"] for line in lines if "line" in line]
    assert len(said) < 500
    assert len(said) + sum(line.get("lines_left_out", 0) for line in lines) == 20_000


async def test_a_line_that_never_ends_is_cut() -> None:
    (line,) = await said_by("sys.stderr.write('x' * 1_000_000)")
    assert line["line"] == "x" * 500


async def test_what_is_not_text_is_readable() -> None:
    (line,) = await said_by(r"sys.stderr.buffer.write(b'\xff!\n')")
    assert line["line"] == "\\xff!"
