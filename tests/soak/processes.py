"""What the processes of a bridge take of the machine: /proc, and what the probe inside them counts."""

import asyncio
import json
import os
import signal
from collections import Counter
from pathlib import Path

from tests.integration.bridge_process import children

#: How long a process may take to count what it holds, in seconds.
_PROBE_S = 20.0
_PROBED = ("bridge", "media")
_OF_ONE_WORKER = ("PSS", "descriptors", "UDP ports", "threads")
_BYTES = {"kB": 1024}


def processes(bridge: int) -> dict[int, str]:
    """Each process of a bridge, with what it is: bridge, media, zygote, worker."""
    found = {bridge: "bridge"}
    for child in children(bridge):
        command = Path(f"/proc/{child}/cmdline").read_bytes()
        found[child] = "media" if b"bridge.media" in command else "zygote"
        found |= dict.fromkeys(children(child), "worker")
    return found


async def levels(bridge: int, folder: Path) -> dict[str, float]:
    """What they take and hold, by the names of tests.soak.verdict; of workers what one has on the average."""
    found: Counter[str] = Counter()
    for pid, what in processes(bridge).items():
        found[f"{what} processes"] += 1
        found[f"{what} PSS"] += _pss(pid)
        found[f"{what} descriptors"] += len(os.listdir(f"/proc/{pid}/fd"))
        found[f"{what} UDP ports"] += _udp_sockets(pid)
        found[f"{what} threads"] += len(os.listdir(f"/proc/{pid}/task"))
        if what in _PROBED:
            for name, count in (await _probed(pid, folder)).items():
                found[f"{what} {name}"] += count
    workers = found["worker processes"]
    for name in _OF_ONE_WORKER:
        found[f"one worker's {name}"] = found.pop(f"worker {name}") // workers
    return dict(found)


async def _probed(pid: int, folder: Path) -> dict[str, int]:
    path = folder / f"{pid}.json"
    path.unlink(missing_ok=True)
    os.kill(pid, signal.SIGUSR2)
    async with asyncio.timeout(_PROBE_S):
        while not path.exists():  # noqa: ASYNC110  # a file does not say that it is there
            await asyncio.sleep(0.02)
    counts: dict[str, int] = json.loads(path.read_text())
    return counts


def _pss(pid: int) -> int:
    """The memory of a process, what it shares with others counted in part."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            _, value, unit = line.split()
            return int(value) * _BYTES[unit]
    raise ValueError(f"/proc/{pid}/smaps_rollup has no Pss")


def _udp_sockets(pid: int) -> int:
    taken = {line.split()[9] for line in Path("/proc/net/udp").read_text().splitlines()[1:]}
    links = [Path(f"/proc/{pid}/fd/{each}") for each in os.listdir(f"/proc/{pid}/fd")]
    targets = [os.readlink(link) for link in links if os.path.lexists(link)]
    return sum(target.startswith("socket:[") and target[8:-1] in taken for target in targets)
