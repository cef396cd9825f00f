"""[sans-IO] When a message that was not taken is sent again, and when it is given up."""

from dataclasses import dataclass
from random import Random

#: The receiver says that it wants no more of it (RFC 9110 section 15.5.11).
GONE = 410


@dataclass(frozen=True)
class RetryPolicy:
    """Times in seconds."""

    first_s: float = 5.0
    """After the first try that failed; then twice as long each time."""
    longest_s: float = 3_600.0
    limit_s: float = 86_400.0
    """A message that nobody has taken for so long is given up."""

    def next_try(self, made_at: float, tries: int, now: float, status: int | None, chance: Random) -> float | None:
        """When to send it again after `tries` that failed, in the clock of `now`; None: never.

        Each wait is lengthened by up to a half, so that the messages of a receiver that was away spread.
        """
        wait = min(self.first_s * 2.0 ** min(tries - 1, 30), self.longest_s) * chance.uniform(1.0, 1.5)
        return None if status == GONE or now + wait > made_at + self.limit_s else now + wait


def is_taken(status: int) -> bool:
    """The receiver has the message."""
    return 200 <= status < 300
