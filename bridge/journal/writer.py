"""The journal: takes records without making a call wait, writes them in batches, and says when one is on disk."""

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

import structlog

from bridge.errors import JournalUnusable
from bridge.journal.announcements import Announcer, Backlog, Delivery
from bridge.journal.open_call import OpenCall
from bridge.journal.records import (
    CallAdmitted,
    CallAnswered,
    CallClosed,
    DeliveryTried,
    EntryNoted,
    MessageSeen,
    QualityNoted,
    Record,
    ScreenPopCame,
)
from bridge.journal.store import JournalStore

log = structlog.get_logger()

#: Records that wait for the disk. Beyond it what a story tells is left out, and counted; what a call's disposition
#: hangs on is kept whatever it takes: a dozen rows a call.
MAX_WAITING = 50_000
#: Records in one transaction.
BATCH = 500
#: How long a record may wait for others, in seconds, unless somebody waits for the disk: a transaction costs as much as
#: dozens of rows. What a call's disposition hangs on does not wait for long; the rest goes with it.
FACT_S = 0.01
TOLD_S = 0.1
#: How long a disk may fail, or be slow, before nobody waits for it any more. A full disk must not leave agents in
#: wrap-up and customers in silence: the bridge goes on, and the log says so.
PATIENCE_S = 5.0
#: Pause after a batch that could not be written, in seconds.
RETRY_S = 1.0
#: How often old calls are forgotten, in seconds.
PRUNE_S = 3_600.0
#: Records after which there may be something to send to webhooks.
STIRRING = (CallAdmitted, CallAnswered, ScreenPopCame, CallClosed, DeliveryTried)
#: What a story tells: most of what is written, and no disposition hangs on it.
TOLD = (EntryNoted, MessageSeen, QualityNoted)

ResultT = TypeVar("ResultT")


