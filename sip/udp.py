"""UDP sockets of the edge: opened with large buffers, or refused with the name of who has the port."""

import contextlib
import errno
import socket
from pathlib import Path

from sip.errors import AddressInUse, AddressUnusable

#: Bytes the kernel may hold for us: some 2,000 INVITEs while the loop is busy elsewhere.
RECEIVE_BUFFER = 4 * 1024 * 1024

#: Linux's setsockopt that passes net.core.rmem_max, for root only; the socket module does not name it.
_SO_RCVBUFFORCE = 33


def open_udp(host: str, port: int) -> socket.socket:
    """A bound, non-blocking IPv4 socket; raises AddressInUse or AddressUnusable."""
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        udp.setblocking(False)
        udp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
        with contextlib.suppress(PermissionError):
            udp.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, RECEIVE_BUFFER)
        udp.bind((host, port))
    except OSError as exc:
        udp.close()
        if exc.errno == errno.EADDRINUSE:
            raise AddressInUse(host, port, holder_of(port)) from exc
        raise AddressUnusable(host, port, exc.strerror or str(exc)) from exc
    return udp


def holder_of(port: int) -> str | None:
    """The process with a UDP socket on this port, as far as this user may see it in /proc."""
    try:
        inodes = _inodes_of(port)
        for process in Path("/proc").glob("[0-9]*"):
            if _holds(process, inodes):
                command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace").strip()
                return f"process {process.name} ({command[:80]})"
    except OSError:
        return None
    return None


def _inodes_of(port: int) -> set[str]:
    rows = [line.split() for line in Path("/proc/net/udp").read_text().splitlines()[1:]]
    return {f"socket:[{row[9]}]" for row in rows if int(row[1].rpartition(":")[2], 16) == port}


def _holds(process: Path, inodes: set[str]) -> bool:
    try:
        return any(str(entry.readlink()) in inodes for entry in (process / "fd").iterdir())
    except OSError:  # it ended, or belongs to another user
        return False
