"""The demo: a simulated LiveVox, a speech engine and the bridge on loopback, and three real calls between them."""

import argparse
import asyncio
import dataclasses
import os
import sys
from collections.abc import Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

from bridge import logs
from bridge.agents.messages import AgentChanged, AgentPhase
from bridge.calls.timeline import Entry
from bridge.demo.bot import DemoBot
from bridge.demo.scenes import NOT_OF_THE_CALL, SCENES, Scene
from bridge.demo.text import Row, Write, line, table
from bridge.demo.words import WORDS, lines_of
from bridge.errors import CommandUnusable
from bridge.service import Service
from bridge.settings import Settings, load
from bridge.settings.engines import engine_kind
from bridge.simulator.caller import Caller, CallerSettings
from bridge.simulator.customer_call import CustomerCall
from bridge.simulator.livevox import LiveVoxSimulator
from bridge.simulator.world import World

DEFAULT_CONFIG = Path("config/demo.toml")
DEFAULT_DIALECT = "sip"
#: Until all agents are Ready, and for one call, in seconds.
READY_S = 15.0
CALL_S = 30.0
#: The simulator's own; it guards nothing.
PASSWORD = TOKEN = "simulated"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument(
        "--dialect", choices=WORDS, default=DEFAULT_DIALECT, help="the kind of speech engine (%(default)s)"
    )
    parser.add_argument("--config", type=Path, default=DEFAULT_CONFIG, help="settings (default: %(default)s)")
    parser.add_argument("--verbose", action="store_true", help="show the bridge's own log as well, on stderr")


async def run(args: argparse.Namespace) -> int:
    """Place the calls and print what happens; 0 only if LiveVox saw exactly the right lifecycle for each."""
    logs.configure(level="info" if args.verbose else "error")
    demo = Demo(*with_dialect(load(args.config, os.environ), args.dialect))
    async with AsyncExitStack() as stack:
        await demo.start(stack)
        return await demo.play()


def with_dialect(settings: Settings, dialect: str) -> tuple[Settings, str]:
    """The settings with the first engine of this kind for every agent, and its name; raises CommandUnusable."""
    name = next((name for name, engine in settings.engines.items() if engine_kind(engine) == dialect), None)
    if name is None:
        raise CommandUnusable(f"{settings.path} has no engine of kind {dialect}; add one, or use {DEFAULT_CONFIG}")
    agents = tuple(dataclasses.replace(agent, engines=(name,)) for agent in settings.agents)
    return dataclasses.replace(settings, agents=agents), name


