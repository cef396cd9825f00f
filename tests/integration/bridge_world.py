"""A whole world on loopback for a test: LiveVox, its telephony, a speech engine and the bridge between them."""

import asyncio
import random
import socket
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Any, Self

from bridge.agents.messages import AgentChanged, AgentPhase
from bridge.calls.timeline import Entry
from bridge.service import Service
from bridge.settings import Settings, load
from bridge.simulator.bot import SipBot
from bridge.simulator.bot_call import BotRecord
from bridge.simulator.bot_script import BotSettings, ScriptLine
from bridge.simulator.caller import Caller, CallerRecord, CallerSettings
from bridge.simulator.customer_call import CustomerCall
from bridge.simulator.faults import Faults
from bridge.simulator.livevox import LiveVoxSimulator
from bridge.simulator.speech import Voice
from bridge.simulator.url_bot import UrlBot
from bridge.simulator.world import World
from tests.free_ports import free_port

PASSWORD = TOKEN = "simulated"
#: Engines that detect speech themselves: a customer who speaks all the time would interrupt each of their sentences.
LISTENERS = frozenset({"openai", "deepgram"})

TEMPLATE = """
[sip]
listen = "127.0.0.1:{sip_port}"
spare_calls = 2
rate_per_s = 1000
burst = 1000
{sip}
[media]
ports = "{first_port}-{last_port}"
dead_air_s = {dead_air_s}
{media}
[livevox]
url = "{url}"
client_name = "Demo"
service_id = "46014"
login_per_s = 50
rate_per_s = 500
burst = 500
{livevox}
[agent_defaults]
engines = [{engines}]
[engines.bot]
kind = "sip"
uri = "sip:bot@127.0.0.1:{bot_port}"
connect_timeout_s = {connect_timeout_s}
[outcomes.default]
term_code = "Completed"
[outcomes.completed]
term_code = "Completed"
[outcomes.customer_hung_up]
term_code = "Customer Hung Up"
[outcomes.transferred]
term_code = "Transferred to Agent"
[outcomes.transfer_failed]
term_code = "Transfer Failed"
[outcomes.bridge_failure]
term_code = "System Failure"
[outcomes.engine_lost]
term_code = "System Failure"
[outcomes.engine_unavailable]
term_code = "System Failure"
[outcomes.rtp_timeout]
term_code = "System Failure"
[outcomes.dead_air]
term_code = "System Failure"
[outcomes.drained]
term_code = "System Failure"
[outcomes.promised]
term_code = "Payment Promised"
[targets.collections]
contacts = ["Collections Queue"]
aliases = ["+15551230000"]
[targets.busy]
contacts = ["After Hours Voicemail"]
[targets.second]
contacts = ["Overflow Queue", "Billing"]
[targets.desk]
contacts = ["Supervisor Desk"]
[admin]
listen = "127.0.0.1:{admin_port}"
{more}
"""


@dataclass(frozen=True)
class Engine:
    """An engine of the settings that is reached by URL."""

    kind: str
    """twilio, openai, …"""
    bot: UrlBot[Any]
    lines: str = ""
    """Further lines of its table, connect_timeout_s among them if it is to be another one."""


