"""[sans-IO] What was said on a call, as far as its engine tells."""

from collections import deque

#: A call that says more than this is cut at its beginning: what was said last matters to who takes over.
MAX_CHARACTERS = 100_000
MAX_LINES = 2_000


class Transcript:
    """Lines of who, "bot" or "customer", said what; bounded."""

    def __init__(self) -> None:
        self._lines: deque[tuple[str, str]] = deque()
        self._characters = 0

    @property
    def lines(self) -> tuple[tuple[str, str], ...]:
        """In the order in which they were said."""
        return tuple(self._lines)

    def add(self, role: str, text: str) -> None:
        """One more line."""
        text = text[:MAX_CHARACTERS]
        self._lines.append((role, text))
        self._characters += len(text)
        while self._characters > MAX_CHARACTERS or len(self._lines) > MAX_LINES:
            self._characters -= len(self._lines.popleft()[1])
