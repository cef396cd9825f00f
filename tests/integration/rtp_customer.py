"""A customer on RTP who speaks in real time, and knows when they heard what."""

import asyncio
import time

from bridge.media.rtp import HEADER_SIZE, build, unpack_header
from bridge.simulator.speech import is_speech
from sip.messages import Codec
from tests.integration.media_bench import Peer


class Customer(Peer):
    """A peer that knows when it heard what."""

    def __init__(self) -> None:
        super().__init__()
        self.times: list[float] = []
        self.sequence = 0
        self.port = 0

    def _read(self) -> None:
        super()._read()
        self.times.append(time.monotonic())

    def audio(self) -> bytes:
        """All audio, in the order it was sent; the order must be that of arrival."""
        packets = [packet for packet in self.heard if packet[1] & 0x7F in (0, 8)]
        numbers = [unpack_header(packet)[1] for packet in packets]
        assert [(number - numbers[0]) & 0xFFFF for number in numbers] == list(range(len(numbers)))
        return b"".join(packet[HEADER_SIZE:] for packet in packets)

    def last_speech_at(self) -> float:
        """When the last packet came that was no silence."""
        speech = [place for place, packet in enumerate(self.heard) if is_speech(packet[HEADER_SIZE:], Codec.PCMU)]
        return self.times[speech[-1]]

    async def say(self, frames: tuple[bytes, ...]) -> None:
        """Speak these frames in real time."""
        begun = time.monotonic()
        for place, frame in enumerate(frames):
            self.send(build(0, False, self.sequence & 0xFFFF, self.sequence * 160, 77, frame), self.port)
            self.sequence += 1
            await asyncio.sleep(begun + 0.02 * (place + 1) - time.monotonic())

    def speech_frames(self, since: float = 0.0) -> int:
        """How many packets with speech have come since then."""
        packets = zip(self.heard, self.times, strict=True)
        return sum(is_speech(packet[HEADER_SIZE:], Codec.PCMU) for packet, at in packets if at >= since)
