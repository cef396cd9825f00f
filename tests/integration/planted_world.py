"""A bridge as a process whose every secret is planted, with an engine of each kind, some that fail, and all it says."""

import asyncio
import base64
import os
import random
import socket
import sys
from contextlib import AsyncExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from aiohttp import ClientSession

from bridge.simulator.bot import SipBot
from bridge.simulator.bot_script import BotSettings, Script, ScriptLine
from bridge.simulator.caller import Caller, CallerSettings
from bridge.simulator.deepgram_bot import DeepgramBot
from bridge.simulator.livevox import LiveVoxSimulator
from bridge.simulator.openai_server import OpenAIServer
from bridge.simulator.rtp_bot import RtpBot
from bridge.simulator.speech import Voice
from bridge.simulator.stream_bot import StreamBotSettings
from bridge.simulator.twilio_bot import TwilioBot
from bridge.simulator.url_bot import UrlBot
from bridge.simulator.world import World
from tests.free_ports import free_port
from tests.integration.bridge_process import ROOT, BridgeProcess
from tests.integration.bridge_world import TEMPLATE

#: What the bridge is told in its environment.
PLANTED = {
    "LIVEVOX_TOKEN": "planted-livevox-token-7Qx",
    "LIVEVOX_PASSWORD": "planted-livevox-password-8Wy",
    "WRONG_PASSWORD": "planted-wrong-password-9Ez",
    "BRIDGE_ENGINE_TOKEN": "planted-engine-token-1Rk",
    "BRIDGE_ADMIN_TOKEN": "planted-admin-token-2Tm",
    "BRIDGE_VIEW_TOKEN": "planted-view-token-2Vm",
    "TWILIO_AUTH_TOKEN": "planted-twilio-token-3Yn",
    "OPENAI_API_KEY": "planted-openai-key-4Up",
    "DEEPGRAM_API_KEY": "planted-deepgram-key-5Iq",
    "RTP_ENGINE_SECRET": "planted-rtp-secret-6Or",
    "TOOL_SECRET": "planted-tool-secret-7As",
}
#: What an operator has written into the headers of an engine.
HEADER = "planted-header-8Sd"
#: What strangers show at the HTTP API.
GUESSED = "planted-guess-9Df"
ACCOUNT = "AC" + "7" * 32

_VARIABLES = {
    "twilio": "TWILIO_AUTH_TOKEN",
    "openai": "OPENAI_API_KEY",
    "deepgram": "DEEPGRAM_API_KEY",
    "rtp": "RTP_ENGINE_SECRET",
}

#: The engine of each agent, in their order. Nobody listens where the last two are.
KINDS = ("bot", "twilio", "openai", "deepgram", "rtp", "dead-stream", "dead-http")

_ENGINES = """
[engines.twilio]
kind = "twilio"
url = "{twilio}"
connect_timeout_s = 10
account_sid = "{account}"
headers = {{ X-Key = "{header}" }}
[engines.openai]
kind = "openai"
url = "{openai}"
connect_timeout_s = 10
instructions = "Be brief."
[[engines.openai.tools]]
name = "find_order"
url = "http://127.0.0.1:{dead}/orders"
secret_env = "TOOL_SECRET"
headers = {{ X-Key = "{header}" }}
[engines.deepgram]
kind = "deepgram"
url = "{deepgram}"
connect_timeout_s = 10
headers = {{ X-Key = "{header}" }}
[engines.rtp]
kind = "rtp"
url = "{rtp}"
connect_timeout_s = 10
headers = {{ X-Key = "{header}" }}
[engines.dead-stream]
kind = "openai"
url = "ws://127.0.0.1:{dead}/?model=x"
instructions = "Be brief."
headers = {{ X-Key = "{header}" }}
[engines.dead-http]
kind = "rtp"
url = "http://127.0.0.1:{dead}/calls"
headers = {{ X-Key = "{header}" }}
[log]
level = "debug"
format = "json"
"""


