"""What a child process writes to stderr, as lines of our log: a child never waits for who reads the log."""

import asyncio
import os

import structlog

log = structlog.get_logger()

#: Lines of one child that are kept in `_SPAN_S` seconds; the others are counted.
_LINES = 50
_SPAN_S = 10.0
#: Characters of a line that are kept.
_LENGTH = 500
_READ = 65_536


class ChildStderr:
    """A pipe for one child's stderr. Give `descriptor` to the child, then call `begin`."""

    def __init__(self, event: str) -> None:
        """`event`: the name of the log line."""
        self._event = event
        self._ours, self.descriptor = os.pipe()
        os.set_blocking(self._ours, False)
        self._loop = asyncio.get_running_loop()
        self._rest = b""
        self._left = _LINES
        self._left_out = 0
        self._span_ends = 0.0
        self._open = True

    def begin(self) -> None:
        """The child has its end: ours of it is closed, and what the child says is read until it is gone."""
        os.close(self.descriptor)
        self._loop.add_reader(self._ours, self._read)

    def close(self) -> None:
        """The child is gone: what it said last is read."""
        while self._open and self._read():
            pass
        self._end()

    def _read(self) -> bool:
        """False: there is no more now."""
        try:
            text = os.read(self._ours, _READ)
        except BlockingIOError:
            return False
        if not text:
            self._end()
            return False
        *lines, self._rest = (self._rest + text).split(b"\n")
        for line in lines:
            self._say(line)
        if len(self._rest) > _LENGTH:
            self._rest = self._rest[:_LENGTH]  # a line without an end does not grow
        return True

    def _end(self) -> None:
        if not self._open:
            return
        self._open = False
        self._loop.remove_reader(self._ours)
        os.close(self._ours)
        self._say(self._rest)
        if self._left_out:
            log.error(self._event, lines_left_out=self._left_out)

    def _say(self, line: bytes) -> None:
        text = line.decode("utf-8", "backslashreplace").rstrip()[:_LENGTH]
        if not text:
            return
        now = self._loop.time()
        if now >= self._span_ends:
            self._span_ends, self._left = now + _SPAN_S, _LINES
            if self._left_out:
                log.error(self._event, lines_left_out=self._left_out)
                self._left_out = 0
        if self._left:
            self._left -= 1
            log.error(self._event, line=text)
        else:
            self._left_out += 1
