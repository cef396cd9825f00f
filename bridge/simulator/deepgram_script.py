"""What a simulated Deepgram agent does with a call, step by step: the scripts of StreamBotSettings."""

import asyncio

from bridge.simulator.deepgram_call import DeepgramCall
from bridge.simulator.script_player import LONG_SPEECH_S
from bridge.simulator.stream_bot import BotScript, BotScriptLine
from bridge.simulator.stream_script import StreamScript

#: What no agent should send; the bridge must not mind.
_NONSENSE: tuple[str | bytes, ...] = (
    "{",
    "[1, 2]",
    '{"type": 7}',
    '{"type": "SomethingNew", "value": 0.5}',
    '{"type": "ConversationText", "role": "user"}',
    '{"type": "FunctionCallRequest", "functions": "all"}',
    b"",
)


class DeepgramScript(StreamScript[DeepgramCall]):
    """The script of one call; `play` goes on until it is cancelled."""

    piece_ms = 100
    nonsense = _NONSENSE

    async def play(self) -> None:
        """The agent's part, from the greeting of the protocol on."""
        await self._call.send("Welcome", request_id="00000000-0000-4000-8000-000000000000")
        self._call.stream.welcomed = True
        await self._call.configured.wait()
        if self._call.record.script.script is BotScript.WRONG_FORMAT:
            # Settings are not echoed: what Deepgram cannot do it refuses.
            await self._call.send("Error", code="INVALID_SETTINGS", description="mulaw is not spoken here")
            return
        self._call.stream.applied = True
        await self._call.send("SettingsApplied")
        await self._play_all(self._call.record.script)

    async def _pause(self) -> None:
        # An agent is not told what was heard: it goes by the length of its speech.
        if not self._settings.hasty:
            await asyncio.sleep(self._settings.speak_s + self._settings.after_s)

    async def _speak(self, seconds: float) -> None:
        """Say so much of the prompt, faster than it is heard."""
        if seconds <= 0:
            return
        await self._call.send("ConversationText", role="assistant", content="The recorded prompt.")
        await self._call.send("AgentStartedSpeaking", total_latency=0.9, tts_latency=0.3, ttt_latency=0.6)
        await self._say(seconds, self.piece_ms)
        await self._call.send("AgentAudioDone")

    async def _finish(self, line: BotScriptLine, outcome: str = "") -> None:
        verdict = self._settings.verdict(line, outcome)
        await self._call.use("end_call", **verdict | {"outcome": self._call.stream.outcome(verdict["outcome"])})

    async def _transfer(self, line: BotScriptLine) -> None:
        id = await self._call.use("transfer_call", target=line.argument or self._settings.target)
        while (await self._call.answers.get())["id"] != id:
            continue
        await self._transfer_failed(line)

    async def _speak_until_interrupted(self, _line: BotScriptLine) -> None:
        await self._speak(LONG_SPEECH_S)  # the call says when the customer speaks, whatever goes on
