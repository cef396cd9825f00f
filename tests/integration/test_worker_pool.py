"""The pool and its processes: growth, death and replacement of workers, and that none is left behind."""

import asyncio
import os
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from sip.dispatch import Dispatch
from sip.errors import NoFreeWorker, WorkerNotStarted
from sip.messages import Answer, InviteArrived, Leg, LegEnded
from sip.pool import PoolSettings, WorkerPool
from tests.integration.sip_peer import OUR_MEDIA, Customer
from tests.integration.worker_bench import WorkerBench, until, worker_bench

pytestmark = pytest.mark.pjsua2

ROOT = Path(__file__).parents[2]
#: A bridge of the barest kind, for tests that kill it.
BRIDGE = """
import asyncio
from sip.dispatch import Dispatch
from sip.pool import PoolSettings, WorkerPool

async def main():
    dispatch = Dispatch()
    pool = WorkerPool(PoolSettings(9, "127.0.0.1:5070", spare_calls=4, max_calls=4), dispatch, print, print)
    await pool.start()
    while dispatch.workers < 2:
        await asyncio.sleep(0.01)
    print("ready", flush=True)
    await asyncio.sleep(60)

asyncio.run(main())
"""


def children(pid: int) -> list[int]:
    """The processes whose parent is this one."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                stat = (entry / "stat").read_text()
            except OSError:
                continue
            state, parent = stat.rpartition(")")[2].split()[:2]
            if int(parent) == pid and state != "Z":
                found.append(int(entry.name))
    return found


def zygote_and_workers(pid: int = 0) -> tuple[int, list[int]]:
    """The process ids below a bridge, this test by default."""
    zygotes = [child for child in children(pid or os.getpid()) if b"sip.worker" in command_line(child)]
    assert len(zygotes) == 1
    return zygotes[0], children(zygotes[0])


def command_line(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


async def calls(bench: WorkerBench, count: int) -> list[Customer]:
    return [await bench.answered() for _ in range(count)]


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGABRT, signal.SIGSEGV])
async def test_a_worker_that_dies_loses_its_calls_only_and_is_replaced_within_a_second(number: int) -> None:
    async with worker_bench(spare_calls=2, max_calls=4) as bench:
        first, second, third = await calls(bench, 3)
        await until(lambda: bench.dispatch.workers == 2)
        # Two calls fill the first worker, so the third is alone in the second.
        assert first.worker_port == second.worker_port != third.worker_port
        _, workers = zygote_and_workers()
        began = asyncio.get_running_loop().time()
        os.kill(min(workers), number)
        await until(lambda: bench.lost != [])
        assert sorted(bench.lost) == sorted([first.call, second.call])
        await until(lambda: bench.dispatch.workers == 2)
        assert asyncio.get_running_loop().time() - began < 1.0
        assert bench.dispatch.worker_at(first.worker_port) is None
        assert bench.dispatch.worker_of_call(first.call) is None
        bench.pool.send(first.call, Answer(first.call, OUR_MEDIA))
        third.request("BYE")
        await third.expect(200)
        await bench.ended(third.call, Leg.CUSTOMER)
        for customer in (first, second, third):
            bench.pool.release(customer.call)
        await bench.until_free()
        assert bench.said(LegEnded, first.call) == []


async def test_ids_of_workers_are_never_used_twice() -> None:
    async with worker_bench() as bench:
        for number in range(2, 5):
            _, workers = zygote_and_workers()
            os.kill(workers[0], signal.SIGKILL)
            await until(lambda expected=[number]: bench.dispatch.idle_workers() == expected)  # type: ignore[misc]


async def test_the_workers_end_with_the_zygote_and_all_come_again() -> None:
    async with worker_bench(spare_calls=4, max_calls=4) as bench:
        await until(lambda: bench.dispatch.workers == 2)
        customer = await bench.answered()
        zygote, workers = zygote_and_workers()
        os.kill(zygote, signal.SIGKILL)
        await until(lambda: not any(alive(pid) for pid in workers))
        await until(lambda: bench.lost == [customer.call])
        await until(lambda: bench.dispatch.workers == 2, within=2)
        bench.pool.release(customer.call)
        await bench.answered()


async def test_a_worker_that_hangs_is_killed_when_its_commands_pile_up() -> None:
    async with worker_bench() as bench:
        customer = await bench.answered()
        _, workers = zygote_and_workers()
        os.kill(workers[0], signal.SIGSTOP)
        for _ in range(10_000):
            bench.tell(Answer(customer.call, OUR_MEDIA))
            if not alive(workers[0]):
                break
            await asyncio.sleep(0)
        await until(lambda: bench.lost == [customer.call])


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
async def test_signals_of_the_terminal_end_no_worker(number: int) -> None:
    async with worker_bench() as bench:
        customer = await bench.answered()
        zygote, workers = zygote_and_workers()
        for pid in (zygote, *workers):
            os.kill(pid, number)
        customer.request("BYE")
        await customer.expect(200)
        assert all(alive(pid) for pid in (zygote, *workers))


async def test_stop_hangs_up_and_leaves_no_process() -> None:
    async with worker_bench(spare_calls=4, max_calls=4) as bench:
        customer = await bench.answered()
        zygote, workers = zygote_and_workers()
        stopping = asyncio.create_task(bench.pool.stop(), name="stop the pool")
        bench.peer.agrees = True
        await stopping
        assert (await bench.ended(customer.call, Leg.CUSTOMER)).by_peer is False
        assert not any(alive(pid) for pid in (zygote, *workers))
        assert bench.lost == []
        with pytest.raises(NoFreeWorker):
            await bench.pool.reserve("late", 2)


def test_nothing_outlives_a_bridge_that_is_killed() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", BRIDGE], cwd=ROOT, stdout=subprocess.PIPE, text=True, bufsize=1
    ) as bridge:
        assert bridge.stdout
        while "ready" not in bridge.stdout.readline():
            pass
        zygote, workers = zygote_and_workers(bridge.pid)
        for _ in range(250):  # the first is ready; the others come a moment later
            if len(workers) >= 2:
                break
            select.select([], [], [], 0.02)
            zygote, workers = zygote_and_workers(bridge.pid)
        assert len(workers) >= 2
        bridge.kill()
    for pid in (zygote, *workers):
        if alive(pid):
            descriptor = os.pidfd_open(pid)
            select.select([descriptor], [], [], 1.0)
            os.close(descriptor)
    assert not any(alive(pid) for pid in (zygote, *workers))


def test_a_worker_imports_little() -> None:
    """Every worker carries what the zygote has imported."""
    heavy = ["aiohttp", "asyncio", "hypothesis", "pydantic", "structlog", "subprocess", "uvloop"]
    program = f"import sys, sip.worker.zygote; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


async def test_the_pool_grows_ahead_of_need_up_to_what_the_calls_allowed_can_fill() -> None:
    async with worker_bench(spare_calls=3, max_calls=7) as bench:
        # Each worker holds two calls of two dialogs.
        await until(lambda: bench.dispatch.workers == 2)
        for count, workers in ((1, 2), (2, 3), (3, 3), (4, 4), (5, 4), (6, 4), (7, 4)):
            await bench.pool.reserve(f"call {count}", 2)
            await until(lambda expected=workers: bench.dispatch.workers == expected)  # type: ignore[misc]
        assert bench.dispatch.room(2) == 1
        await bench.pool.reserve("one more than counted", 2)
        with pytest.raises(NoFreeWorker):
            await bench.pool.reserve("one too many", 2)


async def test_a_call_waits_for_a_worker_that_is_about_to_start() -> None:
    async with worker_bench(spare_calls=0, max_calls=40) as bench:
        workers = await asyncio.gather(*(bench.pool.reserve(f"call {number}", 2) for number in range(40)))
        assert all(workers.count(worker) == 2 for worker in set(workers))
        assert bench.dispatch.workers == 20
        assert bench.dispatch.room(1) == 0
        for number in range(40):
            bench.pool.release(f"call {number}")
        assert bench.dispatch.room(2) == 40


async def test_a_call_that_stops_waiting_takes_nothing() -> None:
    async with worker_bench(spare_calls=1, max_calls=3) as bench:
        waiting = asyncio.create_task(bench.pool.reserve("impatient", 5), name="reserve")
        await asyncio.sleep(0.05)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        assert bench.dispatch.room(1) == 4 * bench.dispatch.workers


async def test_a_call_that_waited_for_its_worker_is_counted_once_when_it_comes() -> None:
    # Counted neither as waiting nor as a call, it would bring a third worker, which no call allowed could fill.
    async with worker_bench(spare_calls=2, max_calls=4) as bench:
        await asyncio.gather(*(bench.pool.reserve(f"call {number}", 2) for number in range(3)))
        _, workers = zygote_and_workers()
        assert len(workers) == bench.dispatch.workers == 2
        await bench.pool.reserve("call 3", 2)
        assert len(zygote_and_workers()[1]) == 2


async def test_idle_workers_far_beyond_need_are_stopped_one_by_one() -> None:
    dispatch = Dispatch()
    settings = PoolSettings(9, "127.0.0.1:5070", spare_calls=1, max_calls=20, shrink_s=0.02)
    pool = WorkerPool(settings, dispatch, lambda event: None, lambda calls: None)
    await pool.start()
    try:
        for number in range(12):
            await pool.reserve(f"call {number}", 2)
        for number in range(12):
            pool.release(f"call {number}")
        before = dispatch.workers
        await until(lambda: dispatch.workers == 2)
        assert before >= 6
        _, workers = zygote_and_workers()
        await until(lambda: len(children(zygote_and_workers()[0])) == 2)
    finally:
        await pool.stop()


async def test_workers_that_come_when_they_are_needed_no_longer_are_stopped_too() -> None:
    dispatch = Dispatch()
    settings = PoolSettings(9, "127.0.0.1:5070", spare_calls=1, max_calls=20, shrink_s=0.02)
    pool = WorkerPool(settings, dispatch, lambda event: None, lambda calls: None)
    await pool.start()
    try:
        pool.change(spare_calls=14, max_calls=20)
        pool.change(spare_calls=1, max_calls=20)
        await until(lambda: pool.started == 7 and not any(worker.port is None for worker in pool._workers.values()))
        await until(lambda: dispatch.workers == 2)
    finally:
        await pool.stop()


@pytest.mark.parametrize("python", ["/nowhere/python3", "/bin/false"])
async def test_a_python_that_cannot_run_workers_is_reported_at_the_start(python: str) -> None:
    settings = PoolSettings(9, "127.0.0.1:5070", python=python)
    pool = WorkerPool(settings, Dispatch(), lambda event: None, lambda calls: None)
    with pytest.raises(WorkerNotStarted):
        await pool.start()
    await pool.stop()


async def test_sixty_calls_arriving_at_once_are_spread_over_the_workers() -> None:
    async with worker_bench(spare_calls=10, max_calls=60) as bench:
        customers = [await bench.customer() for _ in range(60)]
        for customer in customers:
            customer.invite()
        for customer in customers:
            await bench.event(InviteArrived, customer.call)
            bench.tell(Answer(customer.call, OUR_MEDIA))
        for customer in customers:
            await customer.expect(200)
            customer.ack(cseq=1)
            customer.request("BYE")
            await bench.ended(customer.call, Leg.CUSTOMER)
            bench.pool.release(customer.call)
        await bench.until_free()
        assert bench.lost == []
