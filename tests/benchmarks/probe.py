"""A load of RTP in a process of its own: `python -m tests.benchmarks.probe SOCKETS`, orders on stdin.

Every 20 ms it sends a packet of each flow, spread over the 20 ms, and stamps it with the monotonic clock, which is the
same for all processes of a machine. Whatever arrives with such a stamp is one sample of one-way latency. It is one
thread without asyncio, and several flows share a socket, so that it takes little of the machine it measures.

    flow SIDE SOCKET HOST PORT      send there from now on; SIDE is customer or engine
    measure SECONDS                 answered by a line of JSON when they are over
"""

import contextlib
import json
import os
import select
import socket
import struct
import sys
import time
from array import array
from dataclasses import asdict, dataclass
from pathlib import Path

from bridge.simulator.speech import CUSTOMER, recording
from sip.messages import Codec
from tests.benchmarks.figures import quantile

LOOPBACK = "127.0.0.1"
SIDES = ("customer", "engine")
#: In the place of the first bytes of a packet's audio: magic, number of the measurement, monotonic time in ns.
STAMP = struct.Struct("<IIQ")
MAGIC = 0x48434E42
#: The number in stamps that are not this process's own: of an engine by WebSocket.
FOREIGN = 0xFFFFFFFF
RTP_HEADER = 12
_FRAME_NS, _SLOTS = 20_000_000, 20
_SLOT_NS = _FRAME_NS // _SLOTS
#: What is still on its way when a measurement ends arrives meanwhile, or is lost.
_ON_ITS_WAY_NS = 700_000_000
_BUFFER = 4 * 1024 * 1024
_RTP = struct.Struct("!HI")


@dataclass(frozen=True)
class Ports:
    """Where a probe's sockets are."""

    customer: list[int]
    engine: list[int]


@dataclass(frozen=True)
class Heard:
    """What a measurement has found."""

    sent: int
    received: int
    dropped_here: int
    """Packets that came while the probe was too slow to take them: nobody else has lost them."""
    p50_ms: float
    p99_ms: float
    p999_ms: float
    late_p99_ms: float
    """Of streams that are stamped elsewhere, against the 20 ms grid of each; see `lateness_ms`."""
    first_ms: list[float]
    """The way of the first packet of each such stream that has begun since the last measurement."""

    @property
    def lost(self) -> int:
        """Packets that were sent and never came."""
        return max(self.sent - self.received - self.dropped_here, 0)


@dataclass
class _Flow:
    sock: socket.socket
    target: tuple[str, int]
    packet: bytearray
    sequence: int = 0


@dataclass
class _Measurement:
    """What is counted between an order and its answer."""

    number: int
    ends_ns: int
    dropped: int
    sent: int = 0
    over: bool = False
    """Nothing is sent for it any more."""


