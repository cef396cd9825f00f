"""[sans-IO] How it goes with one webhook since the start of the bridge."""

from dataclasses import dataclass


@dataclass
class Tally:
    """Counts, and the last trouble."""

    delivered: int = 0
    """Messages that were taken."""
    failed: int = 0
    """Tries that failed."""
    given_up: int = 0
    """Messages that nobody took for a day, or that the receiver said it never wants."""
    failing_since: float | None = None
    """No try has succeeded since then, in seconds since the epoch; None: the last one did, or there was none."""
    last_error: str = ""
    """Of the last try that failed."""

    def taken(self) -> None:
        """A message was."""
        self.delivered += 1
        self.failing_since = None

    def not_taken(self, error: str, now: float, *, given_up: bool) -> None:
        """A try failed."""
        self.failed += 1
        self.given_up += given_up
        self.last_error = error
        self.failing_since = self.failing_since or now
