"""The world SIPp plays in: the bridge, a simulated LiveVox that places its calls with SIPp, a bot for each script."""

import asyncio
import socket
from collections.abc import Callable, Iterable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Self

from bridge.agents.messages import AgentPhase
from bridge.calls.timeline import Entry
from bridge.service import Service
from bridge.simulator.bot import SipBot
from bridge.simulator.bot_call import BotRecord
from bridge.simulator.bot_script import BotSettings, ScriptLine
from bridge.simulator.caller import Caller, CallerRecord, CallerSettings
from bridge.simulator.customer_call import CustomerCall
from bridge.simulator.livevox import LiveVoxSimulator
from bridge.simulator.speech import Voice
from bridge.simulator.telephony import CallToPlace
from bridge.simulator.world import World
from tests.free_ports import free_port
from tests.sipp.sipp import LOOPBACK, Sipp
from tests.sipp.stage_settings import FIRST_AGENT, PASSWORD, TOKEN, Network, bridge_settings
from tests.sipp.switch import Switch
from tests.sipp.table import ABSENT_AGENT, AGENT, BRIDGE, ENGINE_PORT, OTHER_AGENT, SESSION, TRANSACTION, Row

#: Scenarios that play at the same time.
AT_ONCE = 6
#: What the engine does where it does not matter.
ANY_SCRIPT = "wait"
#: The customer of a scenario that waits to be told so hangs up so long after the answer.
CUSTOMER_STAYS_S = 1.0


@dataclass(frozen=True)
class Part:
    """One scenario on this stage."""

    row: Row
    agent: str
    """The agent it calls, or that it is the engine of."""
    engine_port: int
    """Where SIPp listens when it is the engine; else 0."""


@dataclass
class Seen:
    """What became of a scenario besides what SIPp checked."""

    call_id: str
    """The simulated LiveVox's; empty when it was not told of a call."""
    lifecycle: list[str] = field(default_factory=list)
    dispositions: list[str] = field(default_factory=list)
    story: list[Entry] = field(default_factory=list)
    """The bridge's timeline of the agent's calls."""
    engine_calls: list[BotRecord] = field(default_factory=list)
    customer: CallerRecord | None = None

    @property
    def whats(self) -> list[str]:
        """The names of the story's entries."""
        return [entry.what for entry in self.story]


