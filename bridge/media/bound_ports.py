"""The RTP ports of the media process as sockets: bound when a session wants them, or ahead of the next sessions."""

import errno
import socket
from contextlib import suppress

from bridge.media.messages import MediaSettings
from bridge.media.ports import PortPool
from bridge.media.rtp_port import bind

#: Ports tried for one side before the session is refused: others may hold some of the range.
_TRIES = 1024
#: More datagrams than a socket's buffer holds.
_WAITING = 1024


class BoundPorts:
    """Binds ports of the range, and keeps the sockets of those that no session has yet."""

    def __init__(self, settings: MediaSettings) -> None:
        self._address = settings.listen_address
        self._pool = PortPool(settings.first_port, settings.last_port, settings.port_rest_s)
        self._ahead: dict[int, socket.socket] = {}

    def take(self, number: int, now: float) -> socket.socket:
        """The socket of this port, or for 0 of the next free one of the range; raises OSError."""
        if number == 0:
            return self._next(now)
        ahead = self._ahead.pop(number, None)
        if ahead is not None:
            _empty(ahead)
            return ahead
        sock = bind(self._address, number)
        self._pool.claim(number)
        return sock

    def bind_ahead(self, pairs: int, now: float) -> tuple[tuple[int, int], ...]:
        """The numbers of so many pairs, which are taken now; of fewer where no more can be had."""
        bound = []
        with suppress(OSError):
            for _ in range(pairs):
                bound.append(self._pair(now))
        return tuple(bound)

    def is_ahead(self, number: int) -> bool:
        """This port waits for its session."""
        return number in self._ahead

    def release(self, number: int, now: float) -> None:
        """The port's socket is closed: the port begins its rest."""
        self._pool.release(number, now)

    def rest(self, number: int, now: float) -> None:
        """A port that was used before this process was there."""
        self._pool.claim(number)
        self._pool.release(number, now)

    def close(self) -> None:
        """Close what waits for sessions."""
        for sock in self._ahead.values():
            sock.close()
        self._ahead.clear()

    def _pair(self, now: float) -> tuple[int, int]:
        first = self._next(now)
        try:
            second = self._next(now)
        except OSError:
            self._pool.put_back(_number(first))
            first.close()
            raise
        for sock in (first, second):
            self._ahead[_number(sock)] = sock
        return _number(first), _number(second)

    def _next(self, now: float) -> socket.socket:
        last: OSError | None = None
        for _ in range(_TRIES):
            free = self._pool.take(now)
            if free is None:
                break
            try:
                return bind(self._address, free)
            except OSError as exc:  # another program has it: it rests like one of ours
                last = exc
                self._pool.release(free, now)
        raise last or OSError(errno.EADDRNOTAVAIL, "every port of the range is taken or rests")


def _number(sock: socket.socket) -> int:
    number: int = sock.getsockname()[1]
    return number


def _empty(sock: socket.socket) -> None:
    """What came while nobody had the port is of no call."""
    with suppress(OSError):
        for _ in range(_WAITING):
            sock.recv(1)
