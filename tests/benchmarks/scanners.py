"""What a datagram costs that the edge refuses: `python -m tests.benchmarks.scanners`.

Datagrams are put into the edge's real UDP socket and then handled in one go; only the handling is counted, in CPU time
of the process, the system's share included. Beside it a bare loop of `recvfrom` over the same datagrams.
"""

import argparse
import asyncio
import io
import json
import socket
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Network
from statistics import median

import uvloop

from bridge import logs
from sip.admission import Admitted, Invite, Refused
from sip.counters import Count
from sip.dispatch import Dispatch
from sip.edge import Edge, EdgeSettings
from sip.messages import EdgeEvent, LegEnded

#: Who may call, and who may not.
ALLOWED, STRANGER = "127.0.0.1", "127.0.0.2"
#: Datagrams in the socket at once: what it holds without loss on a machine that does not raise its limits.
BATCH = 100

_SCANNER = (
    "{method} sip:{user}@127.0.0.1 SIP/2.0\r\n"
    "Via: SIP/2.0/UDP 127.0.1.1:5060;branch=z9hG4bK-{number};rport\r\n"
    "Content-Length: 0\r\n"
    'From: "{user}"<sip:{user}@1.1.1.1>;tag=3764303030303030313363340132{number}\r\n'
    "Accept: application/sdp\r\n"
    "User-Agent: friendly-scanner\r\n"
    'To: "{user}"<sip:{user}@1.1.1.1>\r\n'
    "Contact: sip:{user}@127.0.1.1:5060\r\n"
    "CSeq: 1 {method}\r\n"
    "Call-ID: 1062{number}\r\n"
    "Max-Forwards: 70\r\n\r\n"
)


@dataclass(frozen=True)
class Kind:
    """One kind of unwanted datagram."""

    name: str
    make: Callable[[int], bytes]
    source: str
    counted: Count
    """As what the edge counts it."""


@dataclass(frozen=True)
class Cost:
    """What one kind costs."""

    kind: str
    us: float
    """CPU time of a datagram in the edge, µs; the median of the rounds."""
    bare_us: float
    """The same in a bare loop of recvfrom."""

    @property
    def ratio(self) -> float:
        """How many times a bare loop's."""
        return self.us / self.bare_us


class Nobody:
    """An Admission nobody gets to."""

    accepts_calls = True

    async def admit(self, invite: Invite) -> Admitted | Refused:
        """Nothing of a scanner's is admitted."""
        return Refused(404, "not ours")

    def sip_event(self, event: EdgeEvent | LegEnded) -> None:
        """None comes."""


def scan(method: str) -> Callable[[int], bytes]:
    """A request as SIPVicious writes it."""
    return lambda number: _SCANNER.format(method=method, number=number, user=100 + number % 900).encode()


def _answer(number: int) -> bytes:
    return scan("OPTIONS")(number).replace(b"OPTIONS sip:", b"SIP/2.0 200 OK\r\nX: sip:", 1)


def _nonsense(number: int) -> bytes:
    return b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"%d" % number + b"\xff" * 300


def _unfinished(number: int) -> bytes:
    return scan("INVITE")(number)[:150]


_TOO_MANY = Count.RATE_LIMITED
KINDS = (
    *(Kind(f"{method}, stranger", scan(method), STRANGER, Count.STRANGERS) for method in ("OPTIONS", "REGISTER")),
    Kind("INVITE, stranger", scan("INVITE"), STRANGER, Count.STRANGERS),
    Kind("nonsense, stranger", _nonsense, STRANGER, Count.STRANGERS),
    Kind("64 KB, stranger", lambda number: scan("INVITE")(number).ljust(65_000, b"x"), STRANGER, Count.STRANGERS),
    *(Kind(f"{method}, over its rate", scan(method), ALLOWED, _TOO_MANY) for method in ("OPTIONS", "REGISTER")),
    Kind("INVITE, over its rate", scan("INVITE"), ALLOWED, _TOO_MANY),
    Kind("BYE, over its rate", scan("BYE"), ALLOWED, _TOO_MANY),
    Kind("response to nothing, allowed", _answer, ALLOWED, Count.UNMATCHED_RESPONSES),
    Kind("nonsense, allowed", _nonsense, ALLOWED, Count.UNREADABLE),
    Kind("half a request, allowed", _unfinished, ALLOWED, Count.UNREADABLE),
    Kind("64 KB, allowed", lambda number: scan("INVITE")(number).ljust(65_000, b"x"), ALLOWED, _TOO_MANY),
    Kind("CRLF, allowed", lambda number: b"\r\n\r\n", ALLOWED, Count.KEEPALIVES),
    Kind("empty, allowed", lambda number: b"", ALLOWED, Count.KEEPALIVES),
)


