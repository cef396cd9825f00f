"""One call at the bot: its session, what was seen of it, and the script it plays."""

import asyncio
import json
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

import structlog

from bridge.simulator.answering_session import AnsweringSession
from bridge.simulator.bot_script import BotSettings, Script, ScriptLine
from bridge.simulator.call_record import CallRecord
from bridge.simulator.exchanges import Incoming
from bridge.simulator.negotiation import Negotiation
from bridge.simulator.rtp_talker import RtpTalker
from bridge.simulator.session import Phase
from bridge.simulator.session_description import LocalMedia
from bridge.simulator.session_events import Answered, Ended, NotifyArrived, Refused, SessionEvent
from bridge.simulator.speech import Voice
from bridge.simulator.user_agent import UserAgent
from sip.messages import Direction, Header

log = structlog.get_logger()

#: What a BYE says of its call.
_VERDICT_HEADERS = {"outcome": "X-Outcome", "notes": "X-Notes", "payment_amount": "X-Payment-Amount"}


@dataclass
class BotRecord(CallRecord):
    """One call as the bot saw it."""

    script: ScriptLine = ScriptLine(Script.FINISH)
    called: str = ""
    """The request URI."""
    answers_to_us: list[tuple[str, int]] = field(default_factory=list)
    """Final responses to what the script sent: method and status."""
    dropped: bool = False
    """The bot went away from the call without a word."""

    @property
    def screen_pop(self) -> dict[str, Any] | None:
        """The screen pop that came by INFO."""
        return next((dict(message) for message in self.messages if message.get("event") == "screen_pop"), None)


class BotCall:
    """A call that the bot plays its script on; `run` is the life of it."""

    def __init__(
        self,
        agent: UserAgent,
        settings: BotSettings,
        invite: Incoming,
        talker: RtpTalker,
        record: BotRecord,
        crash: Callable[[], None],
    ) -> None:
        """Raises InvalidDatagram when the INVITE has no Contact."""
        self.record = record
        self._settings = settings
        self._talker = talker
        self._crash = crash
        media = Negotiation(LocalMedia(*talker.address), talker)
        record.descriptions = media.agreed_bodies
        self.session = AnsweringSession(agent, media, self._event, f"bot-{record.sip_call_id}", invite)
        self._answered = asyncio.Event()
        self.over = asyncio.Event()
        self._transfer: asyncio.Future[int] = agent.loop.create_future()
        self._keys: asyncio.Queue[str] = asyncio.Queue()
        talker.on_digit = self._keys.put_nowait
        talker.voice = Voice.MUTE if record.script.script is Script.SILENT else Voice.SILENCE

    async def run(self) -> None:
        """Answer, or not, by the script; then play it."""
        if not await self._answer():
            return
        if self.record.script.script is not Script.SILENT:
            await self._speak(self._settings.speak_s)
        await self._play(self.record.script)

    def close(self) -> None:
        """Let go of what the call holds."""
        self.record.packets_sent = self._talker.sent
        self.session.close()
        self.over.set()

    # Before the answer

    async def _answer(self) -> bool:
        line, settings = self.record.script, self._settings
        self.session.begin()
        if line.script in (Script.BUSY, Script.DECLINE):
            self.session.refuse(486 if line.script is Script.BUSY else line.status)
            return False
        if settings.rings or line.script is Script.NO_ANSWER:
            self.session.ring()
        if line.script is Script.NO_ANSWER:
            await self.over.wait()
            return False
        await asyncio.sleep(line.seconds if line.script is Script.SLOW else settings.answer_after_s)
        if not self.session.answer():
            return False
        await self._answered.wait()
        return True

    # After it

    async def _play(self, line: ScriptLine) -> None:
        acts: dict[Script, Callable[[ScriptLine], Coroutine[Any, Any, None]]] = {
            Script.FINISH: self._finish,
            Script.SLOW: self._finish,
            Script.FINISH_INFO: self._finish_by_info,
            Script.TRANSFER_REFER: self._transfer_by_refer,
            Script.TRANSFER_INFO: self._transfer_by_info,
            Script.BYE: self._bye,
            Script.HOLD: self._hold,
            Script.DTMF: self._press,
            Script.DROP: self._drop,
            Script.CRASH: self._die,
        }
        act = acts.get(line.script)
        if act is not None:
            await asyncio.sleep(self._settings.after_s)
            await act(line)
        if self.session.phase is Phase.UP:
            await self._wait()

    async def _wait(self) -> None:
        """Until the other side hangs up, or presses a key that starts another script."""
        while True:
            line = self._settings.digits.get(await self._keys.get())
            if line is not None:
                await self._play(line)
                return

    async def _speak(self, seconds: float) -> None:
        if seconds > 0:
            await self._talker.speak(seconds, then=self._settings.afterwards)
        else:
            self._talker.voice = self._settings.afterwards

    async def _finish(self, line: ScriptLine, outcome: str = "") -> None:
        verdict = self._settings.verdict(line, outcome)
        headers = [Header(header, verdict[name]) for name, header in _VERDICT_HEADERS.items() if name in verdict]
        await self.session.hang_up(headers, "script")

    async def _finish_by_info(self, line: ScriptLine) -> None:
        await self._tell({"action": "complete", **self._settings.verdict(line)})

    async def _transfer_by_info(self, line: ScriptLine) -> None:
        await self._tell({"action": "transfer", "target": line.argument or self._settings.target})

    async def _transfer_by_refer(self, line: ScriptLine) -> None:
        host, port = self.session.agent.address
        status = await self.session.refer(f"sip:{line.argument or self._settings.target}@{host}:{port}")
        self.record.answers_to_us.append(("REFER", status))
        if status == 202:
            try:
                status = await asyncio.wait_for(self._transfer, self._settings.transfer_timeout_s)
            except TimeoutError:
                status = 408
        if status == 200:
            await self.session.hang_up((), "transferred")
        else:
            await self._speak(1.0)
            await self._finish(line, "transfer_failed")

    async def _bye(self, _line: ScriptLine) -> None:
        await self.session.hang_up((), "script")

    async def _hold(self, line: ScriptLine) -> None:
        for direction, seconds in ((Direction.SENDONLY, line.seconds), (Direction.SENDRECV, self._settings.after_s)):
            status = await self.session.reoffer(direction)
            self.record.answers_to_us.append(("INVITE", status))
            await asyncio.sleep(seconds)
        await self._finish(line)

    async def _press(self, line: ScriptLine) -> None:
        self._talker.press(line.keys)

    async def _drop(self, _line: ScriptLine) -> None:
        self.record.dropped = True
        self.session.abandon()
        self.record.packets_sent = self._talker.sent
        self.over.set()

    async def _die(self, _line: ScriptLine) -> None:
        self._crash()

    async def _tell(self, told: dict[str, Any]) -> None:
        status = await self.session.info(json.dumps(told).encode())
        self.record.answers_to_us.append(("INFO", status))

    def _event(self, event: SessionEvent) -> None:
        self.record.take(event, self.session.agent.loop.time())
        match event:
            case Answered():
                self._answered.set()
            case NotifyArrived(status, final):
                if final and not self._transfer.done():
                    self._transfer.set_result(status)
            case Ended() | Refused():
                self.close()
            case _:
                pass
