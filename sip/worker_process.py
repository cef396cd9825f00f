"""The pool's hold on one worker: its channel, its process id and its port."""

import asyncio
import socket
from collections.abc import Callable

import structlog

from sip.channel import MAX_FRAME, WORKER_CHANNEL
from sip.errors import InvalidFrame
from sip.messages import Command, Stop, WorkerReport
from sip.zygote_process import kill

#: Frames read from one worker before the others have their turn.
_FRAMES_A_TURN = 64
#: pjsip ignores it, but wakes up for it (RFC 5626 section 4.4.1).
_WAKE = b"\r\n\r\n"

log = structlog.get_logger()


class WorkerProcess:
    """A worker from the fork to its end."""

    def __init__(
        self,
        number: int,
        channel: socket.socket,
        on_report: Callable[["WorkerProcess", WorkerReport], None],
        on_end: Callable[["WorkerProcess"], None],
    ) -> None:
        """`on_end` is called once, when the process is gone."""
        self.number = number
        self.pid: int | None = None
        """None until the zygote has said it."""
        self.port: int | None = None
        """Its SIP port on 127.0.0.1; None until it is ready."""
        self.leaving = False
        """It was told to stop."""
        self._channel: socket.socket | None = channel
        self._waker: socket.socket | None = None
        self._on_report = on_report
        self._on_end = on_end
        asyncio.get_running_loop().add_reader(channel.fileno(), self._read)

    def listens(self, port: int) -> None:
        """It is ready, and can be woken at this port."""
        self.port = port
        self._waker = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._waker.setblocking(False)
        self._waker.connect(("127.0.0.1", port))

    def send(self, command: Command) -> None:
        """Give it a command, and wake it: it sleeps in pjsip, which watches its SIP socket only."""
        if self._channel is None:
            return
        try:
            self._channel.send(WORKER_CHANNEL.encode(command))
        except BlockingIOError:
            # It has not read for so long that the socket is full: it hangs, and its calls are better off without it.
            log.error("worker_hangs", worker=self.number, pid=self.pid)
            self.kill()
        except OSError as exc:
            log.debug("worker_unreachable", worker=self.number, error=str(exc))  # its end is about to be read
        else:
            self._wake()

    def stop(self) -> None:
        """Tell it to hang up what it has, and to end."""
        self.leaving = True
        self.send(Stop())

    def kill(self) -> None:
        """End it at once."""
        if self.pid is not None:
            kill(self.pid)

    def close(self) -> None:
        """Stop listening to it; the process ends when it notices."""
        if self._channel is not None:
            asyncio.get_running_loop().remove_reader(self._channel.fileno())
            self._channel.close()
            self._channel = None
        if self._waker is not None:
            self._waker.close()
            self._waker = None

    def _wake(self) -> None:
        if self._waker is not None:
            try:
                self._waker.send(_WAKE)
            except OSError as exc:
                log.debug("worker_not_woken", worker=self.number, error=str(exc))

    def _read(self) -> None:
        for _ in range(_FRAMES_A_TURN):
            if self._channel is None:
                return
            try:
                frame = self._channel.recv(MAX_FRAME)
            except BlockingIOError:
                return
            except OSError:
                frame = b""
            if not frame:
                self.close()
                self._on_end(self)
                return
            try:
                report = WORKER_CHANNEL.decode(frame)
            except InvalidFrame as exc:
                log.error("worker_not_understood", worker=self.number, error=str(exc))
                continue
            self._on_report(self, report)
