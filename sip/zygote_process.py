"""The pool's hold on the zygote: starts it, asks it for workers, hears of their deaths."""

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
from collections.abc import Callable
from pathlib import Path

import structlog

from sip.channel import MAX_FRAME, WORKER_SETTINGS, ZYGOTE_CHANNEL
from sip.child_stderr import ChildStderr
from sip.errors import InvalidFrame, WorkerNotStarted
from sip.zygote import ForkWorker, WorkerExited, WorkerForked, WorkerSettings

#: How long the zygote may take to end once its channel is closed, in seconds.
_END_S = 2.0

log = structlog.get_logger()


class ZygoteProcess:
    """One zygote. Its workers are its children, and the kernel kills them when it dies."""

    def __init__(
        self, settings: WorkerSettings, python: str, on_event: Callable[[WorkerForked | WorkerExited | None], None]
    ) -> None:
        """`on_event` gets None once, when the zygote has died by itself."""
        self._settings = settings
        self._python = python
        self._on_event = on_event
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._stderr: ChildStderr | None = None

    def start(self) -> None:
        """Start it, from the thread of the running loop: the kernel ends it with the thread that started it."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._stderr = ChildStderr("worker_said")
        arguments = [str(theirs.fileno()), str(os.getpid()), WORKER_SETTINGS.encode_text(self._settings)]
        try:
            self._process = subprocess.Popen(
                [self._python, "-P", "-m", "sip.worker", *arguments],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stderr=self._stderr.descriptor,
                env=os.environ | {"PYTHONPATH": str(Path(__file__).parent.parent)},
            )
        except OSError as exc:
            ours.close()
            raise WorkerNotStarted(f"{self._python} cannot be run: {exc}") from exc
        finally:
            theirs.close()
            self._stderr.begin()
        ours.setblocking(False)
        self._control = ours
        asyncio.get_running_loop().add_reader(ours.fileno(), self._read)

    @property
    def running(self) -> bool:
        """It can be asked for workers."""
        return self._control is not None

    def fork(self, worker: int) -> socket.socket:
        """Ask for a worker; returns our end of its channel, which closes if none comes."""
        if self._control is None:
            raise WorkerNotStarted("the process that forks the workers is not running")
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            socket.send_fds(self._control, [ZYGOTE_CHANNEL.encode(ForkWorker(worker))], [theirs.fileno()])
        except OSError as exc:
            ours.close()
            raise WorkerNotStarted(f"the process that forks the workers does not listen: {exc}") from exc
        finally:
            theirs.close()
        ours.setblocking(False)
        return ours

    async def end(self) -> None:
        """Close its channel, upon which it ends, and the kernel its workers."""
        process = self._process
        self._close_control()
        if process is None:
            return
        self._process = None
        try:
            await asyncio.to_thread(process.wait, _END_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        self._hear_the_last()

    def _hear_the_last(self) -> None:
        if self._stderr is not None:
            self._stderr.close()
            self._stderr = None

    def _close_control(self) -> None:
        if self._control is not None:
            asyncio.get_running_loop().remove_reader(self._control.fileno())
            self._control.close()
            self._control = None

    def _read(self) -> None:
        assert self._control is not None
        try:
            frame = self._control.recv(MAX_FRAME)
        except BlockingIOError:
            return
        except ConnectionResetError:
            frame = b""
        if frame:
            try:
                self._on_event(ZYGOTE_CHANNEL.decode(frame))
            except InvalidFrame as exc:
                log.error("zygote_not_understood", error=str(exc))
            return
        self._close_control()
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        self._hear_the_last()
        self._on_event(None)


def kill(pid: int) -> None:
    """End a process that does not answer."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