class BridgeWorld:
    """`async with BridgeWorld(["finish"]) as world: call = await world.call()`; all agents are Ready by then.

    With other engines than the SIP bot: `BridgeWorld(others={"media": Engine("twilio", TwilioBot(…))})`. The agents
    have these then, in this order, unless `engines` says another: `engines='"media", "bot"'`. Customers of engines that
    detect speech are silent, unless `caller` says otherwise.
    """

    def __init__(
        self,
        scripts: Sequence[str] = ("finish",),
        *,
        agents: int = 1,
        speak_s: float = 0.3,
        after_s: float = 0.1,
        caller: CallerSettings | None = None,
        bot: BotSettings | None = None,
        faults: Faults | None = None,
        connect_timeout_s: float = 3.0,
        others: Mapping[str, Engine] | None = None,
        admin_port: int | None = None,
        dead_air_s: float = 0,
        environ: Mapping[str, str] | None = None,
        **sections: str,
    ) -> None:
        """`sections`: lines for sip, media, livevox, or more for further tables; engines: their order.

        `admin_port` is for bots that must know it beforehand: `free_port(SOCK_STREAM)`.
        """
        self.sip_port = free_port()
        self.admin_port = admin_port or free_port(socket.SOCK_STREAM)
        self.others = others or {}
        self.entries: list[Entry] = []
        self.changed = asyncio.Event()
        self._agents = agents
        self._faults = faults
        order = ", ".join(f'"{name}"' for name in self.others or ("bot",))
        self._sections = {"sip": "", "media": "", "livevox": "", "more": "", "engines": order, **sections}
        self._connect_timeout_s = connect_timeout_s
        self._dead_air_s = dead_air_s
        self._environ = environ or {}
        lines = tuple(ScriptLine.parse(script) for script in scripts)
        settings = bot or BotSettings(scripts=lines, script=lines[-1], speak_s=speak_s, after_s=after_s)
        self.bot = SipBot(settings)
        listeners = any(engine.kind in LISTENERS for engine in self.others.values())
        voice = Voice.SILENCE if listeners else Voice.RECORDING
        self.caller = Caller(caller or CallerSettings("127.0.0.1", self.sip_port, voice=voice))
        self._stack = AsyncExitStack()

    livevox: LiveVoxSimulator
    service: Service
    _folder: Path

    @property
    def admin_url(self) -> str:
        """The HTTP API; both its tokens are "simulated"."""
        return f"http://127.0.0.1:{self.admin_port}"

    async def __aenter__(self) -> Self:
        try:
            await self._start()
        except BaseException:
            await self._stack.aclose()
            raise
        return self

    async def _start(self) -> None:
        if self.caller.settings.bridge_port != self.sip_port:
            self.sip_port = self.caller.settings.bridge_port
        self._folder = Path(self._stack.enter_context(TemporaryDirectory()))
        await self._stack.enter_async_context(self.bot)
        for engine in self.others.values():
            await self._stack.enter_async_context(engine.bot)
        await self._stack.enter_async_context(self.caller)
        world = World.default(self._agents, PASSWORD, token=TOKEN)
        self.livevox = LiveVoxSimulator(world, self.caller, faults=self._faults)
        await self._stack.enter_async_context(self.livevox)
        self.service = Service(self._settings(), [self._note], self._agent_changed)
        await self._stack.enter_async_context(self.service.running())
        await self.until(lambda: all(agent.state is AgentPhase.READY for agent in self.service.agents.snapshot()), 30.0)

    async def __aexit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    def _settings(self) -> Settings:
        first = random.randrange(10_000, 30_000, 2)
        text = TEMPLATE.format(
            sip_port=self.sip_port,
            first_port=first,
            last_port=first + 999,
            url=self.livevox.url,
            bot_port=self.bot.port,
            connect_timeout_s=self._connect_timeout_s,
            admin_port=self.admin_port,
            dead_air_s=self._dead_air_s,
            **self._sections,
        )
        for name, engine in self.others.items():
            text += f'\n[engines.{name}]\nkind = "{engine.kind}"\nurl = "{engine.bot.url}"\n'
            if "connect_timeout_s" not in engine.lines:
                text += f"connect_timeout_s = {self._connect_timeout_s}\n"
            text += engine.lines + "\n"
        for index in range(1, self._agents + 1):
            text += f'\n[[agents]]\nnumber = "899{index:07d}"\nuser_name = "VA{index:04d}"\n'
        path = self._folder / "bridge.toml"
        path.write_text(text)
        return load(path, self._environ)

    def _note(self, entry: Entry) -> None:
        self.entries.append(entry)
        self.changed.set()

    def _agent_changed(self, change: AgentChanged) -> None:
        self.changed.set()

    # what tests do

    async def call(self, order: CustomerCall | None = None, timeout_s: float = 30.0) -> str:
        """Place a call, wait until LiveVox and the bridge are done with it; the simulator's id of the call."""
        call_id = self.place(order)
        await self.over(call_id, timeout_s)
        return call_id

    def place(self, order: CustomerCall | None = None) -> str:
        """A customer calls."""
        return self.livevox.place_call(order or CustomerCall(agent="8990000001"))

    async def over(self, call_id: str, timeout_s: float = 30.0) -> None:
        """LiveVox and the bridge are done with a call, and the bridge has no other."""
        await self.livevox.closed(call_id, timeout_s)
        await self.until(lambda: not self.service.controller.calls, timeout_s)
        assert self.heard(call_id).faults == []
        assert [record.faults for engine in self.others.values() for record in engine.bot.calls if record.faults] == []

    async def until(self, met: object, timeout_s: float = 20.0) -> None:
        """Wait until a condition on entries and agents holds; asked after each change, and often."""
        assert callable(met)
        async with asyncio.timeout(timeout_s):
            while not met():
                self.changed.clear()
                try:
                    async with asyncio.timeout(0.05):
                        await self.changed.wait()
                except TimeoutError:
                    continue

    async def seen(self, what: str, timeout_s: float = 20.0) -> Entry:
        """Wait for an entry of that name; the first one."""
        await self.until(lambda: any(entry.what == what for entry in self.entries), timeout_s)
        return next(entry for entry in self.entries if entry.what == what)

    def heard(self, call_id: str) -> CallerRecord:
        """The call as LiveVox's telephony saw it."""
        return self.caller.calls[call_id]

    def bot_call(self, number: int = 0) -> BotRecord:
        """The bot's call with this number."""
        return self.bot.calls[number]

    def dispositions(self, call_id: str) -> list[str]:
        """The term codes set for a call."""
        return [entry.name for entry in self.livevox.ledger.dispositions(call_id)]

    def lifecycle(self, call_id: str) -> list[str]:
        """What LiveVox saw of a call, without how often it was polled and the look at the service an agent may take."""
        return self.livevox.ledger.lifecycle(call_id, without=("status", "audio", "service_features"))

    def whats(self) -> list[str]:
        """The names of all entries."""
        return [entry.what for entry in self.entries]