class Probe:
    """All flows of this process."""

    def __init__(self, sockets: int) -> None:
        self._epoll = select.epoll()
        self._sockets = {side: [_bound() for _ in range(sockets)] for side in SIDES}
        self._by_descriptor = {sock.fileno(): sock for side in SIDES for sock in self._sockets[side]}
        for descriptor in self._by_descriptor:
            self._epoll.register(descriptor, select.EPOLLIN)
        self._slots: list[list[_Flow]] = [[] for _ in range(_SLOTS)]
        self._flows = 0
        self._number = 0
        self._measurement: _Measurement | None = None
        self._latency_us = array("I")
        self._arrivals: dict[int, array[int]] = {}
        """When each packet came that was stamped elsewhere, by its socket; ns."""
        self._begun: set[int] = set()
        self._first_ms: list[float] = []
        self._orders = b""

    @property
    def ports(self) -> Ports:
        """Where each side's sockets are."""
        return Ports(**{side: [sock.getsockname()[1] for sock in socks] for side, socks in self._sockets.items()})

    def run(self, orders: int) -> None:
        """Until this descriptor is at its end."""
        self._epoll.register(orders, select.EPOLLIN)
        buffer = bytearray(2048)
        next_ns, slot = time.monotonic_ns(), 0
        while True:
            now = time.monotonic_ns()
            while next_ns <= now:
                self._send(self._slots[slot])
                slot = (slot + 1) % _SLOTS
                next_ns += _SLOT_NS
            self._consider(now)
            for descriptor, _ in self._epoll.poll(max(next_ns - time.monotonic_ns(), 0) / 1e9, 64):
                if descriptor != orders:
                    self._receive(descriptor, buffer)
                elif not self._read_orders(orders):
                    return

    # packets

    def _send(self, flows: list[_Flow]) -> None:
        measurement = self._measurement
        number = measurement.number if measurement is not None and not measurement.over else 0
        clock, stamp, header = time.monotonic_ns, STAMP.pack_into, _RTP.pack_into
        for flow in flows:
            flow.sequence = sequence = flow.sequence + 1
            header(flow.packet, 2, sequence & 0xFFFF, sequence * 160 & 0xFFFFFFFF)
            stamp(flow.packet, RTP_HEADER, MAGIC, number, clock())
            with contextlib.suppress(OSError):  # it counts as lost
                flow.sock.sendto(flow.packet, flow.target)
        if number and measurement is not None:
            measurement.sent += len(flows)

    def _receive(self, descriptor: int, buffer: bytearray) -> None:
        try:
            size = self._by_descriptor[descriptor].recv_into(buffer)
        except OSError:
            return
        now = time.monotonic_ns()
        if size < RTP_HEADER + STAMP.size:
            return
        magic, number, sent_ns = STAMP.unpack_from(buffer, RTP_HEADER)
        if magic != MAGIC:
            return
        if number == FOREIGN:
            self._hear(descriptor, now, sent_ns)
        elif self._measurement is not None and number == self._measurement.number:
            self._latency_us.append((now - sent_ns) // 1000)

    def _hear(self, descriptor: int, now: int, sent_ns: int) -> None:
        """A packet of a stream that was stamped elsewhere; such a stream has a socket of its own."""
        if descriptor not in self._begun:
            self._begun.add(descriptor)
            self._first_ms.append((now - sent_ns) / 1e6)
        if self._measurement is not None and not self._measurement.over:
            self._latency_us.append((now - sent_ns) // 1000)
            self._arrivals.setdefault(descriptor, array("Q")).append(now)

    # orders

    def _read_orders(self, descriptor: int) -> bool:
        data = os.read(descriptor, 65_536)
        *lines, self._orders = (self._orders + data).split(b"\n")
        for line in lines:
            self._obey(line.decode().split())
        return bool(data)

    def _obey(self, order: list[str]) -> None:
        if order[0] == "flow":
            self._add(order[1], int(order[2]), (order[3], int(order[4])))
        else:
            self._measure(float(order[1]))

    def _add(self, side: str, place: int, target: tuple[str, int]) -> None:
        frame = recording(CUSTOMER, Codec.PCMU)[10]
        packet = bytearray(struct.pack("!BBHII", 0x80, 0, 0, 0, 0x1000 + self._flows) + frame)
        self._slots[self._flows % _SLOTS].append(_Flow(self._sockets[side][place], target, packet))
        self._flows += 1

    def _measure(self, seconds: float) -> None:
        now = time.monotonic_ns()
        self._number += 1
        self._latency_us = array("I")
        self._arrivals = {}
        ends = now + int(seconds * 1e9)
        self._measurement = _Measurement(self._number, ends, self._dropped())

    def _consider(self, now: int) -> None:
        measurement = self._measurement
        if measurement is None or now < measurement.ends_ns:
            return
        measurement.over = True
        if now >= measurement.ends_ns + _ON_ITS_WAY_NS:
            sys.stdout.write(json.dumps(asdict(self._result(measurement))) + "\n")
            sys.stdout.flush()
            self._measurement = None

    def _result(self, measurement: _Measurement) -> Heard:
        ordered = sorted(self._latency_us) or [0]
        first_ms, self._first_ms = self._first_ms, []
        p50, p99, p999 = (quantile(ordered, share) / 1000 for share in (0.5, 0.99, 0.999))
        return Heard(
            sent=measurement.sent,
            received=len(self._latency_us),
            dropped_here=self._dropped() - measurement.dropped,
            p50_ms=p50,
            p99_ms=p99,
            p999_ms=p999,
            late_p99_ms=lateness_ms([list(each) for each in self._arrivals.values()]),
            first_ms=first_ms,
        )

    def _dropped(self) -> int:
        """Packets that came while this process was too slow to take them."""
        inodes = {str(_inode(descriptor)) for descriptor in self._by_descriptor}
        lines = [line.split() for line in Path("/proc/net/udp").read_text().splitlines()[1:]]
        return sum(int(fields[-1]) for fields in lines if fields[9] in inodes)


def lateness_ms(arrivals: list[list[int]]) -> float:
    """By how much the latest per cent of packets came too late at least, the 20 ms grid of each stream; arrivals in ns.

    A stream's grid begins where its most punctual packet puts it.
    """
    late: list[float] = []
    for times in arrivals:
        offsets = [at - place * _FRAME_NS for place, at in enumerate(times)]
        late += [offset - min(offsets) for offset in offsets]
    return quantile(late, 0.99) / 1e6 if late else 0.0


def _bound() -> socket.socket:
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
    sock.setblocking(False)
    sock.bind((LOOPBACK, 0))
    return sock


def _inode(descriptor: int) -> int:
    return Path(f"/proc/self/fd/{descriptor}").stat().st_ino


def main() -> int:
    """Say where the sockets are, then obey."""
    probe = Probe(int(sys.argv[1]))
    sys.stdout.write(json.dumps(asdict(probe.ports)) + "\n")
    sys.stdout.flush()
    probe.run(sys.stdin.fileno())
    return 0


if __name__ == "__main__":
    sys.exit(main())
