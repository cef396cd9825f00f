"""Keeps one media process running: starts it, speaks to it, starts it again when it dies."""

import asyncio
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import structlog

from bridge.errors import MediaUnavailable
from bridge.media.control import COMMANDS, EVENTS, SETTINGS_CODEC, ControlChannel
from bridge.media.messages import Command, Event, MediaSettings, ProcessReady
from sip.child_stderr import ChildStderr
from sip.errors import InvalidFrame

log = structlog.get_logger()

#: A process that is not ready by then is given up; it takes about 0.4 s.
START_LIMIT_S = 5.0
#: Processes that may fail to come up before the bridge gives its own start up.
START_TRIES = 3
#: Pause after a process that did not come up.
RETRY_S = 0.5

_PACKAGE_ROOT = Path(__file__).resolve().parents[2]


class ProcessKeeper:
    """One media process after the other.

    `on_message` gets what it reports, `on_started` is called when one is ready to be told what holds, the first
    included, and `on_lost` when one has died or hangs.
    """

    def __init__(
        self,
        settings: MediaSettings,
        on_message: Callable[[Event], None],
        on_started: Callable[[], None],
        on_lost: Callable[[], None],
    ) -> None:
        self._settings = settings
        self._on_message, self._on_started, self._on_lost = on_message, on_started, on_lost
        self._process: asyncio.subprocess.Process | None = None
        self._stderr: ChildStderr | None = None
        self._channel: ControlChannel[Command, Event] | None = None
        self._ready: asyncio.Future[ProcessReady] | None = None
        self._lost = asyncio.Event()
        self.starts = 0
        """Processes that came up, the first included."""
        self._keeper: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int | None:
        """The living process; None while there is none."""
        return self._process.pid if self._process is not None and self._channel is not None else None

    async def start(self) -> None:
        """Start the process and keep one running; raises MediaUnavailable when the first ones do not come up."""
        for tries_left in reversed(range(START_TRIES)):
            try:
                await self._launch()
            except MediaUnavailable as exc:
                if not tries_left:
                    raise
                log.error("media_process_not_started", reason=exc.reason)
            else:
                break
        self._keeper = asyncio.create_task(self._keep(), name="media process keeper")

    def change(self, settings: MediaSettings) -> None:
        """Tell the process that runs, and each that follows."""
        self._settings = settings
        self.send(settings)

    async def stop(self) -> None:
        """End the process."""
        if self._keeper is not None:
            self._keeper.cancel()
            with suppress(asyncio.CancelledError):
                await self._keeper
            self._keeper = None
        await self._end()

    def send(self, command: Command) -> bool:
        """False when no process takes it: what must hold is said again to the next one."""
        if self._channel is None:
            return False
        if self._channel.send(command):
            return True
        self._lose()
        return False

    async def _keep(self) -> None:
        """Replace the process whenever it is lost."""
        while True:
            await self._lost.wait()
            log.error("media_process_lost")
            await self._end()
            try:
                await self._launch()
            except MediaUnavailable as exc:
                log.error("media_process_not_started", reason=exc.reason)
                self._lost.set()
                await asyncio.sleep(RETRY_S)

    async def _launch(self) -> None:
        """Start a process; raises MediaUnavailable."""
        self._lost.clear()
        told = self._settings
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._ready = asyncio.get_running_loop().create_future()
        with theirs:
            channel = ControlChannel[Command, Event](ours, COMMANDS, EVENTS, self._hear, self._lose, _unreadable)
            try:
                self._process = await self._spawn(theirs)
                theirs.close()  # while we had it open too, nothing would say that the process has died
                async with asyncio.timeout(START_LIMIT_S):
                    await self._ready
            except BaseException as exc:
                channel.close()
                await self._end()
                if isinstance(exc, OSError | TimeoutError):
                    raise MediaUnavailable(f"the media process did not start: {exc!r}") from exc
                raise
        self._channel = channel
        self.starts += 1
        log.info("media_process_started", pid=self._process.pid)
        if self._settings is not told:
            self.send(self._settings)
        self._on_started()

    async def _spawn(self, control: socket.socket) -> asyncio.subprocess.Process:
        self._stderr = ChildStderr("media_process_said")
        try:
            return await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "bridge.media",
                str(control.fileno()),
                SETTINGS_CODEC.encode_text(self._settings),
                pass_fds=(control.fileno(),),
                cwd=_PACKAGE_ROOT,  # the same package as ours, whatever directory the bridge was started in
                stdin=asyncio.subprocess.DEVNULL,
                stderr=self._stderr.descriptor,
                start_new_session=True,  # a terminal's Ctrl-C is for the bridge
            )
        finally:
            self._stderr.begin()

    async def _end(self) -> None:
        """Kill what is left of the process."""
        channel, self._channel = self._channel, None
        if channel is not None:
            channel.close()
        process = self._process
        if process is not None:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
            if self._stderr is not None:
                self._stderr.close()
            self._process = None  # not before: whoever cancels this waits for it next

    def _hear(self, message: Event) -> None:
        if not isinstance(message, ProcessReady):
            self._on_message(message)
        elif self._ready is not None and not self._ready.done():
            self._ready.set_result(message)

    def _lose(self) -> None:
        """The process has died, or hangs."""
        self._lost.set()
        if self._channel is not None:
            self._channel.close()
            self._channel = None
        if self._ready is not None and not self._ready.done():
            self._ready.set_exception(ConnectionResetError("it ended at once"))
        self._on_lost()


def _unreadable(exc: InvalidFrame) -> None:
    log.error("media_process_unreadable", detail=exc.detail)
