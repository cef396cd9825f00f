"""The life of the media process: start, ports, restart, end."""

import asyncio
import os
import signal
import socket
import sys
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bridge.errors import MediaUnavailable
from bridge.media.messages import (
    AudioStarted,
    Flow,
    RtpTimedOut,
    SessionOpened,
    Side,
)
from bridge.media.ports_ahead import PAIRS
from sip.messages import Codec
from tests.integration.media_bench import (
    LOOPBACK,
    Bench,
    of_stream,
    remote,
    running,
    settings,
    until,
    voice,
)


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    async with running(settings()) as made:
        yield made


def descriptors(pid: int | None) -> int:
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


def wake_ups(pid: int | None) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("voluntary_ctxt_switches"))


def ports_of(opened: SessionOpened) -> tuple[int, int]:
    return opened.customer_port, opened.engine_port


async def test_calls_that_come_and_go_leave_nothing_open() -> None:
    async with running(replace(settings(), port_rest_s=0.0)) as bench:
        await bench.obeyed()
        await asyncio.sleep(0.05)
        before = descriptors(bench.media.pid)  # with the ports that are bound ahead
        for place in range(30):
            opened, customer, engine = await bench.call(f"c{place}")
            customer.send(voice(0, 77), opened.customer_port)
            await until(lambda heard=engine.heard: of_stream(heard, 77))  # type: ignore[misc]
            await until(lambda: descriptors(bench.media.pid) == before + 3)  # two ports, and a source that has spoken
            await bench.media.close(f"c{place}")
        assert descriptors(bench.media.pid) == before


async def test_without_sessions_the_process_sleeps(bench: Bench) -> None:
    await bench.call()
    await bench.media.close("c1")
    await asyncio.sleep(0.05)
    before = wake_ups(bench.media.pid)
    await asyncio.sleep(0.4)
    assert wake_ups(bench.media.pid) - before <= 2  # a tick would be 20


async def test_ports_are_even_and_in_the_range_and_rest_after_a_call() -> None:
    chosen = settings(8)
    async with running(chosen) as bench:
        first = await bench.media.open("c1", Codec.PCMU)
        await bench.media.close("c1")
        second = await bench.media.open("c2", Codec.PCMU)
        ports = [first.customer_port, first.engine_port, second.customer_port, second.engine_port]
        assert ports == list(range(chosen.first_port, chosen.first_port + 8, 2))
        with pytest.raises(MediaUnavailable) as refused:
            await bench.media.open("c3", Codec.PCMU)
        assert refused.value.call == "c3"
        assert "rests" in refused.value.reason


async def test_a_call_whose_ports_are_bound_ahead_waits_for_nothing(bench: Bench) -> None:
    await bench.obeyed()
    with pytest.raises(StopIteration) as opened:
        bench.media.open("c1", Codec.PCMU).send(None)
    customer = bench.peer()
    bench.media.set_remote(remote("c1", Side.CUSTOMER, customer))
    await until(lambda: customer.heard)
    assert opened.value.value.customer_port % 2 == 0


@pytest.mark.parametrize("calls", [1, PAIRS, 3 * PAIRS + 1])
async def test_ports_bound_ahead_cost_no_call_its_place(calls: int) -> None:
    async with running(replace(settings(4 * calls), port_rest_s=0.0)) as bench:
        for _ in range(3):  # the first time before any port is bound ahead
            names = [f"c{place}" for place in range(calls + 1)]
            opened = await asyncio.gather(
                *(bench.media.open(name, Codec.PCMU) for name in names), return_exceptions=True
            )
            taken = [port for each in opened if isinstance(each, SessionOpened) for port in ports_of(each)]
            assert len(taken) == len(set(taken)) == 2 * calls
            assert sum(isinstance(each, MediaUnavailable) for each in opened) == 1
            await asyncio.gather(*(bench.media.close(name) for name in names))
            await asyncio.sleep(0.02)


async def test_a_port_another_program_holds_is_passed_over() -> None:
    chosen = settings(8)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind((LOOPBACK, chosen.first_port))
        async with running(chosen) as bench:
            opened = await bench.media.open("c1", Codec.PCMU)
            assert opened.customer_port == chosen.first_port + 2


