"""Calls that are added up to one size after another: what they cost and how their audio fares at each."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from tests.benchmarks.children import Child
from tests.benchmarks.costs import CpuWatch, by_process, pss_mb, with_children
from tests.benchmarks.figures import Reading, Subject, slope
from tests.benchmarks.phones import LOOPBACK
from tests.benchmarks.probe import Heard
from tests.benchmarks.sip_texts import Address

#: Where each end of a call sends to: "customer", "engine".
Ends = dict[str, Address]


@dataclass(frozen=True)
class Carrier:
    """Something that carries calls."""

    subject: Subject
    pids: tuple[int, ...]
    """Of those processes whose cost counts, with their children."""
    add: Callable[[int, int], Awaitable[Sequence[Ends]]]
    """Brings further calls up, from one place to before another."""


@dataclass(frozen=True)
class Load:
    """What speaks through the calls, and how it is heard."""

    probe: Child
    a_socket: int
    """Calls that share a socket of the probe."""
    others: tuple[Child, ...] = ()
    """Further processes of the load."""

    def audio(self, ports: Sequence[int]) -> Callable[[int], Address]:
        """Where the end of the n-th call is, by the ports of its side."""
        return lambda place: (LOOPBACK, ports[place // self.a_socket])

    def speak(self, place: int, ends: Ends) -> None:
        """Through one more call."""
        for side, (host, port) in ends.items():
            self.probe.tell(f"flow {side} {place // self.a_socket} {host} {port}")

    async def heard(self, seconds: float) -> Heard:
        """In so long."""
        self.probe.tell(f"measure {seconds}")
        return Heard(**await self.probe.said(seconds + 20))


async def climb(
    carrier: Carrier,
    load: Load,
    sizes: Sequence[int],
    seconds: tuple[float, float],
    audio: Callable[[int, Subject, Heard], list[Reading]],
) -> list[Reading]:
    """Each size is let settle for the first of these seconds and measured for the second; calls stay up.

    `audio` makes readings of what was heard, given the number of calls and the subject.
    """
    found: list[Reading] = []
    cpu: list[tuple[float, float]] = []
    memory = [(0.0, pss_mb(with_children(carrier.pids)))]
    up = 0
    for size in sizes:
        for place, ends in enumerate(await carrier.add(up, size), up):
            load.speak(place, ends)
        up = size
        await asyncio.sleep(seconds[0])
        is_bridge = carrier.subject is Subject.BRIDGE
        whole, parts = CpuWatch(carrier.pids), by_process(carrier.pids[0]) if is_bridge else {}
        own = CpuWatch(tuple(child.pid for child in (load.probe, *load.others)))
        heard = await load.heard(seconds[1])
        at = f"{size} calls"
        cpu.append((size, whole.per_cent()))
        found.append(Reading("CPU a call", "% of a core", at, cpu[-1][1] / size, carrier.subject))
        for part, watch in parts.items():
            found.append(Reading(f"CPU a call, {part}", "% of a core", at, watch.per_cent() / size, carrier.subject))
        memory.append((size, pss_mb(with_children(carrier.pids))))
        found += audio(size, carrier.subject, heard)
        found.append(Reading("the load's own CPU", "% of a core", at, own.per_cent(), carrier.subject))
    if len(sizes) > 1:
        found.append(Reading("CPU, each further call", "% of a core", "", slope(cpu), carrier.subject))
        found.append(Reading("memory, each further call", "MB", "", slope(memory), carrier.subject))
    return found
