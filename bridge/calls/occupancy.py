"""Which calls hold ports and dialogs, and which are not settled yet; who waits for none being left is told."""

import asyncio
from contextlib import suppress


class Occupancy:
    """Calls by our call id."""

    def __init__(self) -> None:
        self._holding: set[str] = set()
        self._unsettled: set[str] = set()
        self._quiet, self._idle = asyncio.Event(), asyncio.Event()
        self._look()

    def came(self, call: str) -> None:
        """A call is taken: its ports and its worker are being reserved."""
        self._holding.add(call)
        self._unsettled.add(call)
        self._look()

    def legs_over(self, call: str) -> None:
        """Nobody speaks on it any more."""
        self._holding.discard(call)
        self._look()

    def settled(self, call: str) -> None:
        """Its books are closed, or it is not taken after all."""
        self._holding.discard(call)
        self._unsettled.discard(call)
        self._look()

    @property
    def held(self) -> int:
        """How many hold ports and dialogs: what max_calls bounds."""
        return len(self._holding)

    @property
    def is_idle(self) -> bool:
        """There is no call."""
        return not self._unsettled

    async def idle(self) -> None:
        """Return once there is no call."""
        await self._idle.wait()

    async def quiet_within(self, limit_s: float) -> bool:
        """Wait until nobody is on the line with us; False: somebody is, after so long."""
        return await _set_within(self._quiet, limit_s)

    async def idle_within(self, limit_s: float) -> bool:
        """Wait until no call is left, nor the disposition of one; False: some are, after so long."""
        return await _set_within(self._idle, limit_s)

    def _look(self) -> None:
        for event, calls in ((self._quiet, self._holding), (self._idle, self._unsettled)):
            if calls:
                event.clear()
            else:
                event.set()


async def _set_within(event: asyncio.Event, limit_s: float) -> bool:
    with suppress(TimeoutError):
        await asyncio.wait_for(event.wait(), limit_s)
    return event.is_set()
