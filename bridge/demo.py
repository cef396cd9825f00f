"""The demo: a simulated LiveVox, a speech engine and the bridge on loopback, and three real calls between them."""

import argparse
import asyncio
import os
import sys
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from bridge import demo_text, logs
from bridge.agents.messages import AgentChanged, AgentPhase
from bridge.calls.timeline import Entry
from bridge.demo_text import Row
from bridge.service import Service
from bridge.settings import Settings, load
from bridge.settings.values import engine_endpoint
from bridge.simulator.bot import SipBot
from bridge.simulator.bot_script import BotSettings, ScriptLine
from bridge.simulator.caller import Caller, CallerSettings
from bridge.simulator.customer_call import CustomerCall
from bridge.simulator.livevox import LiveVoxSimulator
from bridge.simulator.world import World

DEFAULT_CONFIG = Path("config/demo.toml")
#: Until all agents are Ready, and for one call, in seconds.
READY_S = 15.0
CALL_S = 30.0
#: The simulator's own; it guards nothing.
PASSWORD = TOKEN = "simulated"


@dataclass(frozen=True)
class Scene:
    """One call of the demo: what the bot and the customer do, and what LiveVox must have seen."""

    title: str
    script: str
    customer_hangs_up_s: float | None
    lifecycle: tuple[str, ...]
    """What the simulator's ledger must hold of the call, in order, polling left out."""


#: Entries of the ledger that come as often as they come, or belong to the agents' own life.
NOT_OF_THE_CALL = ("status", "audio", "service_features")
#: What LiveVox sees of a call, in the words of the simulator's ledger; polling is left out.
TAKEN = ("placed", "RESERVED", "answered", "INCALL", "screenpop 200")
TRANSFERRED = (
    "phonebook_ext 200",
    "conference_phonebook 204",
    "TRANSFERRING",
    "transfer started",
    "transfer answered",
    "transfer conferenced",
    "conference_leave 204",
    "transfer left",
)


def disposed_of(term_code: str) -> tuple[str, ...]:
    """From the term code to the agent free again."""
    return ("set_term_code 204", f"disposition {term_code}", "READY", "closed")


#: The bot's calls come in this order; the list of term codes is asked for once, by the first.
SCENES = (
    Scene(
        "the bot finishes",
        "finish:completed",
        None,
        (*TAKEN, "bridge_hung_up", "WRAPUP", "term_codes 200", *disposed_of("Completed")),
    ),
    Scene(
        "the bot transfers",
        "transfer-refer:collections",
        None,
        (*TAKEN, *TRANSFERRED, "WRAPUP", "bridge_hung_up", *disposed_of("Transferred to Agent")),
    ),
    Scene(
        "the customer hangs up",
        "wait",
        3.0,
        (*TAKEN, "leg_ended", "customer_hung_up", "WRAPUP", *disposed_of("Customer Hung Up")),
    ),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument("--config", type=Path, default=DEFAULT_CONFIG, help="settings (default: %(default)s)")
    parser.add_argument("--verbose", action="store_true", help="show the bridge's own log as well, on stderr")


async def run(args: argparse.Namespace) -> int:
    """Place the calls and print what happens; 0 only if LiveVox saw exactly the right lifecycle for each."""
    logs.configure(level="info" if args.verbose else "error")
    demo = Demo(load(args.config, os.environ))
    async with AsyncExitStack() as stack:
        await demo.start(stack)
        return await demo.play()


class Demo:
    """All parts on this machine, and the calls between them."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._entries: list[Entry] = []
        self._changed = asyncio.Event()

    _bot: SipBot
    _caller: Caller
    _livevox: LiveVoxSimulator
    _service: Service

    async def start(self, stack: AsyncExitStack) -> None:
        """Start everything and wait until the agents are Ready."""
        host, port = engine_endpoint(next(iter(self._settings.engines.values())).uri)
        scripts = tuple(ScriptLine.parse(scene.script) for scene in SCENES)
        self._bot = SipBot(BotSettings(listen_host=host, listen_port=port, scripts=scripts))
        await stack.enter_async_context(self._bot)
        sip = self._settings.sip
        self._caller = Caller(CallerSettings(sip.public_address, sip.listen.port))
        await stack.enter_async_context(self._caller)
        url = urlsplit(self._settings.livevox.url)
        world = World.default(len(self._settings.agents), PASSWORD, token=TOKEN)
        self._livevox = LiveVoxSimulator(world, self._caller, host=url.hostname or "127.0.0.1", port=url.port or 80)
        await stack.enter_async_context(self._livevox)
        self._service = Service(self._settings, [self._note], self._agent_changed)
        await stack.enter_async_context(self._service.running())
        say("Everything runs on this machine and talks on 127.0.0.1 only:")
        say(f"  simulated LiveVox  {self._livevox.url}")
        say(f"  speech engine      sip:bot@{host}:{port}")
        say(f"  bridge             {sip.public_address}:{self._service.edge.public_port}/udp")
        await self._agents_ready()

    async def play(self) -> int:
        """Place the calls one after the other; the table; the exit code."""
        rows = [await self._act(number, scene) for number, scene in enumerate(SCENES)]
        say()
        say(demo_text.table(rows))
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
        at = {entry.what: entry.elapsed_ms for entry in reversed(entries)}
        last = {entry.what: entry.facts for entry in entries}
        heard = self._caller.calls[call_id].heard
        bot = self._bot.calls[number].heard if number < len(self._bot.calls) else None
        first_audio = None if heard.first_at is None else heard.first_at - self._caller.calls[call_id].began_at
        answered = at.get("answered")
        return Row(
            title=scene.title,
            agent=agent,
            answered_ms=answered,
            to_customer_ms=None if first_audio is None or answered is None else first_audio * 1000 - answered,
            packets=f"{heard.received} / {bot.received if bot else 0} / {heard.lost + (bot.lost if bot else 0)}",
            disposition=str(last.get("disposition", {}).get("term_code", "none")),
            agent_state=str(last.get("disposition", {}).get("agent_state", "unknown")),
            as_expected=seen == scene.lifecycle,
        )

    def _note(self, entry: Entry) -> None:
        self._entries.append(entry)
        self._changed.set()
        text = demo_text.line(entry)
        if text is not None:
            say(text)

    def _agent_changed(self, change: AgentChanged) -> None:
        self._changed.set()


def say(text: str = "") -> None:
    """A line for the person who watches."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
