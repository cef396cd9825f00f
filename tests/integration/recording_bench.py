"""What it costs to record a relayed call, next to not recording it: `python -m tests.integration.recording_bench`.

One after the other on the same machine, some rounds of each: both sides send 50 packets a second, which are relayed.
"""

import argparse
import asyncio
import os
import sys
import time
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import uvloop

from bridge.media.messages import Side
from bridge.media.rtp import build
from sip.messages import Codec
from tests.integration.media_bench import remote, running, settings

_VOICE = bytes(range(96, 256))
_FRAME_S = 0.02


def cpu_s(pid: int) -> float:
    with open(f"/proc/{pid}/stat") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def cost(calls: int, seconds: float, folder: Path | None) -> float:
    """Per cent of a core a call; recorded if there is a folder for it."""
    async with running(settings(calls * 4 + 8)) as bench:
        ends = []
        for place in range(calls):
            call = f"c{place}"
            opened = await bench.media.open(call, Codec.PCMU)
            customer, engine = bench.peer(), bench.peer()
            bench.media.set_remote(remote(call, Side.CUSTOMER, customer))
            bench.media.set_remote(remote(call, Side.ENGINE, engine))
            if folder is not None:
                bench.media.record(call, str(folder / f"{place}.wav"), paused=False)
            ends += [(customer, opened.customer_port), (engine, opened.engine_port)]
        pid = bench.media.pid
        assert pid is not None
        start, begun_cpu, begun_at = time.monotonic(), 0.0, 0.0
        for sequence in range(round((seconds + 1) / _FRAME_S)):
            packet = build(0, False, sequence & 0xFFFF, sequence * 160, 77, _VOICE)
            for peer, port in ends:
                peer.send(packet, port)
            await asyncio.sleep(max(0.0, start + sequence * _FRAME_S - time.monotonic()))
            if sequence == 50:
                begun_cpu, begun_at = cpu_s(pid), time.monotonic()
        spent = (cpu_s(pid) - begun_cpu) / (time.monotonic() - begun_at) * 100 / calls
        lost = 1 - sum(len(peer.heard) for peer, _ in ends) / (len(ends) * (seconds + 1) / _FRAME_S)
        sys.stdout.write(f"  {spent:.3f} % a call, {max(lost, 0):.2%} lost\n")
        return spent


async def compare(calls: int, seconds: float, rounds: int) -> None:
    plain, recorded = [], []
    with TemporaryDirectory() as folder:
        for _ in range(rounds):
            plain.append(await cost(calls, seconds, None))
            recorded.append(await cost(calls, seconds, Path(folder)))
    ratio = median(recorded) / median(plain)
    sys.stdout.write(f"relayed {median(plain):.3f} %, recorded {median(recorded):.3f} % of a core: {ratio:.2f} times\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=40)
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args()
    uvloop.run(compare(chosen.calls, chosen.seconds, chosen.rounds))


if __name__ == "__main__":
    main()
