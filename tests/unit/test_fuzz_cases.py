"""What fuzzing found stays mended; and every fuzzing target takes the inputs it begins with, also at full length."""

import time
from pathlib import Path

import pytest

from tests.fuzz.cases import NAMES, files, read, target
from tests.fuzz.finding import finding, shrunk
from tests.fuzz.pumping import Pumped
from tests.fuzz.target import MAX_INPUT, Target, TooSlow, check

#: Seeds of a target that are tried at full length.
_PUMPED_SEEDS = 8

CASES = [pytest.param(name, path, id=f"{name}-{path.name}") for name in NAMES for path in files(name)]


@pytest.mark.parametrize(("name", "path"), CASES)
def test_what_once_did_harm_does_none(name: str, path: Path) -> None:
    check(target(name), read(path))


@pytest.mark.parametrize("name", NAMES)
def test_a_target_takes_its_seeds(name: str) -> None:
    seeds = list(target(name).seeds())
    assert len(set(seeds)) == len(seeds) > 2
    for seed in seeds:
        check(target(name), seed)


@pytest.mark.parametrize("name", [name for name in NAMES if target(name).hostile])
def test_an_input_of_64_kib_costs_no_more_than_its_length(name: str) -> None:
    seeds = list(target(name).seeds())
    for number, seed in enumerate(seeds[:: max(1, len(seeds) // _PUMPED_SEEDS)]):
        pumped = Pumped.of(seed, target(name).words, number).data
        assert len(pumped) > MAX_INPUT - 64
        check(target(name), pumped)


# the fuzzer itself


def no_seeds() -> list[bytes]:
    return []


def test_a_target_that_takes_too_long_is_found_out() -> None:
    def slow(data: bytes) -> None:
        begin = time.thread_time()
        while time.thread_time() - begin < 0.002 * len(data):
            pass

    with pytest.raises(TooSlow, match="20 bytes took 0.0"):
        check(Target(slow, no_seeds), bytes(20), limit_s=0.01)
    check(Target(slow, no_seeds), b"a", limit_s=0.01)


def test_a_finding_is_told_by_what_was_raised_and_where_and_made_short() -> None:
    def fussy(data: bytes) -> None:
        if b"bad" in data:
            raise KeyError(len(data))

    broken = Target(fussy, no_seeds)
    long = bytes(300) + b"bad" + bytes(200)
    found = finding(broken, long, 1.0)
    assert found is not None and found[0].kind == "KeyError" and "test_fuzz_cases.py" in found[0].place

    def is_same(data: bytes) -> bool:
        again = finding(broken, data, 1.0)
        return again is not None and again[0] == found[0]

    assert shrunk(long, is_same) == b"bad"
    assert finding(broken, b"good", 1.0) is None


def test_a_long_input_is_kept_as_a_recipe() -> None:
    pumped = Pumped.of(b"INVITE \xff sip:x", (), 3)
    assert Pumped.read(pumped.written()) == pumped
    assert len(pumped.written()) < 300 < 60_000 < len(pumped.data) <= MAX_INPUT