class PlantedWorld:
    """`async with PlantedWorld(folder) as world: await world.start(); …; await world.end(); world.said`.

    The environment must have PLANTED. Agent 8 has a wrong password.
    """

    def __init__(self, folder: Path) -> None:
        self.bridge = BridgeProcess(folder)
        self.said: dict[str, bytes] = {}
        """All that came out of the bridge for people and for clients of its API, by where."""
        self.sessions: set[str] = set()
        """LiveVox's session ids, all there were."""
        self._admin = free_port(socket.SOCK_STREAM)
        self._sip = free_port()
        token = PLANTED["BRIDGE_ENGINE_TOKEN"]
        stream = {
            name: StreamBotSettings(speak_s=0.3, after_s=0.1, secret=PLANTED[variable], token=token)
            for name, variable in _VARIABLES.items()
        }
        self._bot = SipBot(BotSettings(script=ScriptLine(Script.FINISH), speak_s=0.3, after_s=0.1))
        self.bots: dict[str, UrlBot[Any]] = {
            "twilio": TwilioBot(stream["twilio"]),
            "openai": OpenAIServer(stream["openai"]),
            "deepgram": DeepgramBot(stream["deepgram"]),
            "rtp": RtpBot(stream["rtp"]),
        }
        self._caller = Caller(CallerSettings("127.0.0.1", self._sip, voice=Voice.SILENCE))
        self._stack = AsyncExitStack()

    livevox: LiveVoxSimulator

    async def __aenter__(self) -> Self:
        enter = self._stack.enter_async_context
        await enter(self._bot)
        for bot in self.bots.values():
            await enter(bot)
        await enter(self._caller)
        world = World.default(8, PLANTED["LIVEVOX_PASSWORD"], token=PLANTED["LIVEVOX_TOKEN"])
        self.livevox = await enter(LiveVoxSimulator(world, self._caller))
        self.bridge.config.write_text(self._settings())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.bridge.close()
        await self._stack.aclose()

    def _settings(self) -> str:
        first = random.randrange(10_000, 30_000, 2)
        urls = {name: bot.url for name, bot in self.bots.items()}
        more = _ENGINES.format(**urls, dead=free_port(socket.SOCK_STREAM), header=HEADER, account=ACCOUNT)
        text = TEMPLATE.format(
            sip_port=self._sip,
            first_port=first,
            last_port=first + 999,
            url=self.livevox.url,
            bot_port=self._bot.port,
            connect_timeout_s=10.0,
            admin_port=self._admin,
            dead_air_s=0,
            sip="",
            media="",
            livevox="reconcile_s = 1.0",
            engines='"bot"',
            more=more,
        )
        for number, name in enumerate((*KINDS, "bot"), 1):
            text += f'\n[[agents]]\nnumber = "899{number:07d}"\nuser_name = "VA{number:04d}"\nengines = ["{name}"]\n'
        return text + 'password_env = "WRONG_PASSWORD"\n'

    async def start(self) -> None:
        """The bridge, until all agents but the last are Ready."""
        await self.bridge.start()
        ready = [f"VA{number:04d}" for number in range(1, len(KINDS) + 1)]
        await self.livevox.until(
            lambda: all(self.livevox.platform.agent(name).state.name == "READY" for name in ready), 60.0
        )

    async def end(self) -> None:
        """Stop the bridge; what it wrote is in `said`."""
        self.note_sessions()
        assert await self.bridge.terminate() == 0
        self.said["log"] = self.bridge.log.encode()
        for path in self.bridge.journal.parent.glob("journal.db*"):
            self.said[path.name] = path.read_bytes()

    def note_sessions(self) -> None:
        """Those LiveVox knows now."""
        self.sessions |= set(self.livevox.platform.sessions.ids)

    async def ask(self, method: str, path: str, *, token: str = "", basic: tuple[str, str] | None = None) -> int:
        """A request to the HTTP API; the status."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        if basic:
            headers = {"Authorization": "Basic " + base64.b64encode(":".join(basic).encode()).decode()}
        async with (
            ClientSession(f"http://127.0.0.1:{self._admin}") as client,
            client.request(method, path, headers=headers, allow_redirects=False) as answer,
        ):
            text = f"{answer.status} {answer.headers}".encode() + await answer.read()
            self.said[f"{method} {path} {len(self.said)}"] = text
            return answer.status

    async def command(self, *arguments: str, config: Path | None = None) -> int:
        """Another command, with the same settings unless others are named; the exit code."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bridge", *arguments, "--config", os.fspath(config or self.bridge.config)),
            cwd=ROOT,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        out, _ = await asyncio.wait_for(process.communicate(), 120.0)
        self.said[f"{' '.join(arguments)} {len(self.said)}"] = out
        assert process.returncode is not None
        return process.returncode


def all_secrets() -> dict[str, bytes]:
    """Everything that must not be said, by what it is; also as it stands in the header of basic auth."""
    plain = {**PLANTED, "header": HEADER, "guess": GUESSED}
    basic = base64.b64encode(f"{ACCOUNT}:{PLANTED['TWILIO_AUTH_TOKEN']}".encode())
    return {**{name: value.encode() for name, value in plain.items()}, "basic": basic}
