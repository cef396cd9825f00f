"""Keeps the folder with the recordings in order: completes what was left incomplete, deletes what is too old."""

import asyncio
from contextlib import suppress
from pathlib import Path
from time import monotonic, time
from types import TracebackType
from typing import Self

import structlog

from bridge.recordings.shelf import Shelf

log = structlog.get_logger()

#: How often it is looked, and how often at the room that is left on the disk.
LOOK_S = 3_600.0
ROOM_S = 60.0
#: What nothing was written to for so long, while the bridge runs, belongs to no call any more.
IDLE_S = 600.0


class Recordings:
    """`async with Recordings(folder, keep_days=30) as recordings:`, around the media process that writes them.

    At the start and at the end no call is going on, so that every recording can be completed.
    """

    def __init__(self, folder: str, *, keep_days: float) -> None:
        self._shelf = Shelf(Path(folder))
        self._keep_days = keep_days
        self.used_bytes = 0
        """Of all recordings, at the last look."""
        self.free_bytes: int | None = None
        """Of the disk, in the last minute; None: nobody has looked yet."""
        self._keeper: asyncio.Task[None] | None = None

    def change(self, *, keep_days: float) -> None:
        """What is older is deleted from the next look on."""
        self._keep_days = keep_days

    async def find(self, call: str) -> Path | None:
        """The recording of a call, complete or still growing; None: there is none."""
        return await asyncio.to_thread(self._shelf.find, call)

    async def __aenter__(self) -> Self:
        await self._complete(0.0)
        self._keeper = asyncio.create_task(self._keep(), name="recordings keeper")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._keeper is not None:
            self._keeper.cancel()
            with suppress(asyncio.CancelledError):
                await self._keeper
        await self._complete(0.0)

    async def look(self) -> None:
        """Complete what was left, delete what is too old."""
        await self._complete(IDLE_S)
        deleted = await asyncio.to_thread(self._shelf.prune, time() - self._keep_days * 86_400.0)
        if deleted:
            log.info("recordings_deleted", files=deleted, keep_days=self._keep_days)
        self.used_bytes = await asyncio.to_thread(self._shelf.used)

    async def _keep(self) -> None:
        due = monotonic()
        while True:
            try:
                if monotonic() >= due:
                    due = monotonic() + LOOK_S
                    await self.look()
                self.free_bytes = await asyncio.to_thread(self._shelf.free)
            except OSError as exc:
                log.error("recordings_not_kept", reason=exc.strerror)
            await asyncio.sleep(ROOM_S)

    async def _complete(self, idle_s: float) -> None:
        completed = await asyncio.to_thread(self._shelf.recover, idle_s, time())
        if completed:
            log.info("recordings_completed", files=completed)
