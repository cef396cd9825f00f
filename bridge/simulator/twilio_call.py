"""One call at a Twilio bot: what it says and hears."""

import asyncio
import base64
import json
from typing import Any

from aiohttp import web

from bridge.simulator.stream_bot import StreamBotRecord
from bridge.simulator.stream_call import TalkingCall
from bridge.simulator.twilio_stream import TwilioStream


class TwilioCall(TalkingCall):
    """The bot's side of one WebSocket; `read` ends with the connection."""

    close_is_goodbye = False  # the event stop is

    def __init__(self, request: web.Request, socket: web.WebSocketResponse, record: StreamBotRecord) -> None:
        super().__init__(request, socket, record)
        self.asked_url = f"ws://{request.host}{request.path_qs}"
        """Where the bridge asked for the stream."""
        self.stream = TwilioStream(record)
        self.started = asyncio.Event()
        """The stream has begun."""
        self.transfer_failed = asyncio.Event()
        self._marks: dict[str, asyncio.Event] = {}

    async def send(self, event: str, **said: Any) -> None:
        """An event with our streamSid."""
        await self.write(json.dumps({"event": event, "streamSid": self.stream.stream_sid, **said}))

    async def mark(self, name: str) -> asyncio.Event:
        """Ask to be told when all before was heard; the event is set then."""
        heard = self._marks[name] = asyncio.Event()
        self.stream.waiting_marks.append(name)
        await self.send("mark", mark={"name": name})
        return heard

    async def clear(self) -> None:
        """Be silent at once."""
        self.record.cleared_ms.append(self.record.ms(self._loop.time()))
        await self.send("clear")

    async def _send_audio(self, audio: bytes) -> None:
        await self.send("media", media={"payload": base64.b64encode(audio).decode()})

    async def _text(self, message: str) -> None:
        now = self._loop.time()
        said = self.stream.take(message, now)
        match said.get("event"):
            case "start":
                self.started.set()
            case "media":
                audio = base64.b64decode(said["media"]["payload"])
                self.record.hear(audio, now)
                await self._hear(audio)
            case "mark":
                name = str(said["mark"]["name"])
                self.record.marks.append((self.record.ms(now), name))
                if name in self._marks:
                    self._marks[name].set()
            case "dtmf":
                self.record.keys += said["dtmf"]["digit"]
                self.keys.put_nowait(said["dtmf"]["digit"])
            case "screenpop":
                self.record.screen_pop = said["screenpop"]["fields"]
            case "transfer_failed":
                self.transfer_failed.set()
            case "stop":
                self.record.goodbye = True

    async def _binary(self, _message: bytes) -> None:
        self.stream.text_only()
