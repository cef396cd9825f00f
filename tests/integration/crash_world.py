"""LiveVox, a speech engine, and a bridge in a process of its own that is killed and started again."""

import asyncio
import os
import random
import socket
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from bridge.simulator.bot import SipBot
from bridge.simulator.bot_script import BotSettings, ScriptLine
from bridge.simulator.caller import Caller, CallerSettings
from bridge.simulator.customer_call import CustomerCall
from bridge.simulator.injections import Fault
from bridge.simulator.ledger import Kind
from bridge.simulator.livevox import LiveVoxSimulator
from bridge.simulator.world import World
from tests.free_ports import free_port
from tests.integration.bridge_process import BridgeProcess, family
from tests.integration.bridge_world import PASSWORD, TEMPLATE, TOKEN

AGENT = "VA0001"


class CrashWorld:
    """`async with CrashWorld(tmp_path, "wait") as world: await world.start(); …; await world.kill()`."""

    def __init__(self, folder: Path, script: str, *, more: str = "") -> None:
        """`more`: further tables of the settings."""
        self._more = more
        self._bridge = BridgeProcess(folder)
        self.journal = self._bridge.journal
        self._sip_port = free_port()
        self._bot = SipBot(BotSettings(script=ScriptLine.parse(script), speak_s=0.3, after_s=0.1))
        self._caller = Caller(CallerSettings("127.0.0.1", self._sip_port))
        self._stack = AsyncExitStack()

    livevox: LiveVoxSimulator

    async def __aenter__(self) -> Self:
        enter = self._stack.enter_async_context
        await enter(self._bot)
        await enter(self._caller)
        self.livevox = await enter(LiveVoxSimulator(World.default(1, PASSWORD, token=TOKEN), self._caller))
        self._bridge.config.write_text(self._settings())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._bridge.close()
        await self._stack.aclose()

    def _settings(self) -> str:
        first = random.randrange(10_000, 30_000, 2)
        text = TEMPLATE.format(
            sip_port=self._sip_port,
            first_port=first,
            last_port=first + 999,
            url=self.livevox.url,
            bot_port=self._bot.port,
            connect_timeout_s=3.0,
            admin_port=free_port(socket.SOCK_STREAM),
            dead_air_s=0,
            sip="max_calls = 20",
            media="",
            livevox='on_failure = "collections"\ntimeout_s = 20.0',
            engines='"bot"',
            more=self._more,
        )
        return text + f'\n[[agents]]\nnumber = "8990000001"\nuser_name = "{AGENT}"\n'

    # the bridge

    async def start(self, stderr: int | None = None) -> None:
        """Start it; returns when its process is there. Its log goes to `log`, or to this descriptor."""
        await self._bridge.start(stderr)

    async def kill(self) -> None:
        """kill -9; all its children end with it."""
        assert family(self._bridge.pid), "it has no children"
        await self._bridge.kill()

    async def terminate(self) -> int:
        """SIGTERM; the exit code."""
        return await self._bridge.terminate()

    def signal(self, number: int) -> None:
        """Send it a signal."""
        os.kill(self._bridge.pid, number)

    def asked(self, query: str) -> list[tuple[Any, ...]]:
        """What the journal answers."""
        return self._bridge.asked(query)

    async def ended(self) -> int:
        """The exit code of one that ends by itself."""
        return await self._bridge.ended()

    @property
    def log(self) -> str:
        """All it has said on stderr, of every start."""
        return self._bridge.log

    # what tests do and see

    async def call(self) -> str:
        """A customer calls and is answered; the simulator's id of the call."""
        await self.until(lambda: self.state == "READY")
        call_id = self.livevox.place_call(CustomerCall(agent="8990000001"))
        await self.until(lambda: self.state == "INCALL")
        await self.until(lambda: self._bridge.asked("SELECT answered_at FROM calls") != [(None,)])
        return call_id

    async def until(self, met: Callable[[], bool]) -> None:
        """Wait for something that LiveVox, the journal or the log will show."""
        async with asyncio.timeout(30.0):
            while not met():  # noqa: ASYNC110  # a file does not say that it has changed
                await asyncio.sleep(0.02)

    def delay(self, endpoint: str) -> Callable[[], bool]:
        """The next request there is carried out and its answer does not come in time; whether it has come."""
        self.livevox.fail(endpoint, Fault.LATE, delay_s=15.0)
        return lambda: not self.livevox.platform.injections.pending

    @property
    def state(self) -> str:
        """The agent's, as LiveVox has it."""
        return self.livevox.platform.agent(AGENT).state.name

    @property
    def journalled(self) -> list[tuple[Any, ...]]:
        """fate, confirmation, whether it is closed: of each call in the journal."""
        return self._bridge.asked("SELECT fate, confirmation, closed_at IS NOT NULL FROM calls ORDER BY admitted_at")

    def logged(self, event: str) -> list[dict[str, Any]]:
        """The log lines of this name, of every start."""
        return self._bridge.logged(event)

    def dispositions(self, call_id: str) -> list[str]:
        """The results LiveVox has for a call."""
        return [entry.name for entry in self.livevox.ledger.dispositions(call_id)]

    def transfers(self, call_id: str) -> list[str]:
        """The steps of its transfers."""
        return [entry.name for entry in self.livevox.ledger.of_call(call_id) if entry.kind is Kind.TRANSFER]

    def requests(self, name: str) -> int:
        """How often LiveVox was asked for something."""
        return len(self.livevox.ledger.requests(name, AGENT))
