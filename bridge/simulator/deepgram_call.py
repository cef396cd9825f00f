"""One call at a simulated Deepgram agent: what it says and hears."""

import asyncio
import json
import secrets
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from bridge.simulator.deepgram_stream import DeepgramStream
from bridge.simulator.stream_bot import BotScript, StreamBotRecord
from bridge.simulator.stream_call import TalkingCall


class DeepgramCall(TalkingCall):
    """The agent's side of one WebSocket; `read` ends with the connection."""

    def __init__(self, request: web.Request, socket: web.WebSocketResponse, record: StreamBotRecord) -> None:
        super().__init__(request, socket, record)
        self.stream = DeepgramStream(record)
        self.configured = asyncio.Event()
        """Settings have come."""
        self.answers: asyncio.Queue[Mapping[str, Any]] = asyncio.Queue()
        """What the client answers to functions."""

    async def send(self, type: str, **said: Any) -> None:
        """A message of the agent."""
        await self.write(json.dumps({"type": type, **said}))

    async def use(self, name: str, **arguments: str) -> str:
        """Ask for a function; its id."""
        id = f"call_{secrets.token_hex(8)}"
        self.stream.asked[id] = name
        function = {"id": id, "name": name, "arguments": json.dumps(arguments), "client_side": True}
        await self.send("FunctionCallRequest", functions=[function])
        return id

    async def cancel(self, id: str) -> None:
        """Take a function back."""
        name = self.stream.asked.pop(id)
        await self.send("FunctionCallCancelled", functions=[{"id": id, "name": name}])

    async def interrupt(self) -> None:
        """The customer speaks: what is queued must not be heard."""
        self.record.cleared_ms.append(self.record.ms(self._loop.time()))
        await self.send("UserStartedSpeaking")

    async def _send_audio(self, audio: bytes) -> None:
        await self.write(audio)

    async def _text(self, message: str) -> None:
        said = self.stream.take(message, self._loop.time())
        match said.get("type"):
            case "Settings":
                self.configured.set()
            case "InjectUserMessage" if self.record.keys:
                self.keys.put_nowait(self.record.keys[-1])
            case "FunctionCallResponse":
                self.answers.put_nowait(said)

    async def _binary(self, message: bytes) -> None:
        self.stream.audio(message, self._loop.time())
        await self._hear(message)

    async def _spoken_to(self) -> None:
        if self.record.script.script is BotScript.BARGE_IN:
            await self.interrupt()