async def measure(kind: Kind, datagrams: int, rounds: int) -> Cost:
    """What the edge takes for one, beside a bare loop."""
    settings = EdgeSettings(ALLOWED, 0, ALLOWED, (IPv4Network(f"{ALLOWED}/32"),), rate_per_s=1e-6, burst=1)
    edge = await Edge.open(settings, Dispatch(), Nobody())
    sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sender.bind((kind.source, 0))
    texts = [kind.make(number) for number in range(datagrams)]
    batch = max(1, min(BATCH, 2_000_000 // max(len(texts[0]), 1) // 4))
    try:
        await _use_up(edge, sender, kind)
        costs = [await _through(edge, sender, kind, texts, batch) for _ in range(rounds)]
    finally:
        edge.close()
        sender.close()
    bare = [_bare(texts, batch) for _ in range(rounds)]
    return Cost(kind.name, median(costs), median(bare))


async def _use_up(edge: Edge, sender: socket.socket, kind: Kind) -> None:
    """Let the edge say the refusals that it still says; those it is silent about are counted afterwards."""
    for number in range(BATCH):
        sender.sendto(kind.make(10**6 + number)[:1000], (ALLOWED, edge.public_port))
        await asyncio.sleep(0.001)


async def _through(edge: Edge, sender: socket.socket, kind: Kind, texts: list[bytes], batch: int) -> float:
    spent = 0.0
    for first in range(0, len(texts), batch):
        part = texts[first : first + batch]
        target = edge.counters[kind.counted] + len(part)
        for text in part:
            sender.sendto(text, (ALLOWED, edge.public_port))
        started = time.process_time()
        async with asyncio.timeout(10.0):
            while edge.counters[kind.counted] < target:  # noqa: ASYNC110  # nobody tells
                await asyncio.sleep(0)
        spent += time.process_time() - started
    return spent / len(texts) * 1e6


def _bare(texts: list[bytes], batch: int) -> float:
    receiver, sender = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2))
    with receiver, sender:
        receiver.bind((ALLOWED, 0))
        receiver.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 * 1024 * 1024)
        address, spent = receiver.getsockname(), 0.0
        for first in range(0, len(texts), batch):
            part = texts[first : first + batch]
            for text in part:
                sender.sendto(text, address)
            started = time.process_time()
            for _ in part:
                receiver.recvfrom(65_536)
            spent += time.process_time() - started
    return spent / len(texts) * 1e6


async def measure_all(datagrams: int, rounds: int) -> list[Cost]:
    """Every kind."""
    return [await measure(kind, datagrams, rounds) for kind in KINDS]


def main(arguments: list[str]) -> int:
    """The table, or JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--datagrams", type=int, default=2000, help="of each kind in a round (%(default)s)")
    parser.add_argument("--rounds", type=int, default=5, help="their median counts (%(default)s)")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    logs.configure(stream=io.StringIO())
    costs = uvloop.run(measure_all(options.datagrams, options.rounds))
    if options.json:
        rows = [{"kind": cost.kind, "us": cost.us, "bare_us": cost.bare_us} for cost in costs]
        sys.stdout.write(json.dumps(rows) + "\n")
        return 0
    sys.stdout.write(f"{'datagram':32}{'µs in the edge':>16}{'bare recvfrom':>16}{'ratio':>8}\n")
    for cost in costs:
        sys.stdout.write(f"{cost.kind:32}{cost.us:16.1f}{cost.bare_us:16.1f}{cost.ratio:8.1f}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
