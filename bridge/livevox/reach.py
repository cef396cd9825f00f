"""[sans-IO] Whether LiveVox's REST API answers, by what became of the requests that were made anyway."""

#: So many requests in a row without a usable answer: one that is lost says nothing yet.
FAILURES = 3
#: Names of errors that are not LiveVox's word on a request, but the lack of one.
_NO_ANSWER = frozenset({"LiveVoxUnreachable", "UnreadableAnswer"})


class Reach:
    """Listens to every request's end; idle agents make one every few minutes."""

    def __init__(self) -> None:
        self._failures = 0
        self._first: float | None = None

    def heard(self, status: int | None, error: str | None, now: float) -> None:
        """A request has ended: its HTTP status, and the name of the error, if it was one; `now` in any seconds."""
        if error == "Cancelled":
            return
        if error in _NO_ANSWER or (status or 0) >= 500:
            self._failures += 1
            self._first = now if self._first is None else self._first
        else:
            self._failures, self._first = 0, None

    @property
    def lost_since(self) -> float | None:
        """When the first of the requests failed since which none has succeeded; None: LiveVox answers."""
        return self._first if self._failures >= FAILURES else None
