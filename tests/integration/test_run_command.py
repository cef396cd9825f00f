"""The command `run` as a process of its own: its signals, its exit codes, and what it leaves behind."""

import asyncio
import os
import random
import select
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bridge.simulator.bot import SipBot
from bridge.simulator.bot_script import BotSettings, ScriptLine
from bridge.simulator.caller import Caller, CallerSettings
from bridge.simulator.customer_call import CustomerCall
from bridge.simulator.livevox import LiveVoxSimulator
from bridge.simulator.world import World
from tests.free_ports import free_port
from tests.integration.bridge_world import PASSWORD, TOKEN

pytestmark = pytest.mark.pjsua2

ROOT = Path(__file__).parents[2]


class Running:
    """The bridge's process, and LiveVox around it."""

    def __init__(self, process: asyncio.subprocess.Process, livevox: LiveVoxSimulator, config: Path) -> None:
        self.process = process
        self.livevox = livevox
        self.config = config

    def agent_state(self) -> str:
        return self.livevox.platform.agent("VA0001").state.name

    async def exit_code(self, limit_s: float = 15.0) -> int:
        return await asyncio.wait_for(self.process.wait(), limit_s)

    def family(self) -> list[int]:
        """Every process below the bridge's."""
        found, waiting = [], [self.process.pid]
        while waiting:
            pid = waiting.pop()
            children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
            found += [int(child) for child in children]
            waiting += [int(child) for child in children]
        return found


@asynccontextmanager
async def running(folder: Path, script: str = "wait", drain_s: float = 300.0) -> AsyncIterator[Running]:
    port = free_port()
    bot_settings = BotSettings(script=ScriptLine.parse(script), speak_s=0.3, after_s=0.1)
    world = World.default(1, PASSWORD, token=TOKEN)
    async with (
        SipBot(bot_settings) as bot,
        Caller(CallerSettings("127.0.0.1", port)) as caller,
        LiveVoxSimulator(world, caller) as livevox,
    ):
        first = random.randrange(10_000, 30_000, 2)
        text = (ROOT / "config/demo.toml").read_text()
        for old, new in (
            ("127.0.0.1:5070", f'127.0.0.1:{port}"\nmax_calls = 20\nspare_calls = 2\ndrain_s = {drain_s} #'),
            ("20000-20999", f"{first}-{first + 999}"),
            ("http://127.0.0.1:8090", livevox.url),
            ("127.0.0.1:5092", f"127.0.0.1:{bot.port}"),
            ("127.0.0.1:8080", f"127.0.0.1:{free_port(socket.SOCK_STREAM)}"),
            ('[[agents]]\nnumber = "8990000002"\nuser_name = "VA0002"\n', ""),
            ('[[agents]]\nnumber = "8990000003"\nuser_name = "VA0003"\n', ""),
        ):
            assert old in text
            text = text.replace(old, new)
        config = folder / "bridge.toml"
        config.write_text(text)
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bridge", "run", "--config", str(config), cwd=ROOT, stderr=asyncio.subprocess.DEVNULL
        )
        try:
            there = Running(process, livevox, config)
            await livevox.until(lambda: there.agent_state() == "READY", 15.0)
            yield there
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()


async def test_sigterm_takes_the_agents_out_and_exits_with_0(tmp_path: Path) -> None:
    async with running(tmp_path) as bridge:
        bridge.process.send_signal(signal.SIGTERM)
        assert await bridge.exit_code() == 0
        assert bridge.agent_state() == "LOGOFF"


async def test_the_service_manager_hears_when_calls_are_taken_and_when_no_more_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.setblocking(False)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        monkeypatch.setenv("WATCHDOG_USEC", "60000000")
        async with running(tmp_path) as bridge:
            told = [(await asyncio.get_running_loop().sock_recv(manager, 4096)).decode() for _ in range(2)]
            assert [text.splitlines()[0] for text in told] == ["READY=1", "WATCHDOG=1"]
            bridge.process.send_signal(signal.SIGTERM)
            assert await bridge.exit_code() == 0
            assert manager.recv(4096).decode().splitlines() == ["STOPPING=1", "STATUS=drains: 0 calls are up"]


async def test_sigterm_lets_a_call_end_and_its_disposition_be_set(tmp_path: Path) -> None:
    async with running(tmp_path) as bridge:
        order = CustomerCall(agent="8990000001", hang_up_after_s=1.5)
        call = bridge.livevox.place_call(order)
        await bridge.livevox.until(lambda: bridge.agent_state() == "INCALL")
        bridge.process.send_signal(signal.SIGTERM)
        assert await bridge.exit_code() == 0
        assert [entry.name for entry in bridge.livevox.ledger.dispositions(call)] == ["Customer Hung Up"]


async def test_a_second_signal_hurries_and_the_customer_goes_to_a_human(tmp_path: Path) -> None:
    async with running(tmp_path) as bridge:
        call = bridge.livevox.place_call(CustomerCall(agent="8990000001"))
        await bridge.livevox.until(lambda: bridge.agent_state() == "INCALL")
        bridge.process.send_signal(signal.SIGTERM)
        await asyncio.sleep(0.2)
        bridge.process.send_signal(signal.SIGTERM)
        assert await bridge.exit_code(30.0) == 1
        assert "transfer conferenced" in bridge.livevox.ledger.lifecycle(call)
        assert len(bridge.livevox.ledger.dispositions(call)) == 1


async def test_at_the_limit_of_a_drain_the_customer_goes_to_a_human_and_the_exit_code_is_1(tmp_path: Path) -> None:
    async with running(tmp_path, drain_s=0.5) as bridge:
        call = bridge.livevox.place_call(CustomerCall(agent="8990000001"))
        await bridge.livevox.until(lambda: bridge.agent_state() == "INCALL")
        bridge.process.send_signal(signal.SIGTERM)
        assert await bridge.exit_code(30.0) == 1
        assert "transfer conferenced" in bridge.livevox.ledger.lifecycle(call)
        assert len(bridge.livevox.ledger.dispositions(call)) == 1
        assert bridge.agent_state() == "LOGOFF"


async def test_the_drain_command_stops_it_and_a_signal_after_it_does_not_hurry(tmp_path: Path) -> None:
    async with running(tmp_path) as bridge:
        call = bridge.livevox.place_call(CustomerCall(agent="8990000001"))
        await bridge.livevox.until(lambda: bridge.agent_state() == "INCALL")
        drain = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bridge", "drain", "--config", str(bridge.config), cwd=ROOT
        )
        assert await asyncio.wait_for(drain.wait(), 15.0) == 0
        bridge.process.send_signal(signal.SIGTERM)
        await asyncio.sleep(0.2)
        bridge.livevox.customer_hangs_up(call)
        assert await bridge.exit_code() == 0
        assert [entry.name for entry in bridge.livevox.ledger.dispositions(call)] == ["Customer Hung Up"]
        assert bridge.agent_state() == "LOGOFF"


async def test_nothing_outlives_a_bridge_that_is_killed(tmp_path: Path) -> None:
    async with running(tmp_path) as bridge:
        family = bridge.family()
        assert len(family) >= 3  # the media process, the zygote, and its workers
        handles = [os.pidfd_open(pid) for pid in family]
        bridge.process.kill()
        await bridge.exit_code()
        for handle in handles:
            assert await asyncio.to_thread(ends, handle), "a process of the bridge lives on"
            os.close(handle)


def ends(handle: int) -> bool:
    """The process behind a pidfd is gone within 5 s."""
    readable, _, _ = select.select([handle], [], [], 5.0)
    return bool(readable)
