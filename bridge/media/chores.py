"""[sans-IO] Small work of the tick that waits for a moment in which no packet has come."""

from collections import deque
from collections.abc import Callable


class Chores:
    """Pieces of work, in the order in which they were added, each for somebody who may be gone before."""

    def __init__(self) -> None:
        self._waiting: deque[tuple[object, Callable[[], None]]] = deque()

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, whose: object, work: Callable[[], None]) -> None:
        """To be done soon: packets wait for one such piece at most."""
        self._waiting.append((whose, work))

    def do_one(self) -> None:
        """The piece that has waited longest, if there is one."""
        if self._waiting:
            _, work = self._waiting.popleft()
            work()

    def forget(self, whose: object) -> None:
        """It is gone: nothing is done for it any more."""
        if self._waiting:
            self._waiting = deque(each for each in self._waiting if each[0] is not whose)
