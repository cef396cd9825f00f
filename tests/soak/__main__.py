"""Steady calls for long; then everything the bridge takes of its machine is where it was: `make soak MINUTES=…`."""

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from bridge import logs
from tests.soak.processes import levels
from tests.soak.traffic import NotQuiet, Traffic
from tests.soak.verdict import MB, Finding, Sample, findings
from tests.soak.world import SoakWorld

#: So long from one quiet moment to the next, in seconds; in a short run less, for enough of them.
_ROUND_S = 20.0
_ROUNDS = 12
#: Of the whole time: until caches, pools and the allocator have what they want.
_WARM_UP = 0.3
#: After the last call: for ports to rest, idle connections to be given back and threads to end.
_REST_S = 2.5


def main() -> int:
    """0: everything is where it was, and each call got its disposition."""
    parser = argparse.ArgumentParser(prog="make soak")
    parser.add_argument("--minutes", type=float, default=10.0, help="how long, the warm-up among it (%(default)g)")
    parser.add_argument("--all", action="store_true", help="show every level, not just the grown and the important")
    options = parser.parse_args()
    logs.configure(level="error")
    with tempfile.TemporaryDirectory() as folder:
        return asyncio.run(_run(options.minutes * 60, Path(folder), options.all))


async def _run(seconds: float, folder: Path, all_levels: bool) -> int:
    async with SoakWorld(folder) as world:
        traffic = Traffic(world)
        _say(f"==> {len(world.seats)} agents, one for each kind of engine and each ending; {seconds / 60:g} minutes")
        try:
            await traffic.quiet()
            samples = await _samples(seconds, traffic, world, folder)
        except NotQuiet as exc:
            _say("\n".join([str(exc), *traffic.wrong, world.bridge.log[-5000:]]))
            return 1
        found = findings(samples)
        errors = [line for line in world.bridge.log.splitlines() if '"error"' in line or "Traceback" in line]
    _say(_table([each for each in found if all_levels or not each.holds or _is_plain(each.name)]))
    for problem in (*traffic.wrong, *dict.fromkeys(errors[:10])):
        _say(problem)
    grown = [each.name for each in found if not each.holds]
    _say(f"\n{traffic.calls} calls, {len(traffic.wrong)} of them wrong; {len(grown)} of {len(found)} levels have grown")
    return 1 if grown or traffic.wrong else 0


async def _samples(seconds: float, traffic: Traffic, world: SoakWorld, folder: Path) -> list[Sample]:
    """One after each round, those of the warm-up left out."""
    began = time.monotonic()
    round_s = min(_ROUND_S, seconds / _ROUNDS)
    samples: list[Sample] = []
    while (at := time.monotonic() - began) < seconds:
        await traffic.round(round_s)
        await asyncio.sleep(_REST_S)
        await traffic.quiet()
        taken = {**await levels(world.bridge.pid, folder), **world.journal_levels()}
        if at >= seconds * _WARM_UP:
            samples.append(Sample(traffic.calls, taken))
        _say(
            f"{time.monotonic() - began:5.0f} s  {traffic.calls:6} calls  "
            f"PSS {sum(taken[name] for name in taken if name.endswith(' PSS')) / MB:6.1f} MB  "
            f"objects {taken['bridge objects']:.0f} + {taken['media objects']:.0f}"
            f"{'' if samples else '  (warm-up)'}"
        )
    return samples


def _is_plain(name: str) -> bool:
    """No table and no class of the bridge's own: what there always is."""
    return "." not in name and " each " not in name and " of type " not in name


def _table(found: Sequence[Finding]) -> str:
    lines = ["", f"{'':44}{'first':>14}{'last':>14}{'growth':>12}{'a call':>10}"]
    for each in found:
        lines.append(
            f"{each.name:44}{each.first:14,.0f}{each.last:14,.0f}{each.growth:12,.0f}"
            f"{each.growth / max(each.calls, 1):10.2f}{'' if each.holds else '  GROWN'}"
        )
    return "\n".join(lines)


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
