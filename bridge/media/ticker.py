"""The one timer of the media process: all calls send what is theirs in the same 20 ms."""

import asyncio
import time
from collections.abc import Callable
from typing import Protocol

from bridge.media.slots import Slots


class Ticked(Protocol):
    """What is ticked."""

    @property
    def sessions(self) -> int:
        """How many calls there are; without any nothing runs."""

    @property
    def calm(self) -> bool:
        """Nothing of ours is sent to anyone: every other slot is enough."""

    def tick(self, number: int, due: float, missed: int) -> None:
        """Slot `number` has come; it was due at `due` (seconds, monotonic), and so many before it were missed."""


#: Slots from one tick to the next while all is calm.
_CALM_SLOTS = 2


class Ticker:
    """Calls `tick` in every slot while there are sessions; after a standstill once, with what was missed.

    While all is calm it is every other slot, and what lies between is not missed.
    """

    def __init__(self, relay: Ticked, armed: Callable[[float], None] = lambda due: None) -> None:
        """`armed` is told when the next tick is due; seconds, monotonic."""
        self._relay = relay
        self._armed = armed
        self._loop = asyncio.get_running_loop()
        self._slots = Slots(time.monotonic())
        self._timer: asyncio.TimerHandle | None = None
        self._ahead = 1

    def wake(self) -> None:
        """Sessions may be open now, or it is calm no more."""
        if not self._relay.sessions:
            return
        if self._timer is None:
            self._slots.skip(time.monotonic())
            self._arm()
        elif self._ahead > 1 and not self._relay.calm:
            self._arm()

    def stop(self) -> None:
        """No more ticks."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _arm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._ahead = _CALM_SLOTS if self._relay.calm else 1
        due = self._slots.next_at(self._ahead)
        self._timer = self._loop.call_later(max(due - time.monotonic(), 0.0), self._fire)
        self._armed(due)

    def _fire(self) -> None:
        self._timer = None
        slot = self._slots.take(time.monotonic())
        try:
            if slot is not None:
                number, missed = slot
                self._relay.tick(number, self._slots.due(number), missed)
        finally:  # no fault in a tick ends all ticks
            if self._relay.sessions:
                self._arm()
