"""The folder with the recordings while a bridge runs, and over its starts."""

import asyncio
import os
import time
from pathlib import Path

import pytest

from bridge.media.wav import header
from bridge.recordings.recordings import IDLE_S, Recordings
from bridge.recordings.terms import RecordingTerms
from sip.messages import Codec

DAY_S = 86_400.0


def call(number: int) -> str:
    return f"{number:020x}"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "recordings"


def made(folder: Path, number: int, age_s: float, ending: str = "") -> Path:
    """A file that was last written so long ago."""
    at = time.time() - age_s
    path = Path(RecordingTerms(True, str(folder)).path("8990000001", call(number), at) + ending)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(header(Codec.PCMU, 4) + b"\x01\x02" * 4)
    os.utime(path, (at, at))
    return path


async def test_what_a_bridge_left_is_completed_at_its_next_start(folder: Path) -> None:
    made(folder, 1, 1.0, ".part")
    async with Recordings(str(folder), keep_days=30) as recordings:
        found = await recordings.find(call(1))
        assert found is not None and found.suffix == ".wav"
        assert await recordings.find(call(2)) is None


async def test_what_was_left_while_it_ran_is_completed_later_and_at_its_end(folder: Path) -> None:
    async with Recordings(str(folder), keep_days=30) as recordings:
        fresh, idle = made(folder, 1, 1.0, ".part"), made(folder, 2, IDLE_S + 5, ".part")
        await recordings.look()
        assert [path.exists() for path in (fresh, idle)] == [True, False]
    assert not fresh.exists()


async def test_old_recordings_go_and_the_settings_say_how_old(folder: Path) -> None:
    old, older = made(folder, 1, 10 * DAY_S), made(folder, 2, 40 * DAY_S)
    async with Recordings(str(folder), keep_days=30) as recordings:
        await recordings.look()
        assert [path.exists() for path in (old, older)] == [True, False]
        recordings.change(keep_days=5)
        await recordings.look()
        assert not old.exists()


async def test_room_and_size_are_known_while_it_runs(folder: Path) -> None:
    path = made(folder, 1, 1.0)
    recordings = Recordings(str(folder), keep_days=30)
    assert recordings.free_bytes is None
    async with recordings, asyncio.timeout(10):
        while recordings.free_bytes is None:  # noqa: ASYNC110  # nobody else knows
            await asyncio.sleep(0.01)
        assert recordings.used_bytes == path.stat().st_size and recordings.free_bytes is not None


async def test_a_bridge_that_never_recorded_makes_no_folder(tmp_path: Path, folder: Path) -> None:
    async with Recordings(str(folder), keep_days=30) as recordings:
        await recordings.look()
    assert os.listdir(tmp_path) == []