class Journal:
    """One file and the thread that writes it. `async with Journal(path, keep_days=30) as journal:`"""

    def __init__(self, path: Path, *, keep_days: float, patience_s: float = PATIENCE_S) -> None:
        """Opens nothing yet. Who waits for the disk waits `patience_s`."""
        self.left_out = 0
        """Entries, messages and samples of stories that were not written: the disk was too slow."""
        self._path = path
        self._keep_s = keep_days * 86_400.0
        self._patience_s = patience_s
        self._waiting: deque[Record] = deque()
        self._noted = self._written = 0
        self._failing_since: float | None = None
        self._stirred = asyncio.Event()
        """It is time to write."""
        self._due = 0.0
        self._timer: asyncio.TimerHandle | None = None
        """That it will be, at `_due` on the loop's clock."""
        self._closing = False
        self._commits: deque[tuple[int, asyncio.Future[None]]] = deque()
        """Who waits until so many records are on disk, in order."""
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="journal")
        self._announcer: Announcer | None = None
        self._told: Callable[[], None] = lambda: None
        self._writer: asyncio.Task[None] | None = None
        self._pruner: asyncio.Task[None] | None = None

    _store: JournalStore

    async def __aenter__(self) -> Self:
        """Raises JournalUnusable."""
        try:
            self._store = await self._in_thread(lambda: JournalStore(self._path))
        except JournalUnusable:
            self._thread.shutdown()
            raise
        self._writer = asyncio.create_task(self._write(), name="journal writer")
        self._pruner = asyncio.create_task(self._prune(), name="journal pruner")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Write what waits, then close."""
        assert self._writer is not None and self._pruner is not None
        self._closing = True
        self._stirred.set()
        self._pruner.cancel()
        await asyncio.wait({self._writer, self._pruner}, timeout=self._patience_s)
        self._writer.cancel()
        await asyncio.wait({self._writer, self._pruner})
        await self._in_thread(self._store.close)
        self._thread.shutdown()

    @property
    def lag(self) -> int:
        """Records that are not on disk yet."""
        return self._noted - self._written

    @property
    def failing_s(self) -> float | None:
        """For how long the file could not be written, in seconds; None: it can."""
        since = self._failing_since
        return None if since is None else asyncio.get_running_loop().time() - since

    def change(self, *, keep_days: float) -> None:
        """Forget calls earlier or later than until now."""
        self._keep_s = keep_days * 86_400.0

    def announce(self, announcer: Announcer | None, told: Callable[[], None]) -> None:
        """Of what is written from now on `announcer` makes messages for webhooks; `told`: there may be some."""
        self._announcer, self._told = announcer, told

    async def due(self, webhook: str, now: float, limit: int) -> tuple[Sequence[Delivery], float | None]:
        """What is to be sent to a webhook now, and when the next is; raises JournalUnusable."""
        return await self._in_thread(lambda: self._store.due(webhook, now, limit))

    async def backlog(self, webhook: str) -> Backlog:
        """How much is left to be sent to a webhook; raises JournalUnusable."""
        return await self._in_thread(lambda: self._store.backlog(webhook))

    def note(self, record: Record) -> None:
        """Write this down soon. Never waits."""
        told, waiting = isinstance(record, TOLD), len(self._waiting)
        if told and waiting >= MAX_WAITING:
            self.left_out += 1
            return
        self._waiting.append(record)
        self._noted += 1
        if waiting >= BATCH:
            self._stirred.set()
        elif not told:
            self._write_within(FACT_S)
        elif self._timer is None:
            self._write_within(TOLD_S)

    def _write_within(self, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        at = loop.time() + seconds
        if self._timer is not None:
            if self._due <= at:
                return
            self._timer.cancel()
        self._due, self._timer = at, loop.call_at(at, self._stirred.set)

    async def on_disk(self, call: str) -> None:
        """Return when all that was noted is on disk, or when the disk has been too slow for too long."""
        if not self.lag:
            return
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._commits.append((self._noted, done))
        self._stirred.set()
        try:
            async with asyncio.timeout(self._patience()):
                await done
        except TimeoutError:
            log.error("journal_not_waited_for", call=call, lag=self.lag)

    def _patience(self) -> float:
        if self._failing_since is None:
            return self._patience_s
        return max(self._failing_since + self._patience_s - asyncio.get_running_loop().time(), 0.0)

    async def open_calls(self) -> Sequence[OpenCall]:
        """The calls that were not brought to their end, the oldest first; raises JournalUnusable."""
        return await self._in_thread(self._store.open_calls)

    # the thread

    async def _in_thread(self, work: Callable[[], ResultT]) -> ResultT:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    async def _write(self) -> None:
        while self._waiting or not self._closing:
            if not (batch := self._next_batch()):
                await self._stirred.wait()
                continue
            await self._put(batch)
            self._written += len(batch)
            self._tell_those_who_wait()
            if any(isinstance(record, STIRRING) for record in batch):
                self._told()

    def _next_batch(self) -> Sequence[Record]:
        """The oldest that wait; none before it is time to write."""
        if not self._stirred.is_set():
            return ()
        batch = [self._waiting.popleft() for _ in range(min(len(self._waiting), BATCH))]
        if not self._waiting:
            self._stirred.clear()
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None
        return batch

    async def _put(self, batch: Sequence[Record]) -> None:
        """Write them, however long it takes; one that no file could take is left out."""
        try:
            while not await self._try(batch):  # noqa: ASYNC110  # nobody can tell when the disk works again
                await asyncio.sleep(RETRY_S)
        except Exception:  # the writer's outermost level: a record of its own must not cost the others
            if len(batch) == 1:
                log.exception("journal_record_unwritable", record=type(batch[0]).__name__, call=batch[0].call)
                return
            for record in batch:
                await self._put([record])

    async def _try(self, batch: Sequence[Record]) -> bool:
        """False: the file cannot be written at the moment."""
        try:
            await self._in_thread(lambda: self._store.write(batch, self._announcer))
        except JournalUnusable as exc:
            if self._failing_since is None:
                self._failing_since = asyncio.get_running_loop().time()
                log.error("journal_not_written", reason=exc.reason, lag=self.lag)
            return False
        if self._failing_since is not None:
            self._failing_since = None
            log.warning("journal_written_again", lag=self.lag, left_out=self.left_out)
        return True

    def _tell_those_who_wait(self) -> None:
        while self._commits and self._commits[0][0] <= self._written:
            done = self._commits.popleft()[1]
            if not done.done():
                done.set_result(None)

    async def _prune(self) -> None:
        while True:
            with contextlib.suppress(JournalUnusable):  # the writer says what is wrong with the file
                forgotten = await self._in_thread(lambda: self._store.prune(time.time() - self._keep_s))
                if forgotten:
                    log.info("journal_pruned", calls=forgotten)
                lost = await self._in_thread(lambda: self._store.prune_deliveries(time.time() - self._keep_s))
                if lost:
                    log.warning("webhook_messages_forgotten", never_sent=lost)
            await asyncio.sleep(PRUNE_S)
