"""A bridge whose log nobody reads: `livevox-bridge run 2>&1 | something that hangs`."""

import asyncio
import json
import os
from pathlib import Path

import pytest

from tests.integration.crash_world import CrashWorld

pytestmark = pytest.mark.pjsua2


def full_pipe() -> tuple[int, int]:
    """Both ends of one that takes no byte more."""
    ours, theirs = os.pipe()
    os.set_blocking(theirs, False)
    try:
        while True:
            os.write(theirs, b"\n" * 512)
    except BlockingIOError:
        os.set_blocking(theirs, True)
    return ours, theirs


def read_to_the_end(descriptor: int) -> str:
    with open(descriptor, "rb") as reader:
        return reader.read().decode()


async def test_calls_go_on_while_nobody_reads_the_log_and_it_comes_when_somebody_does(tmp_path: Path) -> None:
    ours, theirs = full_pipe()
    async with CrashWorld(tmp_path, "finish") as world:
        await world.start(theirs)
        os.close(theirs)
        for _ in range(2):
            call = await world.call()
            await world.until(lambda call=call: world.dispositions(call) == ["Completed"])  # type: ignore[misc]
        reader = asyncio.create_task(asyncio.to_thread(read_to_the_end, ours))
        assert await world.terminate() == 0
        lines = [json.loads(line) for line in (await asyncio.wait_for(reader, 10.0)).splitlines() if line]
        events = [line["event"] for line in lines]
        assert events[-1] == "bridge_stopped"
        assert events.count("call_ended") == 2


async def test_a_reader_that_goes_away_costs_no_call(tmp_path: Path) -> None:
    ours, theirs = os.pipe()
    os.close(ours)
    async with CrashWorld(tmp_path, "finish") as world:
        await world.start(theirs)
        os.close(theirs)
        call = await world.call()
        await world.until(lambda: world.dispositions(call) == ["Completed"])
        assert await world.terminate() == 0
