"""Children of the bridge that are killed before they are ready: the bridge starts all the same."""

import asyncio
import os
import signal
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from bridge.media.client import MediaProcess
from sip.dispatch import Dispatch
from sip.pool import PoolSettings, WorkerPool
from tests.integration.bridge_process import children
from tests.integration.media_bench import settings


def named(module: str) -> list[int]:
    """Our children that run this module, from when they are it on."""
    found = []
    for pid in children(os.getpid()):
        try:
            command = Path(f"/proc/{pid}/cmdline").read_bytes()
        except OSError:
            continue
        if module.encode() in command.split(b"\0"):
            found.append(pid)
    return found


async def kill_the_first(module: str) -> None:
    """As soon as it is there."""
    while not (found := named(module)):  # noqa: ASYNC110  # a process does not say that it has begun
        await asyncio.sleep(0.001)
    os.kill(found[0], signal.SIGKILL)


async def test_a_media_process_that_is_killed_before_it_is_ready_is_missed_at_once_and_replaced() -> None:
    media = MediaProcess(settings(), lambda event: None)
    with capture_logs() as lines:
        killing = asyncio.create_task(kill_the_first("bridge.media"))
        try:
            await media.start()
            await killing
            assert named("bridge.media") == [media.pid]
        finally:
            await media.stop()
    (failed,) = [line for line in lines if line["event"] == "media_process_not_started"]
    assert "it ended at once" in failed["reason"], "nobody waited for a dead one until its time was over"


@pytest.mark.pjsua2
async def test_a_zygote_that_is_killed_before_there_is_a_worker_is_replaced() -> None:
    dispatch = Dispatch()
    pool = WorkerPool(
        PoolSettings(9, "127.0.0.1:5070", spare_calls=1, max_calls=2), dispatch, lambda event: None, lambda calls: None
    )
    killing = asyncio.create_task(kill_the_first("sip.worker"))
    try:
        await pool.start()
        await killing
        assert dispatch.workers >= 1
    finally:
        await pool.stop()
