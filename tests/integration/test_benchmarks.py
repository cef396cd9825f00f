"""The benchmark works: a measure in its quick mode from end to end, and what loads are made of."""

import json
import os
from pathlib import Path

import pytest

from tests.benchmarks import websocket
from tests.benchmarks.__main__ import main
from tests.benchmarks.children import Child, LoadFailed
from tests.benchmarks.costs import cpu_s, pss_mb
from tests.benchmarks.phones import LOOPBACK
from tests.benchmarks.probe import Heard, Ports
from tests.benchmarks.runner import MEASURES


@pytest.mark.pjsua2
def test_set_up_is_measured_against_a_real_bridge(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "figures.json"
    assert main(["setup", "--quick", "--runs", "1", "--json", str(path)]) == 0
    figures = {each["figure"]: each for each in json.loads(path.read_text())["figures"]}
    assert figures["INVITE to 200, p50"]["medians"]["bridge"] > 0
    assert figures["not answered"]["values"] == {"bridge": [0]}
    shown = capsys.readouterr().out
    assert str(path) in shown
    assert "INVITE to 200, p99, ms" in shown


async def test_the_probe_hears_every_packet_that_the_bare_relay_passes_on() -> None:
    async with Child("tests.benchmarks.probe", "1") as probe, Child("tests.benchmarks.bare_relay") as relay:
        ports = Ports(**await probe.said())
        relay.tell(json.dumps([(ports.customer[0], ports.engine[0])] * 2))
        for ends in await relay.said():
            for side, port in zip(("customer", "engine"), ends, strict=True):
                probe.tell(f"flow {side} 0 {LOOPBACK} {port}")
        probe.tell("measure 0.3")
        heard = Heard(**await probe.said())
    assert heard.lost == 0
    assert heard.received == heard.sent >= 4 * 14
    assert 0 < heard.p50_ms <= heard.p99_ms <= heard.p999_ms


async def test_what_nobody_passes_on_is_lost() -> None:
    async with Child("tests.benchmarks.probe", "1") as probe:
        await probe.said()
        probe.tell(f"flow customer 0 {LOOPBACK} 9")
        probe.tell("measure 0.1")
        heard = Heard(**await probe.said())
    assert heard.lost == heard.sent > 0


async def test_the_bot_of_the_load_is_heard_through_the_bare_loop() -> None:
    found = await websocket.measured(websocket.bare_loop, (2,), 0.3)
    assert {each.figure for each in found} > {"CPU a call", "frames late, p99", "first audio, p50"}
    assert all(each.value >= 0 for each in found)


async def test_a_load_that_ends_by_itself_is_a_failure() -> None:
    async with Child("tests.benchmarks.figures") as child:
        with pytest.raises(LoadFailed, match="has ended"):
            await child.said()


def test_costs_are_those_of_processes_that_are_there() -> None:
    begin = cpu_s([os.getpid()])
    sum(number * number for number in range(300_000))
    assert cpu_s([os.getpid()]) > begin
    assert pss_mb([os.getpid()]) > 5
    assert (cpu_s([2**22 + 1]), pss_mb([2**22 + 1])) == (0, 0)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nonsense"], f"nonsense is not one of {', '.join(MEASURES)}"),
        (["--runs", "0"], "--runs must be 1 at least"),
        (["--quick", "--readme"], "no figure for the README"),
    ],
)
def test_a_wrong_command_line_says_what_there_is(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(arguments)
    assert said in capsys.readouterr().err
