"""[sans-IO] Which item the audio of a queue belongs to, and how much of each is over."""

from collections import deque

from bridge.dialects.dialect import Cut
from bridge.media.g711 import BYTES_PER_MS


class _Stretch:
    """Audio of one item, in one piece."""

    __slots__ = ("item", "left")

    def __init__(self, item: str, size: int) -> None:
        self.item, self.left = item, size


class SpokenItems:
    """The items of one queue. A name may come back later; what was over of it then counts on."""

    #: Stretches that may wait: an engine that floods shall not fill the memory with names.
    MAX_STRETCHES = 4096
    #: Items whose position is known after they are over.
    REMEMBERED = 64

    __slots__ = ("_over", "_stretches")

    def __init__(self) -> None:
        self._stretches: deque[_Stretch] = deque()
        self._over: dict[str, int] = {}

    def queue(self, item: str, size: int) -> bool:
        """So many bytes of this item follow; False when there is no room for a further stretch."""
        if self._stretches and self._stretches[-1].item == item:
            self._stretches[-1].left += size
            return True
        if len(self._stretches) >= self.MAX_STRETCHES:
            return False
        self._stretches.append(_Stretch(item, size))
        return True

    def over(self, size: int) -> None:
        """So many bytes have been taken from the front."""
        while size:
            first = self._stretches[0]
            part = size if size < first.left else first.left
            size -= part
            first.left -= part
            if first.item:
                self._count(first.item, part)
            if not first.left:
                self._stretches.popleft()

    def _count(self, item: str, size: int) -> None:
        if item not in self._over and len(self._over) >= self.REMEMBERED:
            del self._over[next(iter(self._over))]
        self._over[item] = self._over.get(item, 0) + size

    def over_ms(self, item: str) -> int:
        """How much of this item is over, whole milliseconds, rounded down."""
        return self._over.get(item, 0) // BYTES_PER_MS

    def cut(self) -> Cut:
        """All that waits is taken back."""
        names = list(dict.fromkeys(stretch.item for stretch in self._stretches))
        self._stretches.clear()
        if not names:
            return Cut("", 0)
        return Cut(names[0], self.over_ms(names[0]), tuple(name for name in names[1:] if name))
