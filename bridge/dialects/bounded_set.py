"""[sans-IO] A set of ids that a peer makes up: it forgets the oldest rather than grow."""


class BoundedSet:
    """The last so many ids that were added."""

    def __init__(self, size: int = 256) -> None:
        self._size = size
        self._ids: dict[str, None] = {}

    def __contains__(self, id: str) -> bool:
        return id in self._ids

    def add(self, id: str) -> bool:
        """False when it was there."""
        if id in self._ids:
            return False
        self._ids[id] = None
        if len(self._ids) > self._size:
            del self._ids[next(iter(self._ids))]
        return True
