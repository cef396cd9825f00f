"""LiveVox, two speech engines, and the bridge as a process: what a run takes place in."""

import asyncio
import contextlib
import os
import random
import signal
import socket
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

from bridge.simulator.bot_script import ScriptLine
from bridge.simulator.caller import CallerSettings
from bridge.simulator.injections import Injection
from bridge.simulator.livevox import LiveVoxSimulator
from bridge.simulator.states import AgentState
from bridge.simulator.world import World
from tests.chaos.bots import Engine
from tests.chaos.customers import HearingCaller
from tests.chaos.plan import Strike
from tests.chaos.spans import Span
from tests.free_ports import free_port
from tests.integration.bridge_process import BridgeProcess, children
from tests.integration.bridge_world import PASSWORD, TEMPLATE, TOKEN

AGENTS = 12
_LIVEVOX = """
on_failure = "collections"
timeout_s = 1.0
reconcile_s = 5.0
transfer_timeout_s = 10.0
"""
_SPARE = """
[engines.spare]
kind = "sip"
uri = "sip:bot@127.0.0.1:{port}"
connect_timeout_s = 3.0
circuit_failures = 1000
"""
#: The driver looks at its own clock so often, in seconds; when it comes so much later it has stood still.
_BEAT_S, _STALL_S = 0.05, 0.2


class ChaosWorld:
    """`async with ChaosWorld(folder, scripts) as world`; the bridge is not started."""

    def __init__(self, folder: Path, script_of: Callable[[int, str], ScriptLine]) -> None:
        """`script_of`: of the engine with this number, for a customer with this telephone number."""
        self.bridge = BridgeProcess(folder)
        self.engines = [Engine(partial(script_of, number), self._lost, speak_s=0.4, after_s=0.1) for number in (0, 1)]
        self.stalls: list[Span] = []
        self.losses: list[tuple[float, str]] = []
        """When an engine went away from which call of the bridge."""
        self._sip_port = free_port()
        self._stack = AsyncExitStack()

    caller: HearingCaller
    livevox: LiveVoxSimulator

    async def __aenter__(self) -> Self:
        enter = self._stack.enter_async_context
        for engine in self.engines:
            await enter(engine)
        self.caller = await enter(HearingCaller(CallerSettings("127.0.0.1", self._sip_port)))
        self.livevox = await enter(LiveVoxSimulator(World.default(AGENTS, PASSWORD, token=TOKEN), self.caller))
        self.caller.clock = self.livevox.clock
        self.bridge.config.write_text(self._settings())
        beat = asyncio.create_task(self._beat(), name="chaos heartbeat")
        self._stack.callback(beat.cancel)
        self._stack.push_async_callback(self.bridge.close)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    def _settings(self) -> str:
        first = random.randrange(10_000, 30_000, 2)
        text = TEMPLATE.format(
            sip_port=self._sip_port,
            first_port=first,
            last_port=first + 999,
            url=self.livevox.url,
            bot_port=self.engines[0].port,
            connect_timeout_s=3.0,
            admin_port=free_port(socket.SOCK_STREAM),
            dead_air_s=0,
            sip="max_calls = 50\ntransaction_timeout_s = 2.0",
            media="rtp_timeout_s = 1.5",
            livevox=_LIVEVOX,
            engines='"bot", "spare"',
            more=_SPARE.format(port=self.engines[1].port),
        )
        text = text.replace("connect_timeout_s = 3.0\n", "connect_timeout_s = 3.0\ncircuit_failures = 1000\n", 1)
        return text + "".join(
            f'\n[[agents]]\nnumber = "899{number:07d}"\nuser_name = "VA{number:04d}"\n'
            for number in range(1, AGENTS + 1)
        )

    def _lost(self, call: str) -> None:
        self.losses.append((self.livevox.clock(), call))

    async def _beat(self) -> None:
        last = self.livevox.clock()
        while True:
            await asyncio.sleep(_BEAT_S)
            now = self.livevox.clock()
            if now - last > _BEAT_S + _STALL_S:
                self.stalls.append(Span(last, now))
            last = now

    # what can be killed

    def zygote(self) -> list[int]:
        """The process that forks the SIP workers."""
        return self._running("sip.worker")

    def media(self) -> list[int]:
        """The media processes."""
        return self._running("bridge.media")

    def workers(self) -> list[int]:
        """The SIP workers."""
        return [worker for zygote in self.zygote() for worker in children(zygote)]

    def _running(self, module: str) -> list[int]:
        if not self.bridge.is_running:
            return []
        return [pid for pid in children(self.bridge.pid) if module in _command(pid)]

    # LiveVox's weather

    def strike(self, strikes: tuple[Strike, ...]) -> None:
        """From now on requests meet these faults, and no others."""
        injections = self.livevox.platform.injections
        injections.clear()
        for each in strikes:
            injections.add(Injection.parse(vars(each) | {"count": None}))

    # how it stands

    @property
    def all_ready(self) -> bool:
        """Every agent is Ready and has no call."""
        return all(
            agent.state is AgentState.READY and agent.call is None
            for agent in self.livevox.platform.floor.agents.values()
        )

    async def until(self, met: Callable[[], bool], limit_s: float) -> bool:
        """Wait until something holds; False: it does not, after so long."""
        ends = time.monotonic() + limit_s
        while not met():
            if time.monotonic() > ends:
                return False
            await asyncio.sleep(0.05)
        return True


def kill(pid: int) -> None:
    """kill -9; it may be gone already."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return ""
