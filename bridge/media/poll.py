"""Which RTP sockets have something to read, and who reads it."""

import math
import select
import socket
import time
from typing import Protocol

from bridge.media.chores import Chores

#: Datagrams read before anything else gets its turn.
_BATCH = 256
#: Chores done after each batch, when nothing more has come. All of a tick in a row are half a millisecond, and whoever
#: has run for so long is held up by the scheduler for as long again when packets come.
_CHORES = 2


class Readable(Protocol):
    """Reads a socket that epoll watches."""

    def read(self, now: float) -> None:
        """Take one datagram that has arrived; `now` in seconds, monotonic."""


class Poll:
    """One epoll for all. Readers are found by descriptor in a list: a dict would be two cache misses more a packet."""

    def __init__(self, chores: Chores) -> None:
        self._epoll = select.epoll()
        self._chores = chores
        self._readables: list[Readable | None] = []
        #: Until then nobody but `serve` has anything to do; seconds, monotonic.
        self.free_until = -math.inf

    def fileno(self) -> int:
        """The descriptor to wait on: readable when `drain` has something to do."""
        return self._epoll.fileno()

    def close(self) -> None:
        """Watch nothing any more."""
        self._epoll.close()

    def watch(self, sock: socket.socket, readable: Readable) -> None:
        """`readable` reads this socket from now on."""
        descriptor = sock.fileno()
        missing = descriptor + 1 - len(self._readables)
        self._readables.extend([None] * missing)
        self._readables[descriptor] = readable
        self._epoll.register(descriptor, select.EPOLLIN)

    def unwatch(self, sock: socket.socket) -> None:
        """The socket is about to be closed."""
        self._epoll.unregister(sock)
        self._readables[sock.fileno()] = None

    def yield_to(self, sock: socket.socket) -> None:
        """This one is read by the event loop: as soon as something arrives there, `serve` returns."""
        self.watch(sock, _Other(self))

    def serve(self) -> None:
        """Drain, and while we are free go on with what comes next: a turn of the event loop costs like a packet.

        Chores are done when nothing has arrived.
        """
        poll, readables, chores, monotonic = self._epoll.poll, self._readables, self._chores, time.monotonic
        wait_s, chores_left = 0.0, 0
        while wait_s >= 0.0:
            arrived = poll(wait_s, _BATCH)
            if arrived:
                chores_left = _CHORES if chores else 0
                now = monotonic()
                for descriptor, _ in arrived:
                    readable = readables[descriptor]
                    if readable is not None:  # else closed by a datagram before it
                        readable.read(now)
            elif chores_left:
                chores_left -= 1
                chores.do_one()
            wait_s = self.free_until - monotonic()
            if chores_left:
                wait_s = min(wait_s, 0.0)

    def drain(self) -> None:
        """Read what has arrived, one datagram a socket."""
        now = time.monotonic()
        for descriptor, _ in self._epoll.poll(0, _BATCH):
            readable = self._readables[descriptor]
            if readable is not None:
                readable.read(now)


class _Other:
    """A socket that the event loop reads."""

    def __init__(self, poll: Poll) -> None:
        self._poll = poll

    def read(self, now: float) -> None:
        """Leave it to the loop."""
        self._poll.free_until = -math.inf