class Stage:
    """`async with Stage(rows, sip) as stage: await stage.seen("answer")`; what plays at once disturbs nothing."""

    def __init__(self, rows: Sequence[Row], sip: str) -> None:
        """`sip`: more lines for that section of the settings."""
        self.sip_port = free_port()
        self.parts = {
            row.name: Part(row, str(FIRST_AGENT + index), free_port() if row.is_engine else 0)
            for index, row in enumerate(rows)
        }
        self._spare_agent = str(FIRST_AGENT + len(rows))
        self._sip = sip
        self._entries: list[Entry] = []
        self._changed = asyncio.Event()
        self._caller = Caller(CallerSettings(LOOPBACK, self.sip_port))
        self.switch = Switch(self._caller)
        self._bots = {script: _bot(script) for script in {row.engine or ANY_SCRIPT for row in rows}}
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._plays: dict[str, asyncio.Task[Seen]] = {}
        self._stack = AsyncExitStack()

    livevox: LiveVoxSimulator
    service: Service
    _folder: Path

    async def __aenter__(self) -> Self:
        try:
            await self._open()
        except BaseException:
            await self._stack.aclose()
            raise
        return self

    async def _open(self) -> None:
        enter = self._stack.enter_async_context
        self._folder = Path(self._stack.enter_context(TemporaryDirectory()))
        for bot in self._bots.values():
            await enter(bot)
        await enter(self._caller)
        self._stack.push_async_callback(self.switch.close)
        world = World.default(len(self.parts) + 1, PASSWORD, token=TOKEN)
        self.livevox = await enter(LiveVoxSimulator(world, self.switch))
        self.switch.on_abandoned = self.livevox.customer_hangs_up
        settings = bridge_settings(self._network(), self._sip, self._folder, {})
        self.service = Service(settings, [self._note], lambda change: self._changed.set())
        await enter(self.service.running())
        self._stack.push_async_callback(self._stop_plays)
        await self.until(lambda: all(map(self.is_ready, self._agents())), 15.0)

    async def __aexit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    def _agents(self) -> list[str]:
        return [*(part.agent for part in self.parts.values()), self._spare_agent]

    def _network(self) -> Network:
        engines = [(part.agent, self._engine_uri(part)) for part in self.parts.values()]
        return Network(
            sip_port=self.sip_port,
            admin_port=free_port(socket.SOCK_STREAM),
            livevox=self.livevox.url,
            engines=[*engines, (self._spare_agent, engines[0][1])],
        )

    def _engine_uri(self, part: Part) -> str:
        return f"sip:bot@{LOOPBACK}:{part.engine_port or self._bots[part.row.engine or ANY_SCRIPT].port}"

    def _note(self, entry: Entry) -> None:
        self._entries.append(entry)
        self._changed.set()

    # scenarios

    def begin(self, names: Iterable[str]) -> None:
        """Let scenarios play, a few at a time; `seen` waits for one."""
        for name in names:
            self._plays[name] = asyncio.create_task(self._in_turn(name), name=f"scenario {name}")

    async def seen(self, name: str) -> Seen:
        """What became of a scenario, which is begun now if it was not before. Raises ScenarioFailed."""
        if name not in self._plays:
            self.begin([name])
        return await self._plays[name]

    async def _in_turn(self, name: str) -> Seen:
        async with self._turns:
            return await self.play(name)

    async def play(self, name: str) -> Seen:
        """Play one scenario now."""
        part = self.parts[name]
        if part.row.is_engine:
            return await self._play_engine(part)
        if part.row.engine:
            return await self._play_call(part)
        await self.sipp(part).run()
        return Seen("")

    async def _play_call(self, part: Part) -> Seen:
        await self.until(lambda: self.is_ready(part.agent), 15.0)
        self.switch.engage(part.agent, lambda call: self.sipp(part, call))
        call_id = self.livevox.place_call(CustomerCall(agent=part.agent))
        await self.livevox.until(lambda: call_id in self.switch.runs)
        await self.switch.finished(call_id)
        return await self._over(part, call_id)

    async def _play_engine(self, part: Part) -> Seen:
        await self.until(lambda: self.is_ready(part.agent), 15.0)
        stays = CUSTOMER_STAYS_S if "customer_hung_up" in part.row.result else None
        run = asyncio.create_task(self.sipp(part).run(), name=f"sipp {part.row.name}")
        try:
            await self.until(lambda: run.done() or is_bound(part.engine_port), 5.0)
            call_id = self.livevox.place_call(CustomerCall(agent=part.agent, hang_up_after_s=stays))
            await run
        finally:
            run.cancel()
        return await self._over(part, call_id)

    def sipp(self, part: Part, call: CallToPlace | None = None) -> Sipp:
        """The part's command as the table has it, with this stage's addresses and the call's numbers in it."""
        changes = {
            BRIDGE: f"{LOOPBACK}:{self.sip_port}",
            AGENT: part.agent,
            OTHER_AGENT: self._spare_agent,
            ABSENT_AGENT: part.agent,
            ENGINE_PORT: str(part.engine_port),
            TRANSACTION: call.transaction_id if call else "",
            SESSION: call.session_id if call else "",
        }
        options = part.row.options(changes)
        folder = self._folder / f"{part.row.name}-{len(list(self._folder.iterdir()))}"
        folder.mkdir()
        port = [] if part.row.is_engine else ["-p", str(free_port())]
        return Sipp(f"{part.row.name}.xml", [*options, *port], folder)

    async def _over(self, part: Part, call_id: str) -> Seen:
        """LiveVox and the bridge are done with the call."""
        await self.livevox.closed(call_id, 15.0)
        await self.until(lambda: not self.calls_of(part.agent) and self.is_ready(part.agent), 15.0)
        bot = self._bots.get(part.row.engine)
        return Seen(
            call_id,
            self.livevox.ledger.lifecycle(call_id, without=("status", "audio", "service_features")),
            [entry.name for entry in self.livevox.ledger.dispositions(call_id)],
            [entry for entry in self._entries if entry.agent == part.agent],
            [record for record in bot.calls if record.header("X-Agent-Number") == part.agent] if bot else [],
            self._caller.calls.get(call_id),
        )

    async def _stop_plays(self) -> None:
        for play in self._plays.values():
            play.cancel()
        await asyncio.gather(*self._plays.values(), return_exceptions=True)

    # what tests look at

    def is_ready(self, agent: str) -> bool:
        """The bridge has the agent Ready."""
        view = self.service.agents.find(agent)
        return view is not None and view.state is AgentPhase.READY

    def calls_of(self, agent: str) -> list[str]:
        """The calls the bridge has of an agent."""
        return [live.facts.call for live in self.service.controller.calls if live.facts.agent_number == agent]

    @property
    def workers(self) -> int:
        """How many SIP workers run."""
        return self.service._dispatch.workers

    @property
    def idle_workers(self) -> int:
        """How many of them have every slot free."""
        return len(self.service._dispatch.idle_workers())

    async def until(self, met: Callable[[], bool], timeout_s: float) -> None:
        """Wait until a condition holds; asked after each change, and often. Raises TimeoutError."""
        async with asyncio.timeout(timeout_s):
            while not met():
                self._changed.clear()
                try:
                    async with asyncio.timeout(0.05):
                        await self._changed.wait()
                except TimeoutError:
                    continue


def is_bound(port: int) -> bool:
    """A UDP socket of this machine has the port."""
    return f":{port:04X} " in Path("/proc/net/udp").read_text()


def _bot(script: str) -> SipBot:
    """It does not echo: what SIPp echoes would go round for ever."""
    return SipBot(BotSettings(script=ScriptLine.parse(script), speak_s=0.3, after_s=0.1, afterwards=Voice.SILENCE))
