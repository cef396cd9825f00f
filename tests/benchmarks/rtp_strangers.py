"""What an RTP packet costs that comes from a stranger: `python -m tests.benchmarks.rtp_strangers`.

A real media process with one call. A stranger sends to the call's port; the CPU time is the media process's own, the
system's share included, less what the call takes by itself.
"""

import asyncio
import os
import socket
import sys
from dataclasses import dataclass
from pathlib import Path

import uvloop

from tests.integration.media_bench import running, settings, voice

#: Datagrams sent before the process gets a moment: what a socket holds.
_BATCH = 50
_PAUSE_S = 0.001
_TICK_S = 1 / os.sysconf("SC_CLK_TCK")
_STRANGER = "127.0.0.2"


@dataclass(frozen=True)
class StrangersCost:
    """What was measured."""

    us: float
    """CPU time for one packet of a stranger's, µs."""
    sent: int
    counted: int
    """Of those sent, how many the call counted as strangers'; the kernel drops what comes too fast."""


async def measure(packets: int, datagram: bytes | None = None) -> StrangersCost:
    """Send so many packets; RTP unless another datagram is given."""
    async with running(settings()) as bench:
        opened, _, _ = await bench.call()
        stranger = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        stranger.bind((_STRANGER, 0))
        target = "127.0.0.1", opened.customer_port
        pid = bench.media.pid
        assert pid is not None
        loop = asyncio.get_running_loop()
        idle, began = _cpu_s(pid), loop.time()
        await asyncio.sleep(0.5)
        idle_share = (_cpu_s(pid) - idle) / (loop.time() - began)
        before, began = _cpu_s(pid), loop.time()
        for number in range(packets):
            stranger.sendto(voice(number, 666) if datagram is None else datagram, target)
            if number % _BATCH == _BATCH - 1:
                await asyncio.sleep(_PAUSE_S)
        await bench.obeyed()
        spent = _cpu_s(pid) - before - idle_share * (loop.time() - began)
        stranger.close()
        closed = await bench.media.close("c1")
        counted = closed.customer.strangers
        return StrangersCost(max(spent, _TICK_S) / max(counted, 1) * 1e6, packets, counted)


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * _TICK_S


def main() -> int:
    """A line for each kind."""
    for name, datagram in (("RTP", None), ("empty", b""), ("60 KB", b"\x80" * 60_000), ("no RTP", b"\xff" * 100)):
        cost = uvloop.run(measure(20_000, datagram))
        sys.stdout.write(f"{name:8}{cost.us:8.1f} µs a packet, {cost.counted} of {cost.sent} counted\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
