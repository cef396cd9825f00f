"""Log lines on their way to a reader that is slow, or gone."""

import errno
import json
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from bridge import logs
from bridge.log_queue import LogQueue, queued


class Pipe:
    """A pipe that holds one page, and nobody reads it unless told to."""

    def __init__(self) -> None:
        self.ours, self.theirs = os.pipe()

    def fill(self) -> int:
        """Until no byte more goes in; how many did."""
        os.set_blocking(self.theirs, False)
        count = 0
        try:
            while True:
                count += os.write(self.theirs, b"\n" * 512)
        except BlockingIOError:
            return count
        finally:
            os.set_blocking(self.theirs, True)

    def read_to_the_end(self) -> str:
        """All there is, once the other end is closed."""
        with open(self.ours, "rb", closefd=False) as reader:
            return reader.read().decode()

    def close(self) -> None:
        for end in (self.ours, self.theirs):
            try:
                os.close(end)
            except OSError as exc:
                assert exc.errno == errno.EBADF


@pytest.fixture
def pipe() -> Iterator[Pipe]:
    made = Pipe()
    yield made
    made.close()


@pytest.fixture
def logging_as_before() -> Iterator[None]:
    yield
    structlog.reset_defaults()


def test_lines_come_in_their_order(pipe: Pipe) -> None:
    queue = LogQueue(pipe.theirs)
    for number in range(1000):
        queue.write(f"line {number}\n")
    queue.end()
    os.close(pipe.theirs)
    assert pipe.read_to_the_end() == "".join(f"line {number}\n" for number in range(1000))


def test_what_is_no_unicode_text_is_written_all_the_same(pipe: Pipe) -> None:
    queue = LogQueue(pipe.theirs)
    queue.write("half a letter: \ud83d\n")
    queue.end()
    os.close(pipe.theirs)
    assert pipe.read_to_the_end() == "half a letter: \\ud83d\n"


def test_writing_does_not_wait_for_a_reader_that_reads_nothing(pipe: Pipe) -> None:
    pipe.fill()
    queue = LogQueue(pipe.theirs, max_waiting=10_000)
    writer = threading.Thread(target=lambda: [queue.write("x" * 99 + "\n") for _ in range(1000)], daemon=True)
    writer.start()
    writer.join(10.0)
    assert not writer.is_alive()
    assert 0 < queue.left_out < 1000
    queue.end(0.01)  # nor does the end


@pytest.mark.usefixtures("logging_as_before")
def test_a_line_says_how_many_were_left_out_once_the_reader_reads_again(pipe: Pipe) -> None:
    pipe.fill()
    queue = LogQueue(pipe.theirs, max_waiting=10_000)
    logs.configure(stream=queue)  # type: ignore[arg-type]
    logger = structlog.get_logger()
    for number in range(500):
        logger.info("line", number=number)
    left_out = queue.left_out
    assert 0 < left_out < 500
    seen: list[str] = []
    reader = threading.Thread(target=lambda: seen.append(pipe.read_to_the_end()), daemon=True)
    reader.start()
    queue.end(10.0)
    os.close(pipe.theirs)
    reader.join(10.0)
    lines = [json.loads(line) for line in seen[0].splitlines() if line]
    numbers = [line["number"] for line in lines[:-1]]
    assert numbers == sorted(numbers)
    assert len(numbers) == 500 - left_out
    assert (lines[-1]["event"], lines[-1]["level"], lines[-1]["lines"]) == ("log_lines_left_out", "warning", left_out)


def test_lines_for_a_reader_that_has_gone_are_counted_and_fail_nobody(pipe: Pipe) -> None:
    os.close(pipe.ours)
    queue = LogQueue(pipe.theirs)
    queue.write("one\n")
    queue.end()
    assert queue.left_out == 1


def test_a_pipe_that_another_process_made_non_blocking_is_waited_for_in_the_thread(pipe: Pipe) -> None:
    filled = pipe.fill()
    os.set_blocking(pipe.theirs, False)
    queue = LogQueue(pipe.theirs)
    queue.write("one\n")
    assert len(os.read(pipe.ours, filled)) == filled
    queue.end()
    assert os.read(pipe.ours, 100) == b"one\n"
    assert queue.left_out == 0


def test_what_waits_is_written_before_the_end(tmp_path: Path) -> None:
    path = tmp_path / "log"
    with path.open("w") as file:
        file.write("before\n")
        with queued(file) as stream:
            stream.write("after\n")
            assert not stream.isatty()
    assert path.read_text() == "before\nafter\n"
