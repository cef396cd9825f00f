"""What the bridge's child processes take: CPU time and memory, as Linux says it in /proc."""

import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

#: The kernel walks through all pages of a process to tell its memory, about a millisecond: not at every scrape.
MEMORY_S = 60.0

_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Taken:
    """By the process's role."""

    cpu_s: Mapping[str, float] = field(default_factory=dict)
    """Since the start, of processes that have ended too."""
    memory: Mapping[str, int] = field(default_factory=dict)
    """Bytes, proportional set size: what several processes share counts once."""


class Children:
    """`read` is for one thread at a time."""

    def __init__(self) -> None:
        self._seen: dict[tuple[int, str], float] = {}
        """CPU seconds by process id and start time: ids are used again."""
        self._cpu_s: dict[str, float] = {}
        self._memory: dict[str, int] = {}
        self._memory_due = -math.inf

    def read(self, roles: Mapping[str, Sequence[int]], now: float) -> Taken:
        """Look at the processes, by role; those that have just ended are left out. `now` in seconds, monotonic.

        A role's CPU time never goes down: Prometheus would take it for a restart, and count all of it again.
        """
        seen: dict[tuple[int, str], float] = {}
        for role, pids in roles.items():
            total = self._cpu_s.setdefault(role, 0.0)
            for pid in pids:
                found = _times(pid)
                if found is not None:
                    start, cpu_s = found
                    seen[pid, start] = cpu_s
                    total += cpu_s - self._seen.get((pid, start), 0.0)
            self._cpu_s[role] = total
        self._seen = seen
        if now >= self._memory_due:
            self._memory = {role: sum(_memory(pid) for pid in pids) for role, pids in roles.items()}
            self._memory_due = now + MEMORY_S
        return Taken(dict(self._cpu_s), self._memory)


def _times(pid: int) -> tuple[str, float] | None:
    """When it was started, and its CPU seconds (proc_pid_stat(5)); None: it is gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return fields[19], (int(fields[11]) + int(fields[12])) / _TICKS


def _memory(pid: int) -> int:
    """Bytes; 0 where the kernel does not say it."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:")), 0)
