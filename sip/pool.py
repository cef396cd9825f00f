"""Starts the SIP workers, hands out their dialogs, passes messages both ways, and replaces those that die."""

import asyncio
import contextlib
import logging
from collections.abc import Callable

import structlog

from sip.dispatch import Dispatch
from sip.errors import NoFreeWorker, WorkerNotStarted
from sip.messages import Command, SlotsLingering, WorkerEvent, WorkerLogged, WorkerReady, WorkerReport
from sip.pool_settings import PoolSettings
from sip.pool_size import DIALOGS_A_CALL, PoolSize
from sip.waiting_calls import WaitingCalls
from sip.worker_process import WorkerProcess
from sip.zygote import WorkerExited, WorkerForked
from sip.zygote_process import ZygoteProcess

__all__ = ["PoolSettings", "WorkerPool"]

#: How long start() waits for the first worker, in seconds.
_START_S = 10.0
#: How long reserve() waits for a worker to come up or a slot to become free, in seconds.
_RESERVE_S = 4.0
#: How long stop() waits for the workers to say their BYEs, in seconds.
_STOP_S = 2.0
#: Workers on their way at the same time, at most.
_STARTING = 8
#: Seconds before the next try after a worker died before it was ready; doubled each time up to the second.
_FIRST_RETRY_S, _LAST_RETRY_S = 0.05, 5.0
#: So many workers may die before the first one is ready: one that was killed is no reason to give the start up.
_START_FAILURES = 5

_LEVELS = {"error": logging.ERROR, "warning": logging.WARNING, "info": logging.INFO, "debug": logging.DEBUG}

log = structlog.get_logger()


