"""How a simulated bot that is reached by URL plays a call's script: what does not depend on its dialect."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from bridge.simulator.stream_bot import BotScript, BotScriptLine, StreamBotSettings

Act = Callable[[BotScriptLine], Coroutine[Any, Any, None]]

#: How long the bot that is to be interrupted goes on, in seconds.
LONG_SPEECH_S = 30.0


class ScriptPlayer:
    """The scripts of one call. A dialect derives from it and writes what its bot does; it may add scripts."""

    def __init__(self, settings: StreamBotSettings, keys: asyncio.Queue[str]) -> None:
        """`keys` are those the customer presses."""
        self._settings = settings
        self._keys = keys
        self._acts: dict[BotScript, Act] = {
            BotScript.FINISH: self._finish,
            BotScript.SLOW: self._finish,
            BotScript.TRANSFER: self._transfer,
            BotScript.BYE: self._bye,
        }
        """What scripts do after they have spoken; the others wait."""
        self._instead: dict[BotScript, Act] = {
            BotScript.BARGE_IN: self._speak_until_interrupted,
            BotScript.DROP: self._drop,
            BotScript.SILENT: self._say_nothing,
            BotScript.ECHO: self._say_nothing,
        }
        """What other scripts do instead of all that."""

    async def _play_all(self, line: BotScriptLine) -> None:
        """Play a script, then those that the customer's keys start; goes on until it is cancelled."""
        await self._play(line)
        while True:
            next_line = self._settings.digits.get(await self._keys.get())
            if next_line is not None:
                await self._play(next_line)

    async def _play(self, line: BotScriptLine) -> None:
        instead = self._instead.get(line.script)
        if instead is not None:
            await instead(line)
            return
        await self._begin(line)
        await self._speak(self._settings.speak_s)
        act = self._acts.get(line.script)
        if act is not None:
            await self._pause()
            await act(line)

    async def _begin(self, line: BotScriptLine) -> None:
        """What comes before the speech."""

    async def _pause(self) -> None:
        """From the end of the speech to the script's act."""
        await asyncio.sleep(self._settings.after_s)

    async def _speak(self, seconds: float) -> None:
        """Say so much of the prompt."""
        raise NotImplementedError

    async def _finish(self, line: BotScriptLine, outcome: str = "") -> None:
        raise NotImplementedError

    async def _transfer(self, line: BotScriptLine) -> None:
        raise NotImplementedError

    async def _bye(self, line: BotScriptLine) -> None:
        raise NotImplementedError

    async def _speak_until_interrupted(self, line: BotScriptLine) -> None:
        raise NotImplementedError

    async def _drop(self, line: BotScriptLine) -> None:
        raise NotImplementedError

    async def _say_nothing(self, _line: BotScriptLine) -> None:
        return

    async def _transfer_failed(self, line: BotScriptLine) -> None:
        """The transfer of this script has failed."""
        await self._speak(1.0)
        await self._finish(line, "transfer_failed")
