"""One call at a simulated bot that is reached by WebSocket: the connection, whatever the dialect."""

import asyncio

from aiohttp import WSMsgType, web

from bridge.simulator.speech import SpeechRun
from bridge.simulator.stream_bot import BotScript, StreamBotRecord
from sip.messages import Codec


class StreamCall:
    """The bot's side of one WebSocket; `read` ends with the connection. A dialect derives its own call from it."""

    close_is_goodbye = True
    """With code 1000 the bridge says that the call is over."""

    def __init__(self, request: web.Request, socket: web.WebSocketResponse, record: StreamBotRecord) -> None:
        self.record = record
        self.over = asyncio.Event()
        """The request is served."""
        self._request = request
        self._socket = socket
        self._loop = asyncio.get_running_loop()
        self._left = False

    async def write(self, message: str | bytes) -> None:
        """Send anything."""
        try:
            if isinstance(message, str):
                await self._socket.send_str(message)
            else:
                await self._socket.send_bytes(message)
        except ConnectionError:
            return  # `read` ends with the connection, and the script with it

    async def close(self, code: int = 1000) -> None:
        """End the connection."""
        self._left = True
        await self._socket.close(code=code)

    def vanish(self) -> None:
        """Die: the connection ends without a close frame, as when a process does."""
        self._left = True
        if self._request.transport is not None:
            self._request.transport.abort()

    async def read(self) -> None:
        """Take what the bridge says, until the connection ends."""
        async for message in self._socket:
            if message.type is WSMsgType.TEXT:
                await self._text(message.data)
            elif message.type is WSMsgType.BINARY:
                await self._binary(message.data)
        self.record.ended_ms = self.record.ms(self._loop.time())
        self.record.ended_by_bridge = not self._left
        if self.close_is_goodbye:
            self.record.goodbye = not self._left and self._socket.close_code == 1000

    async def _text(self, message: str) -> None:
        raise NotImplementedError

    async def _binary(self, message: bytes) -> None:
        raise NotImplementedError


class TalkingCall(StreamCall):
    """A call whose bot talks by script: it says µ-law, and hears keys and the customer's voice."""

    def __init__(self, request: web.Request, socket: web.WebSocketResponse, record: StreamBotRecord) -> None:
        super().__init__(request, socket, record)
        self.voice = asyncio.Event()
        """The customer has spoken."""
        self.keys: asyncio.Queue[str] = asyncio.Queue()
        """Keys of the customer."""
        self._speech = SpeechRun()

    async def say(self, audio: bytes) -> None:
        """µ-law for the customer, in one message."""
        self.record.speak(audio, self._loop.time())
        await self._send_audio(audio)

    async def _send_audio(self, audio: bytes) -> None:
        raise NotImplementedError

    async def _hear(self, audio: bytes) -> None:
        """The customer's µ-law has come."""
        if self.record.script.script is BotScript.ECHO:
            await self.say(audio)
        if self._speech.hear(audio, Codec.PCMU) and not self.voice.is_set():
            self.voice.set()
            await self._spoken_to()

    async def _spoken_to(self) -> None:
        """The customer speaks for the first time."""
