"""LiveVox, a simulated engine of each kind, and the bridge as a process: an agent for each kind and each ending."""

import os
import random
import socket
import time
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from bridge.journal.records import CallAdmitted, CallClosed
from bridge.journal.store import JournalStore
from bridge.simulator.bot import SipBot
from bridge.simulator.bot_script import BotSettings
from bridge.simulator.bots import BOTS
from bridge.simulator.caller import Caller, CallerSettings
from bridge.simulator.livevox import LiveVoxSimulator
from bridge.simulator.speech import Voice
from bridge.simulator.states import AgentState
from bridge.simulator.stream_bot import StreamBotSettings
from bridge.simulator.url_bot import UrlBot
from bridge.simulator.world import World
from bridge.wrapup.plan import CallIds
from tests.free_ports import free_port
from tests.integration.bridge_process import BridgeProcess
from tests.integration.bridge_world import PASSWORD, TEMPLATE, TOKEN

#: Calls of two days ago that the journal has at the start and is to forget.
OLD_CALLS = 500
#: How calls end: what the bot does with them, in the words of the SIP bot and of all others; None: not in their words.
ENDINGS: Mapping[str, tuple[str, str]] = {
    "finished": ("finish", "finish"),
    "said-by-rest": ("finish-info", "finish-rest"),
    "transferred": ("transfer-refer", "transfer"),
    "customer-left": ("wait", "wait"),
    "bot-left": ("bye", "bye"),
    "engine-lost": ("drop", "drop"),
    "refused": ("busy", "refuse"),
}
_LIVEVOX = 'on_failure = "collections"\ntransfer_timeout_s = 10.0\nreconcile_s = 20.0'
_ENGINE = """
[engines.{name}]
kind = "{kind}"
{address}
connect_timeout_s = 3.0
circuit_failures = 1000
"""
_AGENT = """
[[agents]]
number = "899{index:07d}"
user_name = "VA{index:04d}"
engines = ["{name}"]
"""


@dataclass(frozen=True)
class Seat:
    """An agent, and how its calls end."""

    number: str
    login: str
    kind: str
    ending: str


class SoakWorld:
    """`async with SoakWorld(folder) as world`: the bridge runs."""

    def __init__(self, folder: Path) -> None:
        self.bridge = BridgeProcess(folder)
        kinds = ("sip", *BOTS)
        pairs = [(kind, ending) for kind in kinds for ending in ENDINGS]
        self.seats = [
            Seat(f"899{index:07d}", f"VA{index:04d}", kind, ending) for index, (kind, ending) in enumerate(pairs, 1)
        ]
        self._folder = folder
        self._stack = AsyncExitStack()
        self._admin_port = free_port(socket.SOCK_STREAM)
        self._sip_bot = SipBot(BotSettings(speak_s=0.4, after_s=0.1))
        rest_url = f"http://127.0.0.1:{self._admin_port}"
        settings = StreamBotSettings(speak_s=0.4, after_s=0.1, rest_url=rest_url, secret="simulated")
        self._bots: dict[str, UrlBot[Any]] = {kind: bot.make(settings) for kind, bot in BOTS.items()}

    livevox: LiveVoxSimulator

    async def __aenter__(self) -> Self:
        enter = self._stack.enter_async_context
        await enter(self._sip_bot)
        for bot in self._bots.values():
            await enter(bot)
        sip_port = free_port()
        caller = await enter(Caller(CallerSettings("127.0.0.1", sip_port, voice=Voice.SILENCE)))
        self.livevox = await enter(LiveVoxSimulator(World.default(len(self.seats), PASSWORD, token=TOKEN), caller))
        self.bridge.config.write_text(self._settings(sip_port))
        self._remember_old_calls()
        os.environ |= {"PYTHONPATH": str(Path(__file__).parent / "probe"), "SOAK_FOLDER": str(self._folder)}
        self._stack.push_async_callback(self.bridge.close)
        await self.bridge.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    def _settings(self, sip_port: int) -> str:
        first = random.randrange(10_000, 30_000, 2)
        text = TEMPLATE.format(
            sip_port=sip_port,
            first_port=first,
            last_port=first + 999,
            url=self.livevox.url,
            bot_port=self._sip_bot.port,
            connect_timeout_s=3.0,
            admin_port=self._admin_port,
            dead_air_s=2,
            sip="max_calls = 12\ntransaction_timeout_s = 2.0",
            media="rtp_timeout_s = 1.5\nport_rest_s = 1.0",
            livevox=_LIVEVOX,
            engines='"bot"',
            more='[journal]\npath = "journal.db"\nkeep_days = 1',
        ).replace("spare_calls = 2", "spare_calls = 12")
        for index, seat in enumerate(self.seats, 1):
            name = f"{seat.kind}-{seat.ending}"
            text += _ENGINE.format(name=name, kind=seat.kind, address=self._address(seat))
            text += _AGENT.format(index=index, name=name)
        return text

    def _address(self, seat: Seat) -> str:
        sip, other = ENDINGS[seat.ending]
        if seat.kind == "sip":
            return f'uri = "sip:{sip}@127.0.0.1:{self._sip_bot.port}"'
        url = self._bots[seat.kind].url
        return f'url = "{url}{"&" if "?" in url else "?"}script={other}"'

    def _remember_old_calls(self) -> None:
        store = JournalStore(self.bridge.journal)
        long_ago = time.time() - 2 * 86_400
        for number in range(OLD_CALLS):
            call = f"old{number:017d}"
            admitted = CallAdmitted(call, long_ago, self.seats[0].number, "2130000000", CallIds(None, None, None))
            store.write([admitted, CallClosed(call, long_ago, {})])
        store.close()

    def is_free(self, seat: Seat) -> bool:
        """The agent is Ready and has no call."""
        agent = self.livevox.platform.agent(seat.login)
        return agent.state is AgentState.READY and agent.call is None

    def forget_audio(self) -> None:
        """What bots keep of calls for tests is nothing a soak wants."""
        for bot in self._bots.values():
            for record in bot.calls:
                record.heard.clear()
                record.spoken.clear()

    def journal_levels(self) -> dict[str, float]:
        """Its size, and what is in it."""
        ((calls, open_calls, old),) = self.bridge.asked(
            "SELECT count(*), sum(closed_at IS NULL), sum(admitted_at < ?) FROM calls", time.time() - 86_400
        )
        log = self.bridge.journal.with_name("journal.db-wal")
        return {
            "journal bytes": self.bridge.journal.stat().st_size,
            "journal log bytes": log.stat().st_size if log.exists() else 0,
            "journal calls": calls,
            "journal open calls": open_calls or 0,
            "journal calls of before yesterday": old or 0,
        }
