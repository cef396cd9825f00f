"""What processes take of the machine: CPU time and memory, from /proc."""

import contextlib
import time
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tests.integration.bridge_process import family
from tests.soak.processes import processes

#: What a process that ends while it is looked at raises.
_GONE = (FileNotFoundError, ProcessLookupError)


def with_children(pids: Iterable[int]) -> list[int]:
    """These processes and all that they have started."""
    return [each for pid in pids for each in (pid, *family(pid))]


def cpu_s(pids: Iterable[int]) -> float:
    """CPU seconds the threads of these processes have used: the scheduler's own count, in nanoseconds."""
    spent_ns = 0
    for pid in pids:
        with contextlib.suppress(*_GONE):
            for thread in Path(f"/proc/{pid}/task").iterdir():
                with contextlib.suppress(*_GONE):
                    spent_ns += int((thread / "schedstat").read_text().split()[0])
    return spent_ns / 1e9


def pss_mb(pids: Iterable[int]) -> float:
    """Their memory in MB (2^20 bytes), what they share with others counted in part."""
    kilobytes = 0
    for pid in pids:
        with contextlib.suppress(*_GONE):
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
            kilobytes += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return kilobytes / 1024


@dataclass
class CpuWatch:
    """What processes use from now on."""

    pids: tuple[int, ...]
    children: bool = True
    """Theirs count too."""

    def __post_init__(self) -> None:
        self._spent, self._at = self._now()

    def per_cent(self) -> float:
        """Of one core, since it was made."""
        spent, at = self._now()
        return (spent - self._spent) / (at - self._at) * 100

    def _now(self) -> tuple[float, float]:
        return cpu_s(with_children(self.pids) if self.children else self.pids), time.monotonic()


def by_process(bridge: int) -> dict[str, CpuWatch]:
    """What the single processes of a bridge use from now on: the bridge itself, its media process, its SIP workers."""
    pids: dict[str, list[int]] = defaultdict(list)
    for pid, kind in processes(bridge).items():
        pids[kind].append(pid)
    names = {"bridge": "bridge process", "media": "media process", "worker": "SIP workers"}
    return {name: CpuWatch(tuple(pids[kind]), children=False) for kind, name in names.items()}
