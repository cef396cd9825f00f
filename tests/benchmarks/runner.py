"""Runs the measures: all of them in each run, so that a minute in which the machine was busy spoils one run of each."""

import os
import platform
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from tests.benchmarks import agent_hours, idle, lifecycles, relayed, setup, websocket
from tests.benchmarks.figures import Reading, Row, rows
from tests.benchmarks.measure import Effort, Measure
from tests.benchmarks.table import Report

#: By the names of the command line, in the order of the table.
MEASURES: Mapping[str, Measure] = {
    "relayed": relayed.MEASURE,
    "websocket": websocket.MEASURE,
    "setup": setup.MEASURE,
    "lifecycles": lifecycles.MEASURE,
    "idle": idle.MEASURE,
    "requests": agent_hours.MEASURE,
}


async def measure(names: Sequence[str], runs: int, quick: bool, say: Callable[[str], None]) -> Report:
    """All runs of these measures. Raises LoadFailed."""
    found: dict[str, list[list[Reading]]] = {name: [] for name in names}
    for run in range(1, runs + 1):
        for name in names:
            began = time.monotonic()
            say(f"==> {name}, run {run} of {runs}")
            found[name].append(await MEASURES[name].run(Effort(quick, lambda line: say(f"    {line}"))))
            say(f"    {time.monotonic() - began:.0f} s, load of the machine now {os.getloadavg()[0]:.1f}")
    table: list[Row] = []
    for name, readings in found.items():
        table += rows(name, readings, {} if quick else MEASURES[name].goals)
    titles = {name: MEASURES[name].title for name in names}
    notes = [note for name in names for note in MEASURES[name].notes]
    return Report(machine(), time.strftime("%Y-%m-%d"), runs, titles, table, notes)


def machine() -> str:
    """What this runs on, in one line: nothing of it names a single machine."""
    cores = len(os.sched_getaffinity(0))
    release = platform.freedesktop_os_release().get("PRETTY_NAME", platform.system())
    kernel = ".".join(platform.release().split(".")[:2])
    python = f"Python {platform.python_version()}"
    return f"{_processor()}, {cores} core{'' if cores == 1 else 's'}, {release}, Linux {kernel}, {python}"


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        name, _, value = line.partition(":")
        if name.strip() in ("model name", "Model"):
            return value.strip()
    return platform.machine()
