"""One end's RTP: sends a frame every 20 ms by absolute deadlines, and hears what arrives (RFC 3550, RFC 4733)."""

import asyncio
import contextlib
import secrets
import socket
from collections import deque
from collections.abc import Callable

from bridge.simulator.proxy_path import Address
from bridge.simulator.rtp_packet import KEYS, KeyEvent, RtpPacket
from bridge.simulator.rtp_reception import Reception
from bridge.simulator.speech import FRAME_BYTES, SILENCE_FRAME, Voice, recording
from sip.messages import Codec

FRAME_S = 0.020
#: A key lasts 5 frames and is followed by 3 of audio; its end is said three times (RFC 4733 section 2.5.1.4).
_KEY_FRAMES = 5
_KEY_ENDS = 3
_KEY_PAUSE = 3
#: Frames an echo may hold back before it drops the oldest: latency must not become permanent.
_ECHO_FRAMES = 5
#: After a stall of the process so many frames are made up for at once; the rest are left out.
_BURST = 10


class RtpTalker(asyncio.DatagramProtocol):
    """One RTP socket."""

    def __init__(self, bound: socket.socket, speaks: str, listens_for: tuple[str, ...]) -> None:
        self._socket = bound
        self._recording = speaks
        self.heard = Reception(listens_for)
        self.sent = 0
        """Packets sent, keys included."""
        self.address: Address = bound.getsockname()[:2]
        self.voice = Voice.SILENCE
        self.on_digit: Callable[[str], None] | None = None
        self.on_audio: Callable[[], None] | None = None
        """Told once, of the first packet that arrived."""
        self.on_frame: Callable[[bytes], None] | None = None
        """Told of the audio of every packet that arrived."""
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.DatagramTransport | None = None
        self._remote: Address | None = None
        self._receives = True
        self._codec = Codec.PCMU
        self._telephone_event: int | None = None
        self._ssrc = secrets.randbits(32)
        self._sequence = secrets.randbits(15)
        self._timestamp = secrets.randbits(31)
        self._marker = True
        self._next_at = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._hushed = False
        self._position = 0
        self._spoken: tuple[int, asyncio.Future[None]] | None = None
        self._then = Voice.SILENCE
        self._echo: deque[bytes] = deque(maxlen=_ECHO_FRAMES)
        self._keys: deque[tuple[KeyEvent, int, bool] | None] = deque()

    @classmethod
    async def open(cls, host: str, speaks: str, listens_for: tuple[str, ...]) -> "RtpTalker":
        """Bind a free even port."""
        talker = cls(_even_port(host), speaks, listens_for)
        talker._transport, _ = await talker._loop.create_datagram_endpoint(lambda: talker, sock=talker._socket)
        return talker

    def hush(self) -> None:
        """Send nothing more; what arrives is still heard."""
        self._stop()
        self._hushed = True
        if self._spoken is not None and not self._spoken[1].done():
            self._spoken[1].set_result(None)

    def close(self) -> None:
        """Hear what has already arrived, then close the socket; what was heard stays readable."""
        self.hush()
        if self._transport is not None and not self._transport.is_closing():
            # Else packets in the kernel's buffer would seem lost, whenever the BYE is read before them.
            with contextlib.suppress(BlockingIOError, ConnectionError):
                while True:
                    data, addr = self._socket.recvfrom(2048)
                    self.datagram_received(data, addr)
            self._transport.close()

    def agree(self, remote: Address | None, codec: Codec, telephone_event: int | None, receives: bool) -> None:
        """Send there from now on, every 20 ms; None: send nothing. `receives`: the other side may send to us."""
        if receives != self._receives:
            self.heard.resume()
        self._receives = receives
        self._codec, self._telephone_event = codec, telephone_event
        self._remote = remote
        if remote is None:
            self._stop()
        elif self._timer is None and not self._hushed:
            self._next_at = self._loop.time()
            self._marker = True
            self._tick()

    async def speak(self, seconds: float, then: Voice) -> None:
        """Say the recording, over and over, for so long; afterwards `then`."""
        self.voice, self._position = Voice.RECORDING, 0
        frames = max(1, round(seconds / FRAME_S))
        spoken: asyncio.Future[None] = self._loop.create_future()
        self._spoken, self._then = (frames, spoken), then
        await spoken

    def press(self, digits: str) -> None:
        """Send keys as RFC 4733 events, one after the other."""
        for key in digits:
            if key.upper() in KEYS:
                self._queue_key(key.upper())

    # asyncio.DatagramProtocol

    def datagram_received(self, data: bytes, addr: Address) -> None:
        before = self.heard.received
        packet, digit = self.heard.take(data, self._telephone_event, self._loop.time())
        if packet is not None and self.voice is Voice.ECHO:
            self._echo.append(packet.payload)
        if packet is not None and self.on_frame is not None:
            self.on_frame(packet.payload)
        if not before and self.heard.received and self.on_audio is not None:
            self.on_audio()
        if digit and self.on_digit is not None:
            self.on_digit(digit)

    # private

    def _queue_key(self, key: str) -> None:
        for number in range(1, _KEY_FRAMES + 1):
            self._keys.append((KeyEvent(key, number * FRAME_BYTES, False), number - 1, number == 1))
        for again in range(_KEY_ENDS):
            self._keys.append((KeyEvent(key, _KEY_FRAMES * FRAME_BYTES, True), _KEY_FRAMES + again, False))
        self._keys.extend([None] * _KEY_PAUSE)

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _tick(self) -> None:
        now = self._loop.time()
        late = int((now - self._next_at) / FRAME_S)
        if late > _BURST:
            # A real source does not send the past in one burst: it goes on, with a jump in its timestamps.
            skipped = late - _BURST
            self._next_at += skipped * FRAME_S
            self._timestamp += skipped * FRAME_BYTES
        while self._next_at <= now:
            self._send_frame()
            self._next_at += FRAME_S
        self._timer = self._loop.call_at(self._next_at, self._tick)

    def _send_frame(self) -> None:
        if self._keys and self._telephone_event is not None:
            key = self._keys.popleft()
            if key is not None:
                event, frames_since, first = key
                self._send(self._telephone_event, event.encode(), self._timestamp - frames_since * FRAME_BYTES, first)
                self._timestamp += FRAME_BYTES
                return
        payload = self._frame()
        if payload is not None:
            self._send(self._codec.payload_type, payload, self._timestamp, self._marker)
            self._marker = False
        self._timestamp += FRAME_BYTES

    def _frame(self) -> bytes | None:
        if self.voice is Voice.RECORDING:
            frames = recording(self._recording, self._codec)
            payload = frames[self._position % len(frames)]
            self._position += 1
            if self._spoken is not None and self._position >= self._spoken[0]:
                self._speech_over(self._spoken[1])
            return payload
        if self.voice is Voice.MUTE:
            return None
        return self._echo.popleft() if self._echo else SILENCE_FRAME[self._codec]

    def _speech_over(self, spoken: asyncio.Future[None]) -> None:
        # Here and not where speak() wakes: after a stall the next frame is sent before that.
        self.voice, self._spoken = self._then, None
        if not spoken.done():
            spoken.set_result(None)

    def _send(self, payload_type: int, payload: bytes, timestamp: int, marker: bool) -> None:
        packet = RtpPacket(
            payload_type, self._sequence & 0xFFFF, timestamp & 0xFFFFFFFF, self._ssrc, payload, marker=marker
        )
        self._sequence += 1
        if self._transport is not None and self._remote is not None:
            self._transport.sendto(packet.encode(), self._remote)
            self.sent += 1


def _even_port(host: str) -> socket.socket:
    """A UDP socket on a free even port, as RTP wants it (RFC 3550 section 11)."""
    while True:
        bound = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            bound.setblocking(False)
            bound.bind((host, 0))
        except OSError:
            bound.close()
            raise
        if bound.getsockname()[1] % 2 == 0:
            return bound
        bound.close()
