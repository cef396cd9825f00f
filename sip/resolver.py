"""Host names of SIP engines to IPv4 addresses, without blocking, kept for a minute."""

import asyncio
import socket
from collections import OrderedDict

#: Seconds an address is kept, and a look-up may take.
KEPT = 60.0
PATIENCE = 4.0

#: Names kept, and look-ups under way, at most.
NAMES = 256
LOOKUPS = 64


class Resolver:
    """Looks up each name once however many ask at the same time."""

    def __init__(self) -> None:
        self._addresses: OrderedDict[str, tuple[float, str]] = OrderedDict()
        self._lookups: dict[str, asyncio.Task[str | None]] = {}

    async def resolve(self, name: str) -> str | None:
        """An IPv4 address of the name; None when it has none, or too many look-ups are under way."""
        loop = asyncio.get_running_loop()
        known = self._addresses.get(name)
        if known is not None and known[0] > loop.time():
            return known[1]
        lookup = self._lookups.get(name)
        if lookup is None:
            if len(self._lookups) >= LOOKUPS:
                return None
            lookup = loop.create_task(self._look_up(name), name=f"resolve {name}")
            self._lookups[name] = lookup
            lookup.add_done_callback(lambda _: self._lookups.pop(name, None))
        return await asyncio.shield(lookup)

    def close(self) -> None:
        """Give up the look-ups under way."""
        for lookup in list(self._lookups.values()):
            lookup.cancel()

    async def _look_up(self, name: str) -> str | None:
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(PATIENCE):
                found = await loop.getaddrinfo(name, None, family=socket.AF_INET, type=socket.SOCK_DGRAM)
        except (OSError, UnicodeError, TimeoutError):
            return None
        address = str(found[0][4][0])
        self._addresses[name] = (loop.time() + KEPT, address)
        if len(self._addresses) > NAMES:
            self._addresses.popitem(last=False)
        return address
