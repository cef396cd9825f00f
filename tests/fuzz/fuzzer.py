"""One target under atheris: `python -m tests.fuzz.fuzzer NAME SECONDS CORPUS SEEDS DICTIONARY`, run by tests.fuzz.

Every fault is reported once, kept as a case in tests/data, and the fuzzing goes on.
"""

import sys
import time
from collections.abc import Callable
from pathlib import Path

import atheris

from tests.fuzz.cases import target, write
from tests.fuzz.finding import Finding, finding, shrunk
from tests.fuzz.pumping import Pumped
from tests.fuzz.target import Target

#: Under atheris Python is slower: what is counted is lines, and every comparison.
LIMIT_S = 1.5
#: The share of the time in which inputs are tried at full length, too.
_PUMPED_SHARE = 0.25
_MAX_LENGTH = 4_096
#: An input that takes longer hangs: atheris keeps it and ends.
_HANGS_S = 30


class _Fuzzing:
    """One target, the faults found in it so far, and the time spent on long inputs."""

    def __init__(self, target: Target, name: str) -> None:
        self._target, self._name = target, name
        self._seen: set[Finding] = set()
        self._begun, self._pumping_s = time.thread_time(), 0.0

    def take(self, data: bytes) -> None:
        """What atheris calls with every input."""
        self._try(data, lambda fault: shrunk(data, lambda shorter: self._shows(shorter, fault)))
        now = time.thread_time()
        if self._target.hostile and self._pumping_s < (now - self._begun) * _PUMPED_SHARE:
            pumped = Pumped.of(data, self._target.words)
            self._try(pumped.data, lambda _: pumped)
            self._pumping_s += time.thread_time() - now

    def _try(self, data: bytes, kept: Callable[[Finding], bytes | Pumped]) -> None:
        """Report what is wrong with an input, if it is something new; `kept` says what becomes the case."""
        found = finding(self._target, data, LIMIT_S)
        if found is None or found[0] in self._seen:
            return
        self._seen.add(found[0])
        sys.stdout.write(f"finding: {write(self._name, kept(found[0]))}\n{found[1]}\n")
        sys.stdout.flush()

    def _shows(self, data: bytes, fault: Finding) -> bool:
        found = finding(self._target, data, LIMIT_S)
        return found is not None and found[0] == fault


def main(name: str, seconds: int, corpus: Path, seeds: Path, dictionary: Path) -> None:
    """Fuzz for so long; does not return."""
    options = {
        "max_total_time": seconds,
        "max_len": _MAX_LENGTH,
        "timeout": _HANGS_S,
        "rss_limit_mb": 2_048,
        **({"dict": dictionary} if dictionary.stat().st_size else {}),
        "artifact_prefix": f"{corpus.parent / name}-",
        "print_final_stats": 1,
        "verbosity": 1,
    }
    arguments = [f"-{option}={value}" for option, value in options.items()]
    with atheris.instrument_imports(include=["bridge", "sip"]):
        found = target(name)
    atheris.Setup([sys.argv[0], *arguments, str(corpus), str(seeds)], _Fuzzing(found, name).take)
    atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), *map(Path, sys.argv[3:6]))
