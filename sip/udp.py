"""UDP sockets of the edge: opened with large buffers, or refused with the name of who has the port."""

import contextlib
import socket

from sip.port_holder import address_error

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
        raise address_error(exc, host, port) from exc
    return udp
