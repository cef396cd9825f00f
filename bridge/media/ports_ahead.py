"""The ports that the media process has bound ahead: a call that takes some of them waits for nothing."""

import asyncio
from collections import deque
from collections.abc import Callable

from bridge.media.messages import BindPorts, PortsBound

#: Pairs that are kept: more than calls come while others are bound, in a burst of hundreds a second.
PAIRS = 8
#: Others are bound so long after some were taken, in seconds: the call that has them is set up first.
REFILL_S = 0.01


class PortsAhead:
    """Pairs of ports, customer's and engine's. Each is handed out once; those of a process that died are void."""

    def __init__(self, send: Callable[[BindPorts], bool]) -> None:
        """`send`: false when no process takes it."""
        self._send = send
        self._pairs: deque[tuple[int, int]] = deque()
        self._refill: asyncio.TimerHandle | None = None
        self._asked = False
        """An answer is to come."""

    def take(self) -> tuple[int, int] | None:
        """The next pair; None: there is none. Others are bound soon in either case."""
        if self._refill is None:
            self._refill = asyncio.get_running_loop().call_later(REFILL_S, self.fill)
        return self._pairs.popleft() if self._pairs else None

    def fill(self) -> None:
        """Have bound what is missing."""
        self._refill = None
        if len(self._pairs) < PAIRS and not self._asked:
            self._asked = self._send(BindPorts(PAIRS - len(self._pairs)))

    def came(self, event: PortsBound) -> None:
        """The process has bound these."""
        self._asked = False
        self._pairs.extend(event.pairs)

    def void(self) -> None:
        """The process is gone, and they with it."""
        self._asked = False
        self._pairs.clear()
        if self._refill is not None:
            self._refill.cancel()
            self._refill = None
