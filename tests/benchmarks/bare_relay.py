"""The yardstick of relayed calls: `python -m tests.benchmarks.bare_relay`, pairs of ports on stdin.

The least that can be written in Python: two connected sockets a call, one epoll, a datagram in, a datagram out. Nothing
is checked, counted or spoken of.
"""

import json
import select
import socket
import sys

LOOPBACK = "127.0.0.1"


def relay(calls: list[tuple[int, int]]) -> None:
    """Relay between the ports of each pair until stdin ends; says first, on stdout, where each side is to send to."""
    epoll = select.epoll()
    routes: dict[int, tuple[socket.socket, socket.socket]] = {}
    here: list[tuple[int, int]] = []
    for ports in calls:
        socks = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in ports]
        for sock, port in zip(socks, ports, strict=True):
            sock.setblocking(False)
            sock.bind((LOOPBACK, 0))
            sock.connect((LOOPBACK, port))
            epoll.register(sock.fileno(), select.EPOLLIN)
        first, second = socks
        routes |= {first.fileno(): (first, second), second.fileno(): (second, first)}
        here.append((first.getsockname()[1], second.getsockname()[1]))
    sys.stdout.write(json.dumps(here) + "\n")
    sys.stdout.flush()
    buffer = bytearray(2048)
    view = memoryview(buffer)
    orders = sys.stdin.fileno()
    epoll.register(orders, select.EPOLLIN)  # at its end who measures is gone
    while True:
        for descriptor, _ in epoll.poll():
            if descriptor == orders:
                return
            source, target = routes[descriptor]
            target.send(view[: source.recv_into(buffer)])


if __name__ == "__main__":
    relay([(first, second) for first, second in json.loads(sys.stdin.readline())])
