"""A clock that a test can set forward for the pjsip library of real workers: an hour's session timers take a second.

The workers, the library and its timers are the real ones. Where the library asks the C library for the time, it is told
the time and so many seconds more as the test has jumped. Datagrams travel in real time.
"""

import mmap
import os
import shlex
import socket
import sys
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path

from sip.dispatch import Dispatch
from tests.integration.jumping_clock_worker import FILE, SECONDS
from tests.integration.sip_peer import Customer, SipPeer
from tests.integration.worker_bench import WorkerBench, worker_bench


class JumpingClock:
    """For workers whose pool has `python=clock.python`; all of them share it."""

    def __init__(self, folder: Path) -> None:
        path = folder / "clock"
        path.write_bytes(bytes(SECONDS.size))
        with path.open("r+b") as file:
            self._ahead = mmap.mmap(file.fileno(), SECONDS.size)
        self.python = str(folder / "python")
        """Runs sip.worker by this clock."""
        Path(self.python).write_text(
            f"#!/bin/sh\n{FILE}={shlex.quote(str(path))} "
            f'exec {shlex.quote(sys.executable)} -P -m tests.integration.jumping_clock_worker "$@"\n'
        )
        os.chmod(self.python, 0o755)

    @property
    def now(self) -> float:
        """Seconds that were jumped over so far."""
        (seconds,) = SECONDS.unpack(self._ahead[:])
        return float(seconds)

    def jump(self, seconds: float, ports: Iterable[int]) -> None:
        """Let so much time pass at once for the workers at these ports, which wake up and look at their timers."""
        self._ahead[:] = SECONDS.pack(self.now + seconds)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as waker:
            for port in ports:
                waker.sendto(b"\r\n\r\n", ("127.0.0.1", port))


class Hours:
    """They pass for the workers of a dispatch, by the clock they run by."""

    def __init__(self, clock: JumpingClock, dispatch: Dispatch, peer: SipPeer) -> None:
        self._clock = clock
        self._dispatch = dispatch
        self._peer = peer

    async def passing(self, seconds: float) -> None:
        """So much time passes at once; before and after it, every worker does what there is to be done."""
        ports = [worker.port for worker in self._dispatch._workers.values()]
        await self._settled(ports)
        self._clock.jump(seconds, ports)
        await self._settled(ports)

    async def _settled(self, ports: Iterable[int]) -> None:
        for port in ports:
            for _ in range(2):  # what wakes a worker may be read before it looks at its timers; the second one is not
                await self._asked(port)

    async def _asked(self, port: int) -> None:
        stranger = Customer(self._peer, port)
        stranger.request("OPTIONS")
        await stranger.expect(200)


class HourBench(Hours):
    """`async with hour_bench(tmp_path) as hours: …; await hours.passing(900)`."""

    def __init__(self, clock: JumpingClock, bench: WorkerBench) -> None:
        super().__init__(clock, bench.dispatch, bench.peer)
        self.bench = bench


@asynccontextmanager
async def hour_bench(folder: Path) -> AsyncIterator[HourBench]:
    """Workers for eight calls, with the product's own session interval."""
    clock = JumpingClock(folder)
    async with worker_bench(8, 8, python=clock.python) as bench:
        yield HourBench(clock, bench)
