"""Ports for tests that must know one before it is bound."""

import itertools
import os
import socket

#: Below what the system gives out by itself (32768 and more) and above the RTP ports of the tests' bridges. Several
#: tests go on at once: each process has its own share, so that nobody takes a port between its choice and its use.
_FIRST, _SHARE, _SHARES = 31_000, 200, 8
_WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % _SHARES
_ports = itertools.cycle(range(_FIRST + _WORKER * _SHARE, _FIRST + (_WORKER + 1) * _SHARE))


def free_port(kind: socket.SocketKind = socket.SOCK_DGRAM) -> int:
    """A UDP port, or a TCP port (SOCK_STREAM), of 127.0.0.1 that nobody has."""
    for port in itertools.islice(_ports, _SHARE):
        with socket.socket(socket.AF_INET, kind) as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise OSError("all ports of the tests are taken")
