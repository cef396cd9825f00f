"""One call at an RTP bot: its RTP, what the bridge says of it, and the script it plays."""

import asyncio
from collections.abc import Mapping
from typing import Any

import aiohttp
import structlog

from bridge.simulator.rtp_requests import RtpRequests
from bridge.simulator.rtp_talker import RtpTalker
from bridge.simulator.script_player import LONG_SPEECH_S, ScriptPlayer
from bridge.simulator.speech import CUSTOMER, PROMPT, SpeechRun, Voice
from bridge.simulator.stream_bot import BotScript, BotScriptLine, StreamBotRecord, StreamBotSettings, prompt

log = structlog.get_logger()


class RtpBotCall(ScriptPlayer):
    """A call that the bot has taken; `play` is its script, which goes on until it is cancelled."""

    def __init__(
        self, settings: StreamBotSettings, record: StreamBotRecord, requests: RtpRequests, talker: RtpTalker
    ) -> None:
        super().__init__(settings, asyncio.Queue())
        self._acts |= {
            BotScript.FINISH_REST: self._finish,
            BotScript.TRANSFER_REST: self._transfer,
            BotScript.DTMF: self._press,
        }
        self._instead[BotScript.ECHO] = self._echo
        self.record = record
        self.talker = talker
        self.over = asyncio.Event()
        """The bridge has said so."""
        self._requests = requests
        self._loop = asyncio.get_running_loop()
        self._answered = asyncio.Event()
        self._not_transferred = asyncio.Event()
        self._voice = asyncio.Event()
        self._speech = SpeechRun()
        talker.on_digit = self._key
        talker.on_frame = self._hear
        if record.script.script is BotScript.SILENT:
            talker.voice = Voice.MUTE
        talker.agree(requests.bridge, requests.codec, requests.telephone_event, receives=True)

    @classmethod
    async def open(cls, settings: StreamBotSettings, record: StreamBotRecord, requests: RtpRequests) -> "RtpBotCall":
        """Take the call: silence is sent from now on."""
        talker = await RtpTalker.open(settings.listen_host, PROMPT, (PROMPT, CUSTOMER))
        return cls(settings, record, requests, talker)

    @property
    def answer(self) -> Mapping[str, Any]:
        """What the bridge is answered."""
        host, port = self.talker.address
        return {"rtp": {"address": host, "port": port, "telephone_event": self._requests.telephone_event}}

    def told(self, said: Mapping[str, Any]) -> None:
        """The bridge says something of this call."""
        match self._requests.take(said, self._loop.time()):
            case "answered":
                self._answered.set()
            case "transfer_failed":
                self._not_transferred.set()
            case "ended":
                self.record.ended_by_bridge = True
                self.over.set()

    def close(self) -> None:
        """Let go of the socket."""
        self.talker.close()
        if self.record.ended_ms is None:
            self.record.ended_ms = self.record.ms(self._loop.time())
        self.over.set()

    async def play(self) -> None:
        """The script."""
        await self._answered.wait()
        await self._play_all(self.record.script)

    # private

    async def _speak(self, seconds: float) -> None:
        if seconds > 0:
            self.record.speak(prompt(seconds), self._loop.time())
            await self.talker.speak(seconds, then=Voice.SILENCE)

    async def _finish(self, line: BotScriptLine, outcome: str = "") -> None:
        await self._post("complete", self._settings.verdict(line, outcome))

    async def _transfer(self, line: BotScriptLine) -> None:
        status = await self._post("transfer", {"target": line.argument or self._settings.target})
        if status < 300:
            await self._not_transferred.wait()
        await self._transfer_failed(line)

    async def _bye(self, _line: BotScriptLine) -> None:
        await self._post("complete", {})

    async def _press(self, line: BotScriptLine) -> None:
        self.talker.press(line.keys)

    async def _echo(self, _line: BotScriptLine) -> None:
        self.talker.voice = Voice.ECHO

    async def _speak_until_interrupted(self, _line: BotScriptLine) -> None:
        self.talker.voice = Voice.RECORDING
        self.record.speak(prompt(LONG_SPEECH_S), self._loop.time())
        await self._voice.wait()
        self.talker.voice = Voice.SILENCE
        self.record.cleared_ms.append(self.record.ms(self._loop.time()))

    async def _drop(self, _line: BotScriptLine) -> None:
        """As a process that dies: its RTP ends, in the middle of a word."""
        self._loop.call_later(self._settings.speak_s / 2, self.talker.hush)
        await self._speak(self._settings.speak_s)

    async def _post(self, action: str, said: Mapping[str, str]) -> int:
        url = f"{self._requests.api}/{action}"
        headers = {"Authorization": f"Bearer {self._settings.token}"}
        status = 0
        try:
            async with (
                aiohttp.ClientSession() as client,
                client.post(url, json=said, headers=headers, allow_redirects=False) as answer,
            ):
                status = answer.status
        except (aiohttp.ClientError, ValueError) as exc:
            log.warning("bot_request_failed", number=self.record.number, reason=str(exc) or type(exc).__name__)
        self.record.answers_to_us.append((f"POST {action}", status))
        return status or 599

    def _key(self, key: str) -> None:
        self.record.keys += key
        self._keys.put_nowait(key)

    def _hear(self, audio: bytes) -> None:
        self.record.hear(audio, self._loop.time())
        if self._speech.hear(audio, self._requests.codec):
            self._voice.set()
