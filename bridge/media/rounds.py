"""[sans-IO] Who is looked at once in a while is looked at a few in each slot of 20 ms: audio must not wait for all."""

from collections import deque
from collections.abc import Callable, Iterable
from typing import Generic, TypeVar

Each = TypeVar("Each")

#: So many shares are taken at once at most.
_SLOTS_AT_ONCE = 2


class Rounds(Generic[Each]):
    """Goes through all there are once in so many slots, in equal shares, but `at_least` so many in one."""

    def __init__(self, slots: int, at_least: int) -> None:
        self.begun = 0
        """Rounds, the one that goes on included."""
        self._slots, self._at_least = slots, at_least
        self._begun_at_slot = 0
        self._slot = 0
        self._share = at_least
        self._waiting: deque[Each] = deque()

    def take(self, number: int, everybody: Callable[[], Iterable[Each]]) -> list[Each]:
        """Whose turn it is in slot `number`; `everybody` is asked for when a round begins.

        A slot that was left out has its share in the next one, but not all that were missed in a standstill.
        """
        waiting = self._waiting
        turns = min(number - self._slot, _SLOTS_AT_ONCE)
        self._slot = number
        if number - self._begun_at_slot >= self._slots and not waiting:
            self._begun_at_slot = number
            self.begun += 1
            turns = 1
            waiting.extend(everybody())
            self._share = max(self._at_least, -(-len(waiting) // self._slots))
        return [waiting.popleft() for _ in range(min(turns * self._share, len(waiting)))]

    @property
    def waiting(self) -> int:
        """Whose turn is still to come in this round."""
        return len(self._waiting)

    def forget(self, each: Each) -> None:
        """It is gone."""
        if each in self._waiting:
            self._waiting.remove(each)
