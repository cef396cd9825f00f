"""What a Twilio bot does with a call, step by step: the scripts of StreamBotSettings."""

import base64
from collections.abc import Mapping

import aiohttp
import structlog

from bridge.simulator.script_player import LONG_SPEECH_S
from bridge.simulator.stream_bot import BotScript, BotScriptLine, StreamBotSettings, prompt
from bridge.simulator.stream_script import StreamScript
from bridge.simulator.twilio_call import TwilioCall

log = structlog.get_logger()

#: What no bot should send; the bridge must not mind.
_NONSENSE: tuple[str | bytes, ...] = (
    "{",
    "[1, 2]",
    '{"event": 7}',
    '{"event": "speech_probability", "value": 0.5}',
    '{"event": "media", "media": {"payload": "not base64"}}',
    '{"event": "media", "streamSid": "MZ", "media": {"payload": ""}}',
    '{"event": "transfer"}',
    b"\x00\x01",
)


class TwilioScript(StreamScript[TwilioCall]):
    """The script of one call; `play` goes on until it is cancelled."""

    piece_ms = 200
    nonsense = _NONSENSE

    def __init__(self, settings: StreamBotSettings, call: TwilioCall) -> None:
        super().__init__(settings, call)
        self._acts |= {
            BotScript.FINISH_REST: self._finish_by_rest,
            BotScript.TRANSFER_REST: self._transfer_by_rest,
            BotScript.DTMF: self._press,
        }
        self._instead[BotScript.MARKS] = self._speak_with_marks
        self._spoken = 0

    async def play(self) -> None:
        """The script of this call."""
        await self._call.started.wait()
        await self._play_all(self._call.record.script)

    async def _speak(self, seconds: float) -> None:
        """Say so much of the prompt; wait until it was heard, unless the bot is hasty."""
        if seconds <= 0:
            return
        await self._say(seconds, self.piece_ms)
        self._spoken += 1
        heard = await self._call.mark(f"spoken-{self._spoken}")
        if not self._settings.hasty:
            await heard.wait()

    async def _finish(self, line: BotScriptLine, outcome: str = "") -> None:
        await self._call.send("complete", **self._settings.verdict(line, outcome))

    async def _transfer(self, line: BotScriptLine) -> None:
        await self._call.send("transfer", target=line.argument or self._settings.target)
        await self._finish_if_it_fails(line)

    async def _finish_by_rest(self, _line: BotScriptLine) -> None:
        await self._post({"Status": "completed"})

    async def _transfer_by_rest(self, line: BotScriptLine) -> None:
        target = line.argument or self._settings.target
        await self._post({"Twiml": f"<Response><Dial>{target}</Dial></Response>"})
        await self._finish_if_it_fails(line)

    async def _finish_if_it_fails(self, line: BotScriptLine) -> None:
        await self._call.transfer_failed.wait()
        await self._transfer_failed(line)

    async def _post(self, form: Mapping[str, str]) -> None:
        account = self._call.stream.account_sid
        root = self._settings.rest_url.rstrip("/")
        url = f"{root}/2010-04-01/Accounts/{account}/Calls/{self._call.stream.call_sid}.json"
        credentials = base64.b64encode(f"{account}:{self._settings.secret}".encode()).decode()
        headers = {"Authorization": f"Basic {credentials}"}
        try:
            async with aiohttp.ClientSession() as client, client.post(url, data=form, headers=headers) as answer:
                self._call.record.answers_to_us.append(("POST", answer.status))
        except (aiohttp.ClientError, ValueError) as exc:
            log.warning("bot_request_failed", number=self._call.record.number, reason=str(exc) or type(exc).__name__)
            self._call.record.answers_to_us.append(("POST", 0))

    async def _press(self, line: BotScriptLine) -> None:
        await self._call.send("send_digits", digits=line.keys)

    async def _speak_with_marks(self, _line: BotScriptLine) -> None:
        piece_s = self._settings.speak_s / 3
        for number in range(3):
            await self._call.say(prompt(piece_s, round(number * piece_s * 1000)))
            await self._call.mark(f"piece-{number + 1}")

    async def _speak_until_interrupted(self, _line: BotScriptLine) -> None:
        await self._say(LONG_SPEECH_S, self.piece_ms)
        await self._call.mark("interrupted")
        await self._call.voice.wait()
        await self._call.clear()

    async def _flood(self, line: BotScriptLine) -> None:
        await super()._flood(line)
        await self._call.mark("flood")