@pytest.mark.alone
async def test_audio_is_back_within_a_second_after_the_process_was_killed(bench: Bench) -> None:
    calls = [await bench.call(f"c{place}") for place in range(5)]
    bench.media.set_flow("c4", Flow.SILENCE)
    closed_ports = await bench.media.open("gone", Codec.PCMU)
    await bench.media.close("gone")
    for opened, customer, _ in calls:
        customer.send(voice(0, 77), opened.customer_port)
    await until(lambda: all(of_stream(engine.heard, 77) for _, _, engine in calls[:4]))
    pid = bench.media.pid
    assert pid is not None
    for _, customer, engine in calls:
        customer.heard.clear()
        engine.heard.clear()
    begun = time.monotonic()
    os.kill(pid, signal.SIGKILL)
    sequence = 0
    while not all(of_stream(engine.heard, 77) for _, _, engine in calls[:4]):
        sequence += 1
        for opened, customer, _ in calls:
            customer.send(voice(sequence, 77), opened.customer_port)
        await asyncio.sleep(0.01)
    assert time.monotonic() - begun < 1.0
    await until(lambda: all(customer.heard for _, customer, _ in calls))
    assert of_stream(calls[4][2].heard, 77) == []  # the flow was said again
    assert bench.media.pid not in (None, pid)
    anew = await bench.media.open("new", Codec.PCMU)
    used = {port for opened, _, _ in calls for port in (opened.customer_port, opened.engine_port)}
    resting = {closed_ports.customer_port, closed_ports.engine_port}
    assert not {anew.customer_port, anew.engine_port} & (used | resting)
    started = [event for event in bench.events if isinstance(event, AudioStarted)]
    assert len(started) == len(set(started))


async def test_a_silence_goes_on_when_the_process_is_replaced() -> None:
    limit_s = 3.5
    async with running(replace(settings(), rtp_timeout_s=limit_s)) as bench:
        opened, customer, _ = await bench.call()
        for sequence in range(120):  # the engine has never said anything
            customer.send(voice(sequence, 77), opened.customer_port)
            await asyncio.sleep(0.02)
        pid = bench.media.pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        await until(lambda: bench.media.pid not in (None, pid))
        ready = time.monotonic()
        await until(lambda: any(isinstance(event, RtpTimedOut) for event in bench.events))
        assert time.monotonic() - ready < limit_s
        (missed,) = [event for event in bench.events if isinstance(event, RtpTimedOut)]
        assert (missed.side, missed.silent_s >= limit_s) == (Side.ENGINE, True)


async def test_close_while_the_process_is_dead_gives_empty_statistics_at_once(bench: Bench) -> None:
    await bench.call()
    assert bench.media.pid is not None
    os.kill(bench.media.pid, signal.SIGKILL)
    closed = await bench.media.close("c1")
    assert (closed.call, closed.customer.received) == ("c1", 0)


async def test_a_call_can_be_opened_while_the_process_is_being_replaced(bench: Bench) -> None:
    assert bench.media.pid is not None
    os.kill(bench.media.pid, signal.SIGKILL)
    opened = await bench.media.open("c1", Codec.PCMU)
    assert opened.customer_port


async def test_closing_an_unknown_call_is_nothing(bench: Bench) -> None:
    assert (await bench.media.close("nobody")).customer.received == 0


def exists(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


async def test_stop_ends_the_process() -> None:
    async with running(settings()) as bench:
        pid = bench.media.pid
        assert pid is not None and exists(pid)
    assert not exists(pid)


async def test_the_process_ignores_sigint_and_sigterm(bench: Bench) -> None:
    pid = bench.media.pid
    assert pid is not None
    os.kill(pid, signal.SIGINT)
    os.kill(pid, signal.SIGTERM)
    assert await bench.media.open("c1", Codec.PCMU)
    assert bench.media.pid == pid


async def test_the_process_dies_with_its_parent() -> None:
    parent = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        _PARENT,
        stdout=asyncio.subprocess.PIPE,
    )
    assert parent.stdout is not None
    pid = int(await parent.stdout.readline())
    assert exists(pid)
    parent.kill()
    await parent.wait()
    await until(lambda: not exists(pid))


_PARENT = """
import asyncio
from bridge.media.client import MediaProcess
from bridge.media.messages import MediaSettings

async def main():
    media = MediaProcess(MediaSettings("127.0.0.1", "127.0.0.1", 20000, 20010, 1.0, 1.0), print)
    await media.start()
    print(media.pid, flush=True)
    await asyncio.sleep(60)

import structlog
structlog.configure(logger_factory=structlog.PrintLoggerFactory(open("/dev/null", "w")))
asyncio.run(main())
"""
