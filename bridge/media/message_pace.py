"""[sans-IO] How fast an engine's messages are read: one that floods the bridge must not keep other calls waiting."""

#: So much is read at a stretch. A sane engine sends 50 messages a second, and a few hundred when it begins to speak.
BATCH_MESSAGES = 16
BATCH_BYTES = 64 * 1024
#: The pause after it: 3,200 messages or 13 MB a second at most.
PAUSE_S = 0.005


class MessagePace:
    """Counts what is read within a pause's length."""

    def __init__(self) -> None:
        self._since = 0.0
        self._messages = self._bytes = 0

    def take(self, length: int, now: float) -> float:
        """A message of so many bytes was read; returns for how many seconds to pause, 0 for not at all."""
        if now - self._since >= PAUSE_S:
            self._since, self._messages, self._bytes = now, 0, 0
        self._messages += 1
        self._bytes += length
        if self._messages < BATCH_MESSAGES and self._bytes < BATCH_BYTES:
            return 0.0
        pause = PAUSE_S * max(1.0, self._bytes / BATCH_BYTES)
        self._since, self._messages, self._bytes = now + pause, 0, 0
        return pause
