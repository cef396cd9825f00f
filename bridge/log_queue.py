"""The way of log lines to a descriptor: through a bounded queue and a thread, so that a slow reader stops no call."""

import contextlib
import io
import os
import select
import threading
from collections import deque
from collections.abc import Iterator
from typing import TextIO

import structlog

log = structlog.get_logger()

#: Bytes that wait for the reader: some 10,000 lines. What comes on top of them is left out, and counted.
MAX_WAITING = 4 * 1024 * 1024
#: Bytes in one write.
_BATCH = 64 * 1024
#: At the end the reader has so long to take what waits, in seconds.
_LAST_S = 2.0


class LogQueue(io.TextIOBase):
    """A text stream that never waits and never fails.

    Lines go to `descriptor` in their order. When the reader takes lines again after some were left out, a line
    `log_lines_left_out` says how many. When nobody can read any more (the pipe is closed, the disk is full), lines are
    left out too, until writing works again.
    """

    def __init__(self, descriptor: int, *, max_waiting: int = MAX_WAITING) -> None:
        """Starts the thread."""
        self.left_out = 0
        """Lines that were not written, since the start."""
        self._descriptor = descriptor
        self._max_waiting = max_waiting
        self._lines: deque[bytes] = deque()
        self._bytes = 0
        self._told = 0
        """Of those left out, how many a line has told of."""
        self._ending = False
        self._stirred = threading.Condition()
        self._thread = threading.Thread(target=self._work, name="log", daemon=True)
        self._thread.start()

    def write(self, text: str) -> int:
        """One line, or several; left out when too much waits."""
        line = text.encode("utf-8", "backslashreplace")
        with self._stirred:
            # The thread's own line tells of the others: there is always room for it.
            if self._bytes + len(line) > self._max_waiting and threading.current_thread() is not self._thread:
                self.left_out += 1
            else:
                self._lines.append(line)
                self._bytes += len(line)
                self._stirred.notify()
        return len(text)

    def isatty(self) -> bool:
        """Somebody sits in front of it."""
        return os.isatty(self._descriptor)

    def end(self, limit_s: float = _LAST_S) -> None:
        """Let the reader take what waits, for so many seconds at most; lines that come later are lost."""
        with self._stirred:
            self._ending = True
            self._stirred.notify()
        self._thread.join(limit_s)

    # the thread

    def _work(self) -> None:
        while lines := self._next():
            if not self._put(b"".join(lines)):
                with self._stirred:
                    self.left_out += len(lines)
            elif self.left_out > self._told:
                count, self._told = self.left_out - self._told, self.left_out
                log.warning("log_lines_left_out", lines=count)

    def _next(self) -> list[bytes]:
        """Wait for lines; none: the end."""
        with self._stirred:
            while not self._lines and not self._ending:
                self._stirred.wait()
            lines, size = [], 0
            while self._lines and size < _BATCH:
                lines.append(self._lines.popleft())
                size += len(lines[-1])
            self._bytes -= size
            return lines

    def _put(self, text: bytes) -> bool:
        """False: it cannot be written, or only in part."""
        try:
            while text:
                text = text[self._write_some(text) :]
        except OSError:
            return False
        return True

    def _write_some(self, text: bytes) -> int:
        try:
            return os.write(self._descriptor, text)
        except BlockingIOError:  # another process that has this pipe, too, made it non-blocking
            select.select([], [self._descriptor], [])
            return 0


@contextlib.contextmanager
def queued(stream: TextIO) -> Iterator[LogQueue]:
    """A queue in front of a stream that has a descriptor; on leaving, what waits is written."""
    stream.flush()
    queue = LogQueue(stream.fileno())
    try:
        yield queue
    finally:
        queue.end()
