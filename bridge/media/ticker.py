"""The one timer of the media process: all calls send what is theirs in the same 20 ms."""

import asyncio
import time
from typing import Protocol

from bridge.media.slots import Slots


class Ticked(Protocol):
    """What is ticked."""

    @property
    def sessions(self) -> int:
        """How many calls there are; without any nothing runs."""

    def tick(self, number: int, due: float, missed: int) -> None:
        """Slot `number` has come; it was due at `due` (seconds, monotonic), and so many before it were missed."""


class Ticker:
    """Calls `tick` in every slot while there are sessions; after a standstill once, with what was missed."""

    def __init__(self, relay: Ticked) -> None:
        self._relay = relay
        self._loop = asyncio.get_running_loop()
        self._slots = Slots(time.monotonic())
        self._timer: asyncio.TimerHandle | None = None

    def wake(self) -> None:
        """Sessions may be open now."""
        if self._timer is None and self._relay.sessions:
            self._slots.skip(time.monotonic())
            self._arm()

    def stop(self) -> None:
        """No more ticks."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _arm(self) -> None:
        now = time.monotonic()
        self._timer = self._loop.call_later(self._slots.next_at(now) - now, self._fire)

    def _fire(self) -> None:
        self._timer = None
        slot = self._slots.take(time.monotonic())
        if self._relay.sessions:
            self._arm()  # first, so that no fault in a tick ends all ticks
        if slot is not None:
            number, missed = slot
            self._relay.tick(number, self._slots.due(number), missed)
