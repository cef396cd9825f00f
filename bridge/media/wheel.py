"""[sans-IO] A timing wheel of ticks: who is to be looked at in which of the next few."""

from typing import Generic, TypeVar

Item = TypeVar("Item")


class Wheel(Generic[Item]):
    """Each item stands in one slot at most; turning to a tick takes out what has come due."""

    #: Ticks ahead an item can be put, and one more.
    SLOTS = 8

    def __init__(self) -> None:
        self._slots: list[dict[Item, None]] = [{} for _ in range(self.SLOTS)]
        self._slot_of: dict[Item, int] = {}
        self._tick = 0

    def put(self, item: Item, ticks: int) -> None:
        """Look at the item that many ticks after the last turn, 1 to SLOTS - 1; moves it if it stands elsewhere."""
        self.drop(item)
        slot = (self._tick + min(max(ticks, 1), self.SLOTS - 1)) % self.SLOTS
        self._slots[slot][item] = None
        self._slot_of[item] = slot

    def drop(self, item: Item) -> None:
        """Look at it no more."""
        slot = self._slot_of.pop(item, None)
        if slot is not None:
            del self._slots[slot][item]

    def turn(self, tick: int) -> list[Item]:
        """What has come due up to this tick, taken out; ticks that were missed are made up for at once."""
        first = max(self._tick + 1, tick - self.SLOTS + 1)
        due: list[Item] = []
        for missed in range(first, tick + 1):
            slot = self._slots[missed % self.SLOTS]
            due += slot
            slot.clear()
        for item in due:
            del self._slot_of[item]
        self._tick = max(tick, self._tick)
        return due
