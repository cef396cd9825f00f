"""[sans-IO] When the customer speaks, by loudness, as the server's turn detection says it (`server_vad`)."""

import enum

from bridge.simulator.speech import FRAME_BYTES, FRAME_MS, is_speech
from sip.messages import Codec

#: So many frames of speech in a row are the customer's voice.
_VOICE_FRAMES = 3


class Voice(enum.Enum):
    """What changed."""

    STARTED = enum.auto()
    STOPPED = enum.auto()


class VoiceDetector:
    """Hears µ-law of any length. `ms` is the place in all that was heard."""

    def __init__(self) -> None:
        self.silence_ms = 500
        """So much silence ends a turn."""
        self.speaking = False
        self.heard_ms = 0
        self._rest = b""
        self._loud = self._quiet_ms = 0

    def hear(self, audio: bytes) -> list[tuple[Voice, int]]:
        """What changed with this audio, and where."""
        found = []
        self._rest += audio
        while len(self._rest) >= FRAME_BYTES:
            frame, self._rest = self._rest[:FRAME_BYTES], self._rest[FRAME_BYTES:]
            self.heard_ms += FRAME_MS
            change = self._frame(is_speech(frame, Codec.PCMU))
            if change is not None:
                found.append((change, self.heard_ms))
        return found

    def _frame(self, loud: bool) -> Voice | None:
        self._loud = self._loud + 1 if loud else 0
        self._quiet_ms = 0 if loud else self._quiet_ms + FRAME_MS
        if not self.speaking and self._loud >= _VOICE_FRAMES:
            self.speaking = True
            return Voice.STARTED
        if self.speaking and self._quiet_ms >= self.silence_ms:
            self.speaking = False
            return Voice.STOPPED
        return None
