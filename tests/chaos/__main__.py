"""Calls of all endings while everything dies and LiveVox fails: `make chaos SEED=… CALLS=…`."""

import argparse
import asyncio
import random
import sys
import tempfile
from pathlib import Path

from bridge import logs
from tests.chaos.driver import Driver, script_of
from tests.chaos.plan import Plan
from tests.chaos.report import call_story, story, table
from tests.chaos.verdict import violations
from tests.chaos.world import ChaosWorld


def main() -> int:
    """0: nothing was found."""
    parser = argparse.ArgumentParser(prog="make chaos")
    parser.add_argument("--seed", type=int, help="of the plan; random when it is not given")
    parser.add_argument("--calls", type=int, default=300, help="how many customers call (%(default)s)")
    parser.add_argument(
        "--tell", action="append", default=[], metavar="CALL", help="the story of this call too: call-7"
    )
    parser.add_argument("--keep", type=Path, help="leave journal, log and the story of every call in this new folder")
    options = parser.parse_args()
    if options.keep:
        if options.keep.exists():
            parser.error(f"{options.keep} is there already")
        options.keep.mkdir(parents=True)
    logs.configure(level="error")
    seed = random.randrange(1_000_000) if options.seed is None else options.seed
    return asyncio.run(_run(Plan.make(seed, options.calls), options.keep))


async def _run(plan: Plan, keep: Path | None) -> int:
    last = max(plan.calls[-1].at, plan.blows[-1].at)
    _say(f"==> seed {plan.seed}: {len(plan.calls)} calls and {len(plan.blows)} blows within {last:.0f} s")
    with tempfile.TemporaryDirectory() as folder:
        place = keep or Path(folder)
        async with ChaosWorld(place, script_of(plan)) as world:
            evidence = await Driver(plan, world, _say).run()
    found = violations(evidence)
    _say(table(evidence))
    for violation in found:
        _say("\n" + story(violation, evidence))
    if keep:
        (keep / "stories.txt").write_text("\n\n".join(call_story(call, evidence) for call in evidence.calls))
    _say(f"\n{len(found)} violations; the same plan again: make chaos SEED={plan.seed} CALLS={len(plan.calls)}")
    return 1 if found else 0


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
