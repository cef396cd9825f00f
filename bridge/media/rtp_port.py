"""One RTP port: the socket anyone can send to, and a connected one for the source that has proven itself."""

import socket
from collections.abc import Callable
from contextlib import suppress

from bridge.media.party import Party
from bridge.media.poll import Poll
from bridge.media.rtp import MAX_DATAGRAM
from bridge.media.source import Address

#: One byte more than is taken, so that what is too long shows.
_READ = MAX_DATAGRAM + 1

#: Datagrams taken over when a socket changes its part; more wait for the next turn or are lost.
_DRAINED = 64

#: What a connected socket reads goes here: one thread reads them all, one datagram at a time.
_BUFFER = bytearray(_READ)
#: What is in it after so many bytes were read.
_READ_BYTES = tuple(memoryview(_BUFFER)[:size] for size in range(_READ + 1))


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


class _Connected:
    """The socket of the source that has proven itself: the hot path. Few objects, because each is a cache miss.

    CPython 3.11 calls what a slot holds a third faster when it is taken into a variable first.
    """

    __slots__ = ("_lane", "_party", "_port", "_receive", "forward", "sock")

    def __init__(self, sock: socket.socket, port: "RtpPort") -> None:
        self.sock = sock
        #: How the other port sends at the moment.
        self.forward = port.other.send
        self._receive = sock.recv_into
        self._lane = port.party.lane
        self._party = port.party
        self._port = port

    def read(self, now: float) -> None:
        receive, lane = self._receive, self._lane
        try:
            size = receive(_BUFFER)
        except OSError:
            return  # the peer's port was closed when we last sent (ICMP), or nothing is there after all
        left = lane.left
        if left and size == lane.size and _BUFFER[1] == lane.second and _BUFFER[0] == lane.first:
            lane.left = left - 1
            lane.at = now
            forward, datagram = self.forward, _READ_BYTES[size]
            try:
                forward(datagram)
            except OSError as exc:
                self._port.other.retry(datagram, exc)
            return
        onward = self._party.packet(bytes(_READ_BYTES[size]), now)
        if onward is not None:
            self._port.other.deliver(onward)


class RtpPort:
    """The sockets of one party.

    Once a packet has come from the remote address, a second socket on the same port is connected to it. The kernel
    gives that source's packets to the connected socket and all others to the open one, so strangers are still counted
    and a changed port is still seen, while the hot path needs neither an address per packet nor a route: recv and send
    cost a sixth less than recvfrom and sendto. Where the second socket cannot be had, the first does everything.
    """

    def __init__(self, sock: socket.socket, party: Party, poll: Poll) -> None:
        self.party = party
        self.number: int = sock.getsockname()[1]
        #: Where packets that come here leave.
        self.other: RtpPort = self
        #: Sends a datagram to the remote address; raises OSError.
        self.send: Callable[[bytes | memoryview], int] = self._send_open
        self._open = sock
        self._connected: _Connected | None = None
        #: The remote address a connected socket was last tried for.
        self._peer: Address | None = None
        self._poll = poll
        poll.watch(sock, self)

    def join(self, other: "RtpPort") -> None:
        """Packets that come here leave there, and the other way round."""
        self.other, other.other = other, self

    def deliver(self, datagram: bytes) -> None:
        """Send to this port's party; what the system refuses is counted."""
        try:
            self.send(datagram)
        except OSError as exc:
            self.retry(datagram, exc)

    def retry(self, datagram: bytes | memoryview, refusal: OSError) -> None:
        """Sending was refused: say it again if that was about an earlier packet (ICMP: nobody listened then)."""
        if isinstance(refusal, ConnectionRefusedError):
            with suppress(OSError):
                self.send(datagram)
                return
        self.party.hearing.unsent += 1

    def read(self, now: float) -> None:
        """Take one datagram from anyone."""
        self._take(self._open, now)
        remote = self.party.source.remote
        if remote is not None and remote != self._peer and self.party.source.latched:
            self._connect(remote, now)

    def settle(self, now: float) -> None:
        """The remote address may have been changed by a command."""
        if self._peer is not None and not (self.party.source.latched and self.party.source.remote == self._peer):
            self._disconnect(now)

    def close(self) -> None:
        """Both sockets go; what they still hold is lost."""
        for sock in (self._open, self._connected.sock if self._connected is not None else None):
            if sock is not None:
                self._poll.unwatch(sock)
                sock.close()
        self._connected = None

    def _send_open(self, datagram: bytes | memoryview) -> int:
        remote = self.party.source.remote
        return self._open.sendto(datagram, remote) if remote is not None else 0

    def _take(self, sock: socket.socket, now: float) -> bool:
        """Read one datagram with its source; False when there was none."""
        try:
            datagram, source = sock.recvfrom(_READ)
        except OSError:
            return False
        onward = self.party.datagram(datagram, source, now)
        if onward is not None:
            self.other.deliver(onward)
        return True

    def _drain(self, sock: socket.socket, now: float) -> None:
        """Take what came before a socket's part changed; between bind and connect it may be anyone's."""
        for _ in range(_DRAINED):
            if not self._take(sock, now):
                return

    def _connect(self, remote: Address, now: float) -> None:
        self._disconnect(now)
        self._peer = remote  # also when it fails: it is tried once an address
        try:
            sock = self._second_socket(remote)
        except OSError:
            return
        for earlier in (self._open, sock):
            self._drain(earlier, now)
        self._connected = _Connected(sock, self)
        self._poll.watch(sock, self._connected)
        self._send_with(sock.send)

    def _second_socket(self, remote: Address) -> socket.socket:
        """A socket on the same port, connected; raises OSError."""
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            sock.setblocking(False)
            # Only these two may share the port, and only while the second is bound.
            self._open.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            sock.bind(self._open.getsockname())
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 0)
            sock.connect(remote)
        except OSError:
            sock.close()
            raise
        finally:
            self._open.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 0)
        return sock

    def _disconnect(self, now: float) -> None:
        peer, self._peer = self._peer, None
        if self._connected is None:
            return
        sock, self._connected = self._connected.sock, None
        self._send_with(self._send_open)
        self._poll.unwatch(sock)
        if peer == self.party.source.remote:  # else what is left came from an address that counts no more
            self._drain(sock, now)
        sock.close()

    def _send_with(self, send: Callable[[bytes | memoryview], int]) -> None:
        self.send = send
        if self.other._connected is not None:
            self.other._connected.forward = send
