"""What the edge logs of datagrams it refuses or fails on: a few lines a second at most, however many there are."""

import structlog

from sip.actions import NoteRefusal
from sip.counters import Count, Counters
from sip.sources import TokenBucket

log = structlog.get_logger()

#: Seconds between two warnings about strangers or sources over their rate.
_WARNING_INTERVAL = 60.0
#: Other lines: a second in the long run, and at once.
_LINES_PER_S = 5.0
_LINES_AT_ONCE = 50


class RefusalLog:
    """Writes the lines; the counters tell of all datagrams, those without a line included. Times are in seconds."""

    def __init__(self, counters: Counters) -> None:
        self._counters = counters
        self._lines = TokenBucket(_LINES_PER_S, _LINES_AT_ONCE, _LINES_AT_ONCE, 0.0)
        self._left_out = 0
        self._warn_at = 0.0
        self._warned: dict[Count, int] = {}

    def refused(self, note: NoteRefusal, now: float) -> None:
        """A debug line; and now and then a warning about who may not call, or calls too often."""
        source = f"{note.source[0]}:{note.source[1]}"
        if self._may_write(now):
            # The key "caller" is one that the bridge's log masks.
            facts = {"why": note.why, "status": note.status, "method": note.method, "caller": note.caller}
            log.debug("request_refused", source=source, **facts, **self._left_out_before())
        if note.why in (Count.STRANGERS, Count.RATE_LIMITED) and now >= self._warn_at:
            self._warn_at = now + _WARNING_INTERVAL
            count = self._counters[note.why]
            log.warning("source_refused", why=note.why, source=source, count=count - self._warned.get(note.why, 0))
            self._warned[note.why] = count

    def failed(self, event: str, now: float, **facts: object) -> None:
        """A fault of the edge, with its trace; to be called where it is caught."""
        self._counters[Count.FAULTS] += 1
        if self._may_write(now):
            log.exception(event, **facts, **self._left_out_before())

    def _may_write(self, now: float) -> bool:
        if self._lines.take(now):
            return True
        self._left_out += 1
        return False

    def _left_out_before(self) -> dict[str, int]:
        """How many lines there were not since the last one."""
        count, self._left_out = self._left_out, 0
        return {"left_out": count} if count else {}
