"""Dialog slots that ended engine legs still hold, and that a new leg may be given.

A leg has ended for the bridge as soon as it is hung up. For pjsip it holds its slot until the BYE or CANCEL is
answered, or until the transaction is given up; an engine that is gone answers nothing, and the next engine is
dialled at that very moment.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from sip.messages import Leg

#: An INVITE that was cancelled waits so long for its final response before it may lose its slot, in seconds.
PATIENCE_S = 0.5


@dataclass(frozen=True)
class _Remains:
    side: Leg
    yields_at: float


class Remains:
    """Whose slots may be taken; `now` is time.monotonic()."""

    def __init__(self) -> None:
        self._slots: dict[int, _Remains] = {}
        """The leg that ended last in each slot."""

    def add(self, slot: int, side: Leg, confirmed: bool, now: float) -> None:
        """A leg has ended in this slot, which it may hold still.

        The BYE of a confirmed one goes on without the slot. A cancelled one would leave its final response unanswered.
        """
        self._slots[slot] = _Remains(side, now if confirmed else now + PATIENCE_S)

    def yielding(self, occupied: Iterable[int], living: Iterable[int], now: float) -> list[int]:
        """Occupied slots of ended engine legs; a customer's BYE is never given up."""
        alive = set(living)
        return [
            slot
            for slot in occupied
            if slot not in alive
            and (remains := self._slots.get(slot)) is not None
            and remains.side is Leg.ENGINE
            and now >= remains.yields_at
        ]
