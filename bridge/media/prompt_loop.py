"""[sans-IO] A prompt that is heard over and over, in place of silence."""

from bridge.media.g711 import FRAME


class PromptLoop:
    """µ-law, played in a circle, 20 ms a slot."""

    __slots__ = ("_at", "audio")

    def __init__(self, audio: bytes) -> None:
        #: At least one byte.
        self.audio = audio
        self._at = 0

    def next_frame(self) -> bytes:
        """The 20 ms of this slot."""
        frame = self.audio[self._at : self._at + FRAME]
        while len(frame) < FRAME:
            frame += self.audio[: FRAME - len(frame)]
        self._at = (self._at + FRAME) % len(self.audio)
        return frame
