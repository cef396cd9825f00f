"""A SIP engine that plays the script the plan has for each customer, and that can be restarted."""

import asyncio
from collections.abc import Callable

from bridge.simulator.bot import SipBot
from bridge.simulator.bot_script import BotSettings, ScriptLine
from bridge.simulator.exchanges import Incoming
from tests.free_ports import free_port

#: How long an engine waits for a caller that has died: its own RTP time-out.
FORGET_S = 2.0


class PlannedBot(SipBot):
    """The script is chosen by who calls."""

    def __init__(
        self, settings: BotSettings, script_of: Callable[[str], ScriptLine], on_loss: Callable[[str], None]
    ) -> None:
        """`script_of` is asked with the customer's number; `on_loss` hears the bridge's name of a call it goes from."""
        super().__init__(settings)
        self._script_of = script_of
        self._on_loss = on_loss

    def invited(self, incoming: Incoming) -> None:
        """A call for the bot."""
        line = self._script_of(incoming.request.first("X-Caller") or "")
        self._tasks.start(self._serve_and_tell(incoming, line), f"bot-{incoming.request.call_id}")

    async def _serve_and_tell(self, incoming: Incoming, line: ScriptLine) -> None:
        await self._serve(incoming, line)
        for record in self.calls:
            if record.sip_call_id == incoming.request.call_id and record.dropped:
                self._on_loss(record.header("X-Call-ID") or "")

    async def die(self) -> None:
        """Close everything; each call that is up is lost."""
        for call in tuple(self._live.values()):
            if call.record.answered_ms is not None and not call.record.dropped:
                self._on_loss(call.record.header("X-Call-ID") or "")
        await self.close()

    async def forget_calls(self) -> None:
        """The calls that are up now had a caller that is dead: a while later the bot lets go of them."""
        calls = tuple(self._live.values())
        await asyncio.sleep(FORGET_S)
        for call in calls:
            call.close()


class Engine:
    """One bot at one address. `async with Engine(script_of) as engine: engine.port`."""

    def __init__(
        self, script_of: Callable[[str], ScriptLine], on_loss: Callable[[str], None], *, speak_s: float, after_s: float
    ) -> None:
        self._script_of, self._on_loss = script_of, on_loss
        self._speak_s, self._after_s = speak_s, after_s
        #: Not one that the system may give to others while the engine is away.
        self.port = free_port()
        self.bot = self._new()

    async def __aenter__(self) -> "Engine":
        await self.bot.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.bot.close()

    async def restart(self, away_s: float) -> None:
        """It dies with all its calls, says nothing of it, and is back after so long."""
        await self.bot.die()
        await asyncio.sleep(away_s)
        self.bot = self._new()
        await self.bot.open()

    def _new(self) -> PlannedBot:
        settings = BotSettings(listen_port=self.port, speak_s=self._speak_s, after_s=self._after_s)
        return PlannedBot(settings, self._script_of, self._on_loss)
