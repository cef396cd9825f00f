"""[sans-IO] What the edge has answered to requests whose effect must not come twice (RFC 3261 section 17.2.2)."""

from collections import OrderedDict

#: Seconds an answer is kept for retransmissions (timer J), and how many are kept at most.
KEPT = 32.0
ANSWERS_KEPT = 8192


class AnsweredRequests:
    """Answers by the key of their transaction; beyond the bound the oldest is forgotten."""

    def __init__(self) -> None:
        self._answers: OrderedDict[bytes, tuple[float, bytes]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._answers)

    def find(self, key: bytes) -> bytes | None:
        """What was answered to this request before."""
        found = self._answers.get(key)
        return found[1] if found else None

    def remember(self, key: bytes, datagram: bytes, now: float) -> None:
        """A request was answered with this."""
        self._answers[key] = (now + KEPT, datagram)
        self._answers.move_to_end(key)
        if len(self._answers) > ANSWERS_KEPT:
            self._answers.popitem(last=False)

    @property
    def deadline(self) -> float | None:
        """When to call expire; None when nothing is kept."""
        return next(iter(self._answers.values()))[0] if self._answers else None

    def expire(self, now: float) -> None:
        """Forget what is old."""
        while self._answers and next(iter(self._answers.values()))[0] <= now:
            self._answers.popitem(last=False)
