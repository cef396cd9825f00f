"""Other settings for a media process that runs: sessions keep those they were opened with."""

import asyncio
import os
import signal
from dataclasses import replace

from bridge.media.messages import DeadAir, RtpTimedOut
from tests.integration.media_bench import Bench, running, settings, until


def timed_out(bench: Bench) -> set[str]:
    return {event.call for event in bench.events if isinstance(event, RtpTimedOut)}


async def test_sessions_have_the_limits_they_were_opened_with() -> None:
    chosen = settings()
    async with running(replace(chosen, rtp_timeout_s=600.0, dead_air_s=0.0)) as bench:
        await bench.call("c1")
        bench.media.change(replace(chosen, rtp_timeout_s=0.3, dead_air_s=0.3))
        await bench.call("c2")
        bench.media.change(replace(chosen, rtp_timeout_s=600.0, dead_air_s=0.0))
        await bench.call("c3")
        await until(lambda: timed_out(bench) == {"c2"})
        await asyncio.sleep(0.6)
        assert timed_out(bench) == {"c2"}
        assert {event.call for event in bench.events if isinstance(event, DeadAir)} <= {"c2"}


async def test_the_process_that_follows_a_dead_one_knows_them_too() -> None:
    chosen = settings()
    async with running(replace(chosen, rtp_timeout_s=600.0)) as bench:
        bench.media.change(replace(chosen, rtp_timeout_s=0.3))
        pid = bench.media.pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        await until(lambda: bench.media.pid not in (None, pid))
        await bench.call("c1")
        await until(lambda: timed_out(bench) == {"c1"})
