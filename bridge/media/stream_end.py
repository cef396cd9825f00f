"""[sans-IO] An engine that is reached by WebSocket, as the audio of its call sees it."""

from typing import Protocol


class StreamEnd(Protocol):
    """Takes the place of the engine's RTP port. `now` is in seconds, monotonic."""

    def hear(self, audio: bytes, now: float) -> None:
        """20 ms of the customer: 160 bytes of µ-law, every 20 ms, silence where nothing came."""

    def key(self, digit: str, now: float) -> None:
        """The customer pressed a key."""

    def mark_played(self, name: str, now: float) -> None:
        """All audio that was queued before this mark has been heard, or was cleared."""
