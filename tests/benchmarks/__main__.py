"""How fast the bridge is, on loopback, in one command: `make bench`, or `python -m tests.benchmarks [NAMES]`."""

import argparse
import sys
import tempfile
from pathlib import Path

import uvloop

from bridge import logs
from tests.benchmarks.children import LoadFailed
from tests.benchmarks.runner import MEASURES, measure
from tests.benchmarks.table import NoMarkers, as_json, as_markdown, as_text, put_between_markers
from tests.integration.bridge_process import ROOT

_DEFAULT_RUNS = 5


def main(arguments: list[str]) -> int:
    """0 when everything could be measured, goals or not."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"what is measured: {', '.join(MEASURES)} (all)")
    parser.add_argument("--runs", type=int, default=_DEFAULT_RUNS, help="the medians of so many count (%(default)s)")
    parser.add_argument("--quick", action="store_true", help="few calls and short, to see that it works: no figures")
    parser.add_argument("--json", type=Path, metavar="FILE", help="where all values go (a new file)")
    parser.add_argument("--readme", action="store_true", help="put the table into the README")
    options = parser.parse_args(arguments)
    unknown = [name for name in options.names if name not in MEASURES]
    if unknown or options.runs < 1:
        parser.error(f"{unknown[0]} is not one of {', '.join(MEASURES)}" if unknown else "--runs must be 1 at least")
    if options.quick and options.readme:
        parser.error("what --quick finds is no figure for the README")
    names = [name for name in MEASURES if name in (options.names or MEASURES)]
    logs.configure(level="error")
    try:
        report = uvloop.run(measure(names, options.runs, options.quick, _say))
        path = options.json or Path(tempfile.mkstemp(prefix="bench-", suffix=".json")[1])
        path.write_text(as_json(report))
        _say(f"\n{as_text(report)}\nAll values: {path}")
        if options.readme:
            readme = ROOT / "README.md"
            readme.write_text(put_between_markers(readme.read_text(), as_markdown(report)))
            _say(f"The table is in {readme}")
    except (LoadFailed, NoMarkers) as exc:
        _say(str(exc))
        return 1
    return 0


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
