"""How a simulated bot on a WebSocket plays a call's script: its speech is sent at once, in pieces."""

import asyncio
from typing import Generic, TypeVar

from bridge.simulator.script_player import ScriptPlayer
from bridge.simulator.stream_bot import BotScript, BotScriptLine, StreamBotSettings, pieces, prompt
from bridge.simulator.stream_call import TalkingCall

#: A flood comes in pieces of so much audio.
_FLOOD_PIECE_MS = 1000

TalkingT = TypeVar("TalkingT", bound=TalkingCall)


class StreamScript(ScriptPlayer, Generic[TalkingT]):
    """The scripts of one WebSocket call. A dialect derives from it, and writes `play`: it is cancelled in the end."""

    piece_ms: int
    """Speech is sent in pieces of so much audio, as speech synthesis yields them."""
    nonsense: tuple[str | bytes, ...]
    """What no bot should send; the bridge must not mind."""

    def __init__(self, settings: StreamBotSettings, call: TalkingT) -> None:
        super().__init__(settings, call.keys)
        self._call = call
        self._acts[BotScript.NONSENSE] = self._finish
        self._instead[BotScript.FLOOD] = self._flood

    async def play(self) -> None:
        """The script of this call."""
        raise NotImplementedError

    async def _begin(self, line: BotScriptLine) -> None:
        if line.script is BotScript.NONSENSE:
            for message in self.nonsense:
                await self._call.write(message)

    async def _pause(self) -> None:
        if not self._settings.hasty:
            await super()._pause()

    async def _say(self, seconds: float, piece_ms: int) -> None:
        """So much of the prompt, faster than it is heard."""
        for piece in pieces(prompt(seconds), piece_ms):
            await self._call.say(piece)

    async def _bye(self, _line: BotScriptLine) -> None:
        await self._call.close()

    async def _drop(self, _line: BotScriptLine) -> None:
        await self._say(self._settings.speak_s, self.piece_ms)
        await asyncio.sleep(self._settings.speak_s / 2)
        self._call.vanish()

    async def _flood(self, line: BotScriptLine) -> None:
        await self._say(line.seconds, _FLOOD_PIECE_MS)
