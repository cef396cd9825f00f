"""Forks workers from a process that has the pjsip library loaded but never used."""

import contextlib
import gc
import os
import signal
import socket
from typing import NoReturn

from sip.channel import MAX_FRAME, WORKER_CHANNEL, ZYGOTE_CHANNEL
from sip.messages import WorkerLogged
from sip.worker.legs import exception_text
from sip.worker.process import end_with_parent
from sip.worker.worker import Worker
from sip.zygote import ForkWorker, WorkerExited, WorkerForked, WorkerSettings


class Zygote:
    """Waits for the pool to ask for workers, and tells it of their deaths."""

    def __init__(self, settings: WorkerSettings, control: socket.socket) -> None:
        self._settings = settings
        self._control = control
        self._parent = os.getpid()

    def run(self) -> None:
        """Serve until the pool closes its end. The workers end with this process."""
        signal.signal(signal.SIGCHLD, lambda _number, _frame: self._reap())
        gc.collect()
        gc.freeze()
        while True:
            try:
                frame, descriptors, _, _ = socket.recv_fds(self._control, MAX_FRAME, 1)
            except ConnectionResetError:
                return
            if not frame:
                return
            self._fork(ZYGOTE_CHANNEL.decode(frame), descriptors[0])

    def _fork(self, request: ForkWorker, descriptor: int) -> None:
        # A worker that dies at once must not be reported before it was said to exist.
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
        pid = os.fork()
        if pid == 0:
            self._become_worker(request.worker, descriptor)
        os.close(descriptor)
        self._control.send(ZYGOTE_CHANNEL.encode(WorkerForked(request.worker, pid)))
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})

    def _become_worker(self, number: int, descriptor: int) -> NoReturn:
        """In the forked process: work, then exit."""
        code = 1
        channel = socket.socket(fileno=descriptor)
        channel.setblocking(True)
        try:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})
            self._control.close()
            end_with_parent(self._parent)
            # Kept until the exit: its end would be pjsip's tear-down, which takes a second.
            worker = Worker(self._settings, number, channel)
            with contextlib.suppress(ConnectionError):  # the bridge is gone: nobody to work for
                worker.run()
            code = 0
        except Exception:  # noqa: BLE001  # the outermost level of the process
            channel.send(WORKER_CHANNEL.encode(WorkerLogged("error", exception_text())))
        finally:
            os._exit(code)

    def _reap(self) -> None:
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            with contextlib.suppress(ConnectionError):  # the pool is gone, and run() is about to notice
                self._control.send(ZYGOTE_CHANNEL.encode(WorkerExited(pid, os.waitstatus_to_exitcode(status))))