class WorkerPool:
    """All SIP workers. Every worker's dialogs are counted in the Dispatch that was given."""

    def __init__(
        self,
        settings: PoolSettings,
        dispatch: Dispatch,
        on_event: Callable[[WorkerEvent], None],
        on_worker_lost: Callable[[list[str]], None],
    ) -> None:
        """`on_event` gets what is said about calls; `on_worker_lost` the calls of a worker that died."""
        self._settings = settings
        self._dispatch = dispatch
        self._on_event = on_event
        self._on_worker_lost = on_worker_lost
        self._size = PoolSize(settings.spare_calls, settings.max_calls)
        self._zygote = ZygoteProcess(settings.for_workers(), settings.python, self._zygote_said)
        self._workers: dict[int, WorkerProcess] = {}
        self._starting: set[int] = set()
        """Those of them that are not ready."""
        self._last_number = 0
        self.lost = 0
        """Workers that died by themselves, since the start."""
        self._capacity: int | None = None
        """Dialogs a worker holds; None until the first one has said it."""
        self._waiting = WaitingCalls(dispatch, _RESERVE_S)
        self._failures = 0
        """Workers that died before they were ready, since the last one that was."""
        self._retry: asyncio.TimerHandle | None = None
        self._shrink: asyncio.TimerHandle | None = None
        self._changed = asyncio.Event()
        """Set whenever a worker becomes ready or is gone."""
        self._stopping = False

    # life

    async def start(self) -> None:
        """Start the zygote and the workers; returns when the first is ready. Raises WorkerNotStarted."""
        self._zygote.start()
        self._grow()
        try:
            async with asyncio.timeout(_START_S):
                while self._capacity is None and self._failures < _START_FAILURES:
                    await self._change()
        except TimeoutError:
            log.error("worker_not_ready", waited_s=_START_S)
        if self._capacity is None:
            await self.stop()
            raise WorkerNotStarted(f"see what {self._settings.python} said above; is pjsua2-python installed for it?")

    def change(self, spare_calls: int, max_calls: int) -> None:
        """As many workers as these want, from now on."""
        self._size = PoolSize(spare_calls, max_calls)
        self._grow()
        self._consider_shrinking()

    async def stop(self) -> None:
        """Hang up whatever is left and end every process."""
        self._stopping = True
        for timer in (self._retry, self._shrink):
            if timer is not None:
                timer.cancel()
        self._waiting.refuse()
        for worker in list(self._workers.values()):
            worker.stop()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_STOP_S):
                while self._workers:
                    await self._change()
        await self._zygote.end()
        for worker in list(self._workers.values()):
            worker.close()
            self._gone(worker)

    @property
    def started(self) -> int:
        """Workers that were started, those that have ended among them."""
        return self._last_number

    @property
    def pids(self) -> list[int]:
        """The process ids of the workers, as far as they are known."""
        return [worker.pid for worker in self._workers.values() if worker.pid is not None]

    async def _change(self) -> None:
        """Wait until a worker becomes ready or is gone."""
        self._changed.clear()
        await self._changed.wait()

    # calls

    async def reserve(self, call: str, dialogs: int) -> int:
        """Take that many dialogs for a call; returns the worker's id. Raises NoFreeWorker."""
        worker = None if self._waiting else self._dispatch.reserve(call, dialogs)
        if worker is None:
            if self._stopping or self._dispatch.calls + len(self._waiting) >= self._size.max_calls:
                raise NoFreeWorker(dialogs, self._dispatch.workers)
            asyncio.get_running_loop().call_soon(self._grow)
            worker = await self._waiting.wait(call, dialogs)
        self._grow()
        return worker

    def release(self, call: str) -> None:
        """Both legs of the call are over."""
        self._dispatch.release(call)
        self._waiting.serve()
        self._consider_shrinking()

    def send(self, call: str, command: Command) -> None:
        """Give a command to the call's worker; lost when it has none that lives."""
        number = self._dispatch.worker_of_call(call)
        worker = self._workers.get(number) if number is not None else None
        if worker is None:
            log.debug("command_without_worker", call=call, command=type(command).__name__)
            return
        worker.send(command)

    # how many workers

    def _grow(self) -> None:
        """Start what is missing."""
        if self._stopping or self._retry is not None or not self._zygote.running:
            return
        starting = len(self._starting)
        if self._capacity is None:
            missing = 0 if starting else 1
        else:
            room = self._dispatch.room(DIALOGS_A_CALL)
            missing = self._size.missing(self._dispatch.calls, room, len(self._waiting), starting, self._capacity)
        for _ in range(min(missing, _STARTING - starting)):
            self._start_worker()

    def _start_worker(self) -> None:
        number = self._last_number = self._last_number + 1
        try:
            channel = self._zygote.fork(number)
        except WorkerNotStarted as exc:
            log.error("worker_not_started", worker=number, error=str(exc))
            self._retry_later()
            return
        self._workers[number] = WorkerProcess(number, channel, self._reported, self._ended)
        self._starting.add(number)

    def _retry_later(self) -> None:
        """Not at once: what made one worker fail at its start may make the next one fail too."""
        if self._retry is None and not self._stopping:
            delay = min(_FIRST_RETRY_S * 2**self._failures, _LAST_RETRY_S)
            self._retry = asyncio.get_running_loop().call_later(delay, self._try_again)
        self._failures += 1
        self._changed.set()

    def _try_again(self) -> None:
        self._retry = None
        if not self._zygote.running:
            try:
                self._zygote.start()
            except WorkerNotStarted as exc:
                log.error("zygote_not_started", error=str(exc))
                self._retry_later()
                return
        self._grow()

    def _consider_shrinking(self) -> None:
        if self._shrink is None and not self._stopping and self._has_surplus():
            self._shrink = asyncio.get_running_loop().call_later(self._settings.shrink_s, self._let_one_go)

    def _has_surplus(self) -> bool:
        room = self._dispatch.room(DIALOGS_A_CALL)
        return self._capacity is not None and self._size.has_surplus(self._dispatch.calls, room, self._capacity)

    def _let_one_go(self) -> None:
        self._shrink = None
        idle = self._dispatch.idle_workers()
        if idle and self._has_surplus():
            self._dispatch.remove_worker(idle[0])
            self._workers[idle[0]].stop()
        self._consider_shrinking()

    # what the processes say

    def _reported(self, worker: WorkerProcess, report: WorkerReport) -> None:
        if isinstance(report, WorkerReady):
            self._ready(worker, report)
        elif isinstance(report, SlotsLingering):
            self._dispatch.set_lingering(worker.number, report.count)
            self._waiting.serve()
        elif isinstance(report, WorkerLogged):
            log.log(_LEVELS.get(report.level, logging.ERROR), "worker_says", worker=worker.number, text=report.text)
        else:
            self._on_event(report)

    def _ready(self, worker: WorkerProcess, report: WorkerReady) -> None:
        worker.listens(report.port)
        self._starting.discard(worker.number)
        self._capacity = report.capacity
        self._failures = 0
        if self._stopping:
            worker.stop()  # it could not be woken before its port was known
            return
        self._dispatch.add_worker(worker.number, report.port, report.capacity)
        log.debug("worker_ready", worker=worker.number, pid=worker.pid, port=report.port, dialogs=report.capacity)
        self._changed.set()
        self._waiting.serve()
        self._grow()
        self._consider_shrinking()  # what it was started for may be over

    def _ended(self, worker: WorkerProcess) -> None:
        if not worker.leaving:
            self.lost += 1
            log.error("worker_lost", worker=worker.number, pid=worker.pid, ready=worker.port is not None)
        lost = self._gone(worker)
        if worker.port is None:
            self._retry_later()
        self._grow()
        if lost and not worker.leaving:
            self._on_worker_lost(lost)

    def _gone(self, worker: WorkerProcess) -> list[str]:
        """Forget the worker; returns its calls."""
        del self._workers[worker.number]
        self._starting.discard(worker.number)
        lost = self._dispatch.remove_worker(worker.number)
        self._changed.set()
        return lost

    def _zygote_said(self, event: WorkerForked | WorkerExited | None) -> None:
        if isinstance(event, WorkerForked):
            if event.worker in self._workers:
                self._workers[event.worker].pid = event.pid
        elif isinstance(event, WorkerExited):
            log.log(
                logging.DEBUG if event.status == 0 else logging.ERROR,
                "worker_exited",
                pid=event.pid,
                status=event.status,
            )
        elif not self._stopping:
            log.error("zygote_lost", workers=len(self._workers))
            self._retry_later()
