"""Coverage-guided fuzzing of everything that reads what strangers send: `make fuzz SECONDS=…`.

One target after the other, at the lowest priority. What each has learned stays in .fuzz/ for the next run.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from tests.fuzz.cases import DATA, NAMES, files, read, target

ROOT = Path(__file__).parents[2]
LEARNED = ROOT / ".fuzz"
_EXECUTED = re.compile(r"stat::number_of_executed_units: (\d+)")
_COVERAGE = re.compile(r" cov: (\d+)")


@dataclass(frozen=True)
class Outcome:
    """How a target fared."""

    executed: int
    """Inputs it was given."""
    edges: int
    """Branches of our code that they reached."""
    findings: tuple[str, ...]
    """What was found, each with its traceback."""


def main() -> int:
    """0: nothing was found."""
    parser = argparse.ArgumentParser(prog="make fuzz")
    parser.add_argument("--seconds", type=float, default=60, help="in all, split over the targets")
    parser.add_argument("targets", nargs="*", metavar="target", help=f"of {', '.join(NAMES)}; all when none is named")
    options = parser.parse_args()
    names = options.targets or NAMES
    if unknown := set(names) - set(NAMES):
        parser.error(f"no such target: {', '.join(sorted(unknown))}")
    os.nice(19)
    each = max(1, round(options.seconds / len(names)))
    sys.stdout.write(f"==> {len(names)} targets, {each} s each; cases go to {DATA.relative_to(ROOT)}/TARGET\n")
    found = 0
    for name in names:
        begin = time.monotonic()
        outcome = fuzz(name, each)
        spent = time.monotonic() - begin
        sys.stdout.write(f"{name:20} {outcome.executed:8} inputs {outcome.edges:6} branches {spent:5.0f} s")
        sys.stdout.write(f" {len(outcome.findings):3} findings\n" + "".join(f"\n{each}\n" for each in outcome.findings))
        sys.stdout.flush()
        found += len(outcome.findings)
    return 1 if found else 0


def fuzz(name: str, seconds: int) -> Outcome:
    """Run a target in a process of its own."""
    corpus = LEARNED / name
    corpus.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        seeds, dictionary = Path(folder) / "seeds", Path(folder) / "words"
        seeds.mkdir()
        for number, seed in enumerate([*target(name).seeds(), *map(read, files(name))]):
            (seeds / f"{number:04}").write_bytes(seed)
        dictionary.write_text("".join(_quoted(word) for word in target(name).words), encoding="ascii")
        places = map(str, (corpus, seeds, dictionary))
        command = [sys.executable, "-m", "tests.fuzz.fuzzer", name, str(seconds), *places]
        ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, errors="replace", check=False)
    findings = [said for said in ended.stdout.split("finding: ")[1:] if said]
    if ended.returncode:  # it hung, ran out of memory, or did not start
        findings.append(f"{name} ended with {ended.returncode}\n{ended.stderr[-3000:]}")
    executed, edges = _EXECUTED.search(ended.stderr), _COVERAGE.findall(ended.stderr)
    return Outcome(int(executed[1]) if executed else 0, int(edges[-1]) if edges else 0, tuple(findings))


def _quoted(word: bytes) -> str:
    """A line of libFuzzer's dictionary."""
    return '"' + "".join(f"\\x{byte:02x}" for byte in word) + '"\n'


if __name__ == "__main__":
    sys.exit(main())
