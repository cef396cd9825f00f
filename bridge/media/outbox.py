"""[sans-IO] What waits for an engine that reads more slowly than it is spoken to."""

from collections import deque
from dataclasses import dataclass

#: Audio that has waited longer is of no use to an engine: it would answer words of long ago for ever after.
STALE_S = 2.0
#: An engine that has read nothing for so long hears nobody.
STUCK_S = 10.0
#: Other messages are kept, up to so many and so many bytes.
MAX_MESSAGES = 500
MAX_BYTES = 1024 * 1024


@dataclass(frozen=True)
class _Waiting:
    message: str | bytes
    is_audio: bool
    since: float


class Outbox:
    """Messages in their order. Audio is dropped when it is stale, other messages never."""

    def __init__(self, stuck_s: float = STUCK_S) -> None:
        self._stuck_s = stuck_s
        #: Messages with audio that were dropped.
        self.dropped = 0
        self._waiting: deque[_Waiting] = deque()
        self._kept = self._kept_bytes = 0
        self._moved_at = 0.0

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, message: str | bytes, is_audio: bool, now: float) -> None:
        """Keep a message until it can be sent."""
        if not self._waiting:
            self._moved_at = now
        self._waiting.append(_Waiting(message, is_audio, now))
        if is_audio:
            self._drop_stale(now)
        else:
            self._kept += 1
            self._kept_bytes += len(message)

    def take(self, now: float) -> str | bytes | None:
        """The next message to be sent; None when none waits."""
        self._drop_stale(now)
        if not self._waiting:
            return None
        self._moved_at = now
        first = self._waiting.popleft()
        if not first.is_audio:
            self._kept -= 1
            self._kept_bytes -= len(first.message)
        return first.message

    def is_hopeless(self, now: float) -> bool:
        """More waits than can be kept, or nothing has been read for too long."""
        stuck = bool(self._waiting) and now - self._moved_at >= self._stuck_s
        return stuck or self._kept > MAX_MESSAGES or self._kept_bytes > MAX_BYTES

    def clear(self) -> None:
        """The connection is gone, and what it was to be told with it."""
        self._waiting.clear()
        self._kept = self._kept_bytes = 0

    def _drop_stale(self, now: float) -> None:
        """The oldest audio is looked at; what was said in between stays."""
        limit = now - STALE_S
        if any(each.is_audio and each.since < limit for each in self._waiting):
            fresh = [each for each in self._waiting if not each.is_audio or each.since >= limit]
            self.dropped += len(self._waiting) - len(fresh)
            self._waiting = deque(fresh)
