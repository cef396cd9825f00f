"""One RTP port: the socket anyone can send to, and a connected one for the source that has proven itself."""

import socket
from collections.abc import Callable
from contextlib import suppress
from select import EPOLLIN, epoll

from bridge.media.party import Party
from bridge.media.rtp import MAX_DATAGRAM
from bridge.media.source import Address

#: One byte more than is taken, so that what is too long shows.
_READ = MAX_DATAGRAM + 1

#: Datagrams taken over when a socket changes its part; more wait for the next turn or are lost.
_DRAINED = 64

#: Called with the time (seconds, monotonic) when a socket has something to read.
Reader = Callable[[float], None]


def bind(address: str, port: int) -> socket.socket:
    """A UDP socket on this port and no other process's; raises OSError."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        sock.setblocking(False)
        sock.bind((address, port))
    except OSError:
        sock.close()
        raise
    return sock


class RtpPort:
    """The sockets of one party.

    Once a packet has come from the remote address, a second socket on the same port is connected to it. The kernel
    gives that source's packets to the connected socket and all others to the open one, so strangers are still counted
    and a changed port is still seen, while the hot path needs neither an address per packet nor a route: recv and send
    cost a sixth less than recvfrom and sendto. Where the second socket cannot be had, the first does everything.
    """

    __slots__ = (
        "_epoll",
        "_open",
        "_other",
        "_packet",
        "_peer",
        "_readers",
        "_recv",
        "_connected",
        "number",
        "party",
        "send",
    )

    def __init__(self, sock: socket.socket, party: Party, poll: epoll, readers: dict[int, Reader]) -> None:
        self.party = party
        self._packet = party.packet
        self.number: int = sock.getsockname()[1]
        #: Sends a datagram to the remote address; raises OSError.
        self.send: Callable[[bytes], int] = self._send_open
        self._open = sock
        self._connected: socket.socket | None = None
        self._peer: Address | None = None
        self._epoll = poll
        self._readers = readers
        self._other: RtpPort = self
        self._watch(sock, self._read_open)

    def join(self, other: "RtpPort") -> None:
        """Packets that come here leave there, and the other way round."""
        self._other, other._other = other, self

    def deliver(self, datagram: bytes) -> None:
        """Send to this port's party; what the system refuses is counted."""
        try:
            self.send(datagram)
        except OSError:
            self.party.hearing.unsent += 1

    def _send_open(self, datagram: bytes) -> int:
        remote = self.party.source.remote
        return self._open.sendto(datagram, remote) if remote is not None else 0

    def _read_connected(self, now: float) -> None:
        """The hot path: a packet of the source that has proven itself."""
        try:
            datagram = self._recv(_READ)
        except OSError:
            return  # the peer's port was closed when we last sent (ICMP), or nothing is there after all
        onward = self._packet(datagram, now)
        if onward is not None:
            try:
                self._other.send(onward)
            except OSError:
                self._other.party.hearing.unsent += 1

    def _read_open(self, now: float) -> None:
        try:
            datagram, source = self._open.recvfrom(_READ)
        except OSError:
            return
        onward = self.party.datagram(datagram, source, now)
        if onward is not None:
            self._other.deliver(onward)
        remote = self.party.source.remote
        if remote is not None and remote != self._peer and self.party.source.latched:
            self._connect(remote, now)

    def settle(self, now: float) -> None:
        """The remote address may have been changed by a command."""
        if self._peer is not None and not (self.party.source.latched and self.party.source.remote == self._peer):
            self._disconnect(now)

    def _connect(self, remote: Address, now: float) -> None:
        self._disconnect(now)
        self._peer = remote  # also when it fails: it is tried once an address
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            sock.setblocking(False)
            # Only these two may share the port, and only while the second is bound.
            self._open.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            sock.bind(self._open.getsockname())
            sock.connect(remote)
        except OSError:
            sock.close()
            return
        finally:
            self._open.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 0)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 0)
        self._connected = sock
        self.send, self._recv = sock.send, sock.recv
        self._drain_as_open(sock, now)
        self._watch(sock, self._read_connected)

    def _drain_as_open(self, sock: socket.socket, now: float) -> None:
        """What came between bind and connect may be anyone's."""
        with suppress(OSError):
            for _ in range(_DRAINED):
                datagram, source = sock.recvfrom(_READ)
                onward = self.party.datagram(datagram, source, now)
                if onward is not None:
                    self._other.deliver(onward)

    def _disconnect(self, now: float) -> None:
        sock, self._connected, self._peer = self._connected, None, None
        if sock is None:
            return
        self.send = self._send_open
        self._unwatch(sock)
        self._drain_as_open(sock, now)
        sock.close()

    def _watch(self, sock: socket.socket, reader: Reader) -> None:
        self._readers[sock.fileno()] = reader
        self._epoll.register(sock, EPOLLIN)

    def _unwatch(self, sock: socket.socket) -> None:
        self._epoll.unregister(sock)
        del self._readers[sock.fileno()]

    def close(self) -> None:
        """Both sockets go; what they still hold is lost."""
        self._other = self
        self.send = self._send_open
        if self._connected is not None:
            self._unwatch(self._connected)
            self._connected.close()
            self._connected = None
        self._unwatch(self._open)
        self._open.close()
