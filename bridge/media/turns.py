"""[sans-IO] Who spoke when in one call with an engine by WebSocket, and how long each waited for the other."""

import math
from collections import deque
from statistics import median

#: The bot begins to speak when it has been quiet for so long, or was interrupted: a pause between two words is less.
_PAUSE_S = 0.5
#: Turns whose times are kept, the last ones: enough for any talk.
_KEPT_TURNS = 1000


class Turns:
    """Told of every 20 ms in which one of both speaks, with its time in seconds, monotonic."""

    __slots__ = (
        "_answered_at",
        "_interrupted",
        "_waits",
        "barge_in_max_s",
        "barge_ins",
        "bot_at",
        "count",
        "customer_at",
        "first_audio_s",
        "turn_max_s",
    )

    def __init__(self) -> None:
        #: When each was last heard.
        self.bot_at = self.customer_at = -math.inf
        #: From the answer to the bot's first sound.
        self.first_audio_s: float | None = None
        self.count = self.barge_ins = 0
        self.turn_max_s: float | None = None
        self.barge_in_max_s: float | None = None
        self._answered_at = math.inf
        self._interrupted = False
        self._waits: deque[float] = deque(maxlen=_KEPT_TURNS)

    def answered(self, now: float) -> None:
        """The customer is on the line; of a call with several engines the first time counts."""
        self._answered_at = min(self._answered_at, now)

    def customer(self, now: float) -> None:
        """The customer is speaking."""
        self.customer_at = now

    def bot(self, now: float) -> None:
        """20 ms of the bot with sound in them were sent."""
        if self.first_audio_s is None:
            self.first_audio_s = now - self._answered_at
        if self.customer_at > self.bot_at and (self._interrupted or now - self.bot_at >= _PAUSE_S):
            self._turn(now - self.customer_at)
        self._interrupted = False
        self.bot_at = now

    def _turn(self, wait_s: float) -> None:
        self.count += 1
        self._waits.append(wait_s)
        self.turn_max_s = max(wait_s, self.turn_max_s or 0.0)

    def barge_in(self, lasted_s: float) -> None:
        """What the bot was saying was cleared, and so much later the customer did not hear it any more."""
        self.barge_ins += 1
        self._interrupted = True
        self.barge_in_max_s = max(lasted_s, self.barge_in_max_s or 0.0)

    @property
    def turn_p50_s(self) -> float | None:
        """The middle one of the customer's waits; None without turns."""
        return median(self._waits) if self._waits else None
