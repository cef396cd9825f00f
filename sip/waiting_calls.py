"""Calls that found no room in the workers, in the order they came."""

import asyncio
import contextlib
from collections import deque
from dataclasses import dataclass

from sip.dispatch import Dispatch
from sip.errors import NoFreeWorker


@dataclass(eq=False)
class _Waiting:
    call: str
    dialogs: int
    worker: asyncio.Future[int]


class WaitingCalls:
    """Each waits until a worker has room for it, or for as long as its patience lasts."""

    def __init__(self, dispatch: Dispatch, patience_s: float) -> None:
        self._dispatch = dispatch
        self._patience_s = patience_s
        self._queue: deque[_Waiting] = deque()

    def __len__(self) -> int:
        return len(self._queue)

    async def wait(self, call: str, dialogs: int) -> int:
        """Take dialogs as soon as there is room; returns the worker. Raises NoFreeWorker."""
        waiting = _Waiting(call, dialogs, asyncio.get_running_loop().create_future())
        self._queue.append(waiting)
        try:
            async with asyncio.timeout(self._patience_s):
                return await waiting.worker
        except (TimeoutError, asyncio.CancelledError) as exc:
            if not waiting.worker.cancelled():
                self._dispatch.release(call)  # room came just as the waiting ended
            if isinstance(exc, TimeoutError):
                raise NoFreeWorker(dialogs, self._dispatch.workers) from None
            raise
        finally:
            with contextlib.suppress(ValueError):
                self._queue.remove(waiting)

    def serve(self) -> None:
        """Give room to those who wait, nobody before one who came earlier."""
        while self._queue:
            waiting = self._queue[0]
            if not waiting.worker.done():
                worker = self._dispatch.reserve(waiting.call, waiting.dialogs)
                if worker is None:
                    return
                waiting.worker.set_result(worker)
            self._queue.popleft()

    def refuse(self) -> None:
        """No worker will come any more."""
        for waiting in self._queue:
            if not waiting.worker.done():
                waiting.worker.set_exception(NoFreeWorker(waiting.dialogs, self._dispatch.workers))
        self._queue.clear()
