"""One session at the simulated Realtime API: the WebSocket, the customer's voice, and responses as they are made."""

import asyncio
import base64
import json
import re
from collections.abc import Iterable

from aiohttp import web

from bridge.simulator.errors import EventRefused
from bridge.simulator.openai_conversation import PCM, Conversation, Event
from bridge.simulator.openai_response import Reply, Response
from bridge.simulator.openai_script import NONSENSE, ModelScript
from bridge.simulator.openai_vad import Voice, VoiceDetector
from bridge.simulator.owned_tasks import OwnedTasks
from bridge.simulator.stream_bot import BotScript, StreamBotRecord, StreamBotSettings
from bridge.simulator.stream_call import StreamCall

#: Between two deltas of 200 ms: audio comes much faster than it is heard.
_PACE_S = 0.004
#: What the client cannot have known yet is not held against it.
_RACE_S = 0.25

_KEYS = re.compile(r"pressed.*: *([0-9*#A-D]+)")
_ROW = re.compile(r"(.+?): (.*)")


class OpenAICall(StreamCall):
    """The server's side of one WebSocket; `run` ends with the connection."""

    def __init__(
        self,
        request: web.Request,
        socket: web.WebSocketResponse,
        record: StreamBotRecord,
        settings: StreamBotSettings,
    ) -> None:
        super().__init__(request, socket, record)
        wrong = record.script.script is BotScript.WRONG_FORMAT
        self.conversation = Conversation(request.query.get("model", ""), PCM if wrong else None)
        self._script = ModelScript(settings, record.script)
        self._voice = VoiceDetector()
        self._customer_item = ""
        self._response: Response | None = None
        self._speaking: asyncio.Task[None] | None = None
        self._by_itself = self._over_at = float("-inf")
        """When a response was last made without being asked for, and when the last one was over."""
        self._tasks = OwnedTasks()

    async def run(self) -> None:
        """Serve the client until the connection ends."""
        if not self.conversation.model:
            self.record.faults.append("the URL names no model")
        await self._send(self.conversation.created())
        try:
            await self.read()
        finally:
            await self._tasks.close()

    async def respond(self, reply: Reply) -> None:
        """Make a response, as if the model had decided it."""
        if self._speaking is not None:
            await asyncio.wait([self._speaking])
        self._begin(reply)

    async def refuse(self, code: str, message: str) -> None:
        """Say an error that no event of the client caused."""
        await self._send(self.conversation.refusal(EventRefused(code, message), None))

    # What the client says

    async def _binary(self, _message: bytes) -> None:
        self.record.faults.append("a binary message")

    async def _text(self, message: str) -> None:
        event: Event = {}
        try:
            event, answers = self.conversation.take(message)
            if event["type"] == "input_audio_buffer.append":
                await self._hear(event["audio"])
                return
            self.record.event(event, self._loop.time())
            for answer in answers:
                await self._send(answer)
            await self._obey(event)
        except EventRefused as refused:
            self._fault(refused)
            known = event or _read(message)
            await self._send(self.conversation.refusal(refused, known.get("event_id")))

    async def _obey(self, event: Event) -> None:
        match event["type"]:
            case "session.update":
                await self._configured()
            case "conversation.item.create":
                self._told(event["item"])
            case "response.create":
                if self._response is not None:
                    raise EventRefused(
                        "conversation_already_has_active_response",
                        f"Conversation already has an active response in progress: {self._response.id}.",
                    )
                self._begin(self._script.reply())
            case "response.cancel":
                if self._response is None or event.get("response_id", self._response.id) != self._response.id:
                    raise EventRefused("response_cancel_not_active", "Cancellation failed: no active response found")
                await self._cancel("client_cancelled")

    async def _configured(self) -> None:
        audio = self.conversation.session["audio"]
        self._voice.silence_ms = self.conversation.turns.get("silence_duration_ms") or 500
        self.record.facts["instructions"] = self.conversation.session["instructions"]
        self.record.facts["model"] = self.conversation.model
        if any(audio[side]["format"]["type"] != "audio/pcmu" for side in ("input", "output")):
            self.record.faults.append("audio/pcmu is not asked for both ways")
        if self.record.script.script is BotScript.NONSENSE:
            for nonsense in NONSENSE:
                await self.write(nonsense)
            await self.write(b"\x00\x01")

    def _told(self, item: Event) -> None:
        """What the bridge says of the customer in words."""
        text = "".join(part.get("text", "") for part in item.get("content", ()))
        pressed = _KEYS.search(text) if item.get("role") == "user" else None
        if pressed is not None:
            self.record.keys += pressed[1]
            self._script.pressed(pressed[1])
        elif item.get("role") == "system" and self.record.screen_pop is None:
            rows = [_ROW.fullmatch(line) for line in text.splitlines()[1:]]
            self.record.screen_pop = {row[1]: row[2] for row in rows if row is not None} or None

    def _fault(self, refused: EventRefused) -> None:
        now = self._loop.time()
        busy = refused.code == "conversation_already_has_active_response" and now - self._by_itself < _RACE_S
        over = refused.code == "response_cancel_not_active" and now - self._over_at < _RACE_S
        if not (busy or over):
            self.record.faults.append(str(refused))

    # What the customer says

    async def _hear(self, encoded: str) -> None:
        try:
            audio = base64.b64decode(encoded, validate=True)
        except ValueError:
            raise EventRefused("invalid_value", "Invalid 'audio'. Expected base64-encoded audio.", "audio") from None
        if not self.conversation.configured:
            self.record.faults.append("audio before the session's format is agreed")
        self.record.hear(audio, self._loop.time())
        if self.record.script.script is BotScript.ECHO:
            await self._echo(audio)
            return
        for change, ms in self._voice.hear(audio):
            if self.conversation.turns:
                await (self._speech_started(ms) if change is Voice.STARTED else self._speech_stopped(ms))

    async def _speech_started(self, ms: int) -> None:
        self._customer_item = self.conversation.new_id("item")
        start = max(0, ms - self.conversation.turns.get("prefix_padding_ms", 300))
        kind = "input_audio_buffer.speech_started"
        self.record.cleared_ms.append(self._ms())
        await self._send(self.conversation.event(kind, audio_start_ms=start, item_id=self._customer_item))
        if self.conversation.turns.get("interrupt_response", True):
            await self._cancel("turn_detected")

    async def _speech_stopped(self, ms: int) -> None:
        id, event = self._customer_item, self.conversation.event
        await self._send(event("input_audio_buffer.speech_stopped", audio_end_ms=ms, item_id=id))
        await self._send(event("input_audio_buffer.committed", item_id=id, previous_item_id=None))
        content = [{"type": "input_audio", "transcript": None}]
        said = {"id": id, "object": "realtime.item", "type": "message", "status": "completed", "role": "user"}
        for added in self.conversation.add({**said, "content": content}):
            await self._send(added)
        if self.conversation.turns.get("create_response", True) and self._response is None:
            self._by_itself = self._loop.time()
            self._begin(self._script.reply())
        if self.conversation.session["audio"]["input"]["transcription"]:
            kind = "conversation.item.input_audio_transcription.completed"
            usage = {"type": "duration", "seconds": 1.0}
            await self._send(event(kind, item_id=id, content_index=0, transcript="hello there", usage=usage))

    async def _echo(self, audio: bytes) -> None:
        """A response without end that says what is heard."""
        if self._response is None:
            self._response = Response(self.conversation, Reply())
            await self._send(self._response.created())
        part = {"response_id": self._response.id, "item_id": "item_echo", "output_index": 0, "content_index": 0}
        self.record.speak(audio, self._loop.time())
        delta = base64.b64encode(audio).decode()
        await self._send(self.conversation.event("response.output_audio.delta", **part, delta=delta))

    # What the model says

    def _begin(self, reply: Reply | None) -> None:
        if reply is None:
            return
        for name, _ in reply.functions:
            if not self.conversation.offers(name):
                self.record.faults.append(f"the model was not offered {name}")
        self._response = Response(self.conversation, reply)
        work = self._speak(self._response)
        self._speaking = self._tasks.start(work, f"{self._response.id}-{self.record.number}")

    async def _speak(self, response: Response) -> None:
        await self._send(response.created())
        for event, audio in response.events():
            if audio:
                self.record.speak(audio, self._loop.time())
            await self._send(event)
            if audio:
                await asyncio.sleep(_PACE_S)
        await self._over(response.finish("completed"))
        await self._send(self.conversation.event("rate_limits.updated", rate_limits=[]))
        reply = response.reply
        if reply.vanish_after_s is not None:
            await asyncio.sleep(reply.vanish_after_s)
            self.vanish()
        if reply.close_after_s is not None:
            await asyncio.sleep(reply.close_after_s)
            await self.close()

    async def _over(self, events: Iterable[Event]) -> None:
        *others, done = events
        for event in others:
            await self._send(event)
        self._response = None
        self._over_at = self._loop.time()
        await self._send(done)

    async def _cancel(self, reason: str) -> None:
        """Stop the response in progress, if there is one."""
        response = self._response
        if response is not None:
            await self._stop_speaking()
            if self._response is response:  # it was not over just then
                self._script.cut_off(response.reply)
                await self._over(response.finish("cancelled", reason))

    async def _stop_speaking(self) -> None:
        if self._speaking is not None:
            self._speaking.cancel()
            await asyncio.gather(self._speaking, return_exceptions=True)
            self._speaking = None

    async def _send(self, event: Event) -> None:
        await self.write(json.dumps(event))

    def _ms(self) -> int:
        return self.record.ms(self._loop.time())


def _read(message: str) -> Event:
    try:
        event = json.loads(message)
    except ValueError:
        return {}
    return event if isinstance(event, dict) else {}