class Demo:
    """All parts on this machine, and the calls between them."""

    def __init__(self, settings: Settings, engine: str) -> None:
        """`engine`: the name of the one that all agents have."""
        self._settings = settings
        self._bot = DemoBot(settings, engine)
        self._lines: Mapping[str, Write] = lines_of(self._bot.dialect)
        self._entries: list[Entry] = []
        self._changed = asyncio.Event()

    _caller: Caller
    _livevox: LiveVoxSimulator
    _service: Service

    async def start(self, stack: AsyncExitStack) -> None:
        """Start everything and wait until the agents are Ready."""
        await stack.enter_async_context(self._bot.running())
        sip = self._settings.sip
        self._caller = Caller(CallerSettings(sip.public_address, sip.listen.port, voice=self._bot.customer_voice))
        await stack.enter_async_context(self._caller)
        url = urlsplit(self._settings.livevox.url)
        world = World.default(len(self._settings.agents), PASSWORD, token=TOKEN)
        self._livevox = LiveVoxSimulator(world, self._caller, host=url.hostname or "127.0.0.1", port=url.port or 80)
        await stack.enter_async_context(self._livevox)
        # Nothing of the demo stays on this machine.
        path = Path(stack.enter_context(TemporaryDirectory()), "journal.db")
        journal = self._settings.journal.model_copy(update={"path": str(path)})
        settings = dataclasses.replace(self._settings, journal=journal)
        self._service = Service(settings, [self._note], self._agent_changed)
        await stack.enter_async_context(self._service.running())
        say("Everything runs on this machine and talks on 127.0.0.1 only:")
        say(f"  simulated LiveVox  {self._livevox.url}")
        say(f"  speech engine      {self._bot.url} ({self._bot.dialect})")
        say(f"  bridge             {sip.public_address}:{self._service.edge.public_port}/udp")
        await self._agents_ready()

    async def play(self) -> int:
        """Place the calls one after the other; the table; the exit code."""
        rows = [await self._act(number, scene) for number, scene in enumerate(SCENES)]
        say()
        say(table(rows))
        good = sum(row.as_expected for row in rows)
        say()
        say(f"{good} of {len(rows)} calls went as they must, from the INVITE to the agent Ready again.")
        return 0 if good == len(rows) else 1

    async def _agents_ready(self) -> None:
        started = asyncio.get_running_loop().time()
        agents = self._service.agents

        async with asyncio.timeout(READY_S):
            while any(agent.state is not AgentPhase.READY for agent in agents.snapshot()):
                self._changed.clear()
                await self._changed.wait()
        took = asyncio.get_running_loop().time() - started
        names = ", ".join(agent.user_name for agent in agents.snapshot())
        say(f"  virtual agents     {names}: logged in, joined, Ready after {took:.1f} s")

    async def _act(self, number: int, scene: Scene) -> Row:
        agent = self._settings.agents[number % len(self._settings.agents)]
        say()
        say(f"Call {number + 1}: {scene.title}; a customer for {agent.user_name}, +1{agent.number}")
        first = len(self._entries)
        order = CustomerCall(agent=agent.number, hang_up_after_s=scene.customer_hangs_up_s)
        call_id = self._livevox.place_call(order)
        try:
            await self._livevox.closed(call_id, CALL_S)
            await self._closed(first)
        except TimeoutError:
            say(f"  the call was not over after {CALL_S:g} s")
        return self._row(scene, call_id, number, agent.user_name, self._entries[first:])

    async def _closed(self, first: int) -> None:
        async with asyncio.timeout(CALL_S):
            while not any(entry.what == "closed" for entry in self._entries[first:]):
                self._changed.clear()
                await self._changed.wait()

    def _row(self, scene: Scene, call_id: str, number: int, agent: str, entries: list[Entry]) -> Row:
        seen = tuple(self._livevox.ledger.lifecycle(call_id, without=NOT_OF_THE_CALL))
        if seen != scene.lifecycle:
            say("  LiveVox saw     " + ", ".join(seen))
            say("  and should have " + ", ".join(scene.lifecycle))
        faults = self._bot.faults(number)
        for fault in faults:
            say(f"  the engine noted a fault of the bridge: {fault}")
        at = {entry.what: entry.elapsed_ms for entry in reversed(entries)}
        last = {entry.what: entry.facts for entry in entries}
        heard = self._caller.calls[call_id].heard
        received, lost = self._bot.frames(number)
        first_audio = None if heard.first_at is None else heard.first_at - self._caller.calls[call_id].began_at
        answered = at.get("answered")
        return Row(
            title=scene.title,
            agent=agent,
            answered_ms=answered,
            to_customer_ms=None if first_audio is None or answered is None else first_audio * 1000 - answered,
            frames=f"{heard.received} / {received} / {heard.lost + lost}",
            disposition=str(last.get("disposition", {}).get("term_code", "none")),
            agent_state=str(last.get("disposition", {}).get("agent_state", "unknown")),
            as_expected=seen == scene.lifecycle and not faults,
        )

    def _note(self, entry: Entry) -> None:
        self._entries.append(entry)
        self._changed.set()
        text = line(entry, self._lines)
        if text is not None:
            say(text)

    def _agent_changed(self, change: AgentChanged) -> None:
        self._changed.set()


def say(text: str = "") -> None:
    """A line for the person who watches."""
    try:
        sys.stdout.write(text + "\n")
        sys.stdout.flush()
    except BrokenPipeError:  # nobody watches any more: the exit code still tells
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
