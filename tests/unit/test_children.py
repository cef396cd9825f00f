"""What child processes take."""

import subprocess
import sys
from collections.abc import Iterator

import pytest

from bridge.metrics.children import MEMORY_S, Children

BUSY = "import sys\nfor _ in range(3_000_000): pass\nprint(flush=True)\nsys.stdin.read()"


@pytest.fixture
def child() -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen([sys.executable, "-c", BUSY], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        yield process
        process.kill()


def test_cpu_time_and_memory_are_summed_by_role(child: subprocess.Popen[bytes]) -> None:
    taken = Children().read({"media": [child.pid], "sip_workers": []}, 0.0)
    assert taken.cpu_s["media"] > 0
    assert taken.memory["media"] > 1_000_000
    assert (taken.cpu_s["sip_workers"], taken.memory["sip_workers"]) == (0, 0)


def test_the_cpu_time_of_one_that_has_ended_stays(child: subprocess.Popen[bytes]) -> None:
    children = Children()
    before = children.read({"media": [child.pid]}, 0.0)
    child.kill()
    child.wait()
    after = children.read({"media": [child.pid]}, MEMORY_S)
    assert after.cpu_s == before.cpu_s
    assert after.memory == {"media": 0}


def test_nothing_is_counted_twice(child: subprocess.Popen[bytes]) -> None:
    children = Children()
    first = children.read({"media": [child.pid]}, 0.0).cpu_s["media"]
    assert children.read({"media": [child.pid]}, 0.0).cpu_s["media"] < 1.5 * first


def test_memory_is_looked_at_once_a_minute(child: subprocess.Popen[bytes]) -> None:
    children = Children()
    before = children.read({"media": [child.pid]}, 0.0)
    assert children.read({"media": []}, MEMORY_S - 1).memory == before.memory
    assert children.read({"media": []}, MEMORY_S).memory == {"media": 0}
