"""The demo's speech engine: the simulated bot of a dialect, where the settings have that engine."""

import contextlib
from collections.abc import AsyncIterator
from typing import Any

from bridge.demo.scenes import SCENES
from bridge.settings import Settings
from bridge.settings.engines import SipEngine, engine_address, engine_kind, engine_url
from bridge.simulator.bot import SipBot
from bridge.simulator.bot_script import BotSettings, ScriptLine
from bridge.simulator.bots import BOTS
from bridge.simulator.speech import FRAME_BYTES, Voice
from bridge.simulator.stream_bot import BotScriptLine, StreamBotSettings
from bridge.simulator.url_bot import UrlBot

#: Engines that detect speech themselves: a customer who speaks all the time would interrupt each of their sentences.
LISTENERS = frozenset({"openai", "deepgram"})


class DemoBot:
    """One bot for all calls of the demo, whatever its dialect."""

    def __init__(self, settings: Settings, engine: str) -> None:
        section = settings.engines[engine]
        self.dialect = engine_kind(section)
        self.url = engine_url(section)
        """Where the bridge finds it."""
        self.customer_voice = Voice.SILENCE if self.dialect in LISTENERS else Voice.RECORDING
        """What the demo's customers say to it."""
        host, port = engine_address(section)
        self._sip: SipBot | None = None
        self._other: UrlBot[Any] | None = None
        if isinstance(section, SipEngine):
            lines = tuple(ScriptLine.parse(scene.sip_script) for scene in SCENES)
            self._sip = SipBot(BotSettings(listen_host=host, listen_port=port, scripts=lines))
            return
        self._other = BOTS[self.dialect].make(
            StreamBotSettings(
                listen_host=host,
                listen_port=port,
                scripts=tuple(BotScriptLine.parse(scene.script) for scene in SCENES),
                secret=settings.engine_secrets[engine].get_secret_value(),
                rest_url=settings.admin.public_url,
                token=settings.engine_token.get_secret_value(),
            )
        )

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Listen."""
        async with contextlib.AsyncExitStack() as stack:
            if self._sip is not None:
                await stack.enter_async_context(self._sip)
            if self._other is not None:
                await stack.enter_async_context(self._other)
            yield

    def frames(self, number: int) -> tuple[int, int]:
        """Of the customer's audio, 20 ms each, in the call with this number from 0: those that came, those lost."""
        if self._sip is not None and number < len(self._sip.calls):
            heard = self._sip.calls[number].heard
            return heard.received, heard.lost
        if self._other is not None and number < len(self._other.calls):
            return len(self._other.calls[number].heard) // FRAME_BYTES, 0
        return 0, 0

    def faults(self, number: int) -> list[str]:
        """What the bridge did in a call that the dialect does not allow."""
        if self._sip is not None:
            return self._sip.calls[number].faults if number < len(self._sip.calls) else []
        if self._other is not None:
            return self._other.calls[number].faults if number < len(self._other.calls) else []
        return []
