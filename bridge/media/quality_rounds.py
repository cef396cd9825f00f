"""[sans-IO] Asks every call once a second how its audio is, a few calls in each slot of 20 ms: others must not wait."""

from collections import deque
from collections.abc import Callable, Iterable

from bridge.media.messages import CallQuality, QualityTick
from bridge.media.rtp import PACKET_MS
from bridge.media.session import Session

#: Slots from one round to the next.
_ROUND_SLOTS = 1000 // PACKET_MS
#: Calls that are asked in one slot, in half a millisecond, and told of in one message.
CALLS_A_SLOT = 32


class QualityRounds:
    """Tells `report` of all calls that have audio, nothing while none has."""

    def __init__(self, report: Callable[[QualityTick], None]) -> None:
        self._report = report
        self._begun_at_slot = 0
        self._late_ms = 0.0
        #: The worst of the round before and of this one so far: a call's second lies in both.
        self._busy_ms = 0.0
        self._waiting: deque[Session] = deque()

    def tick(self, number: int, late_s: float, sessions: Callable[[], Iterable[Session]]) -> None:
        """A slot came, so late; all `sessions` are asked for when a round begins."""
        late_ms = late_s * 1000
        if late_ms > self._late_ms:
            self._late_ms = late_ms
        if number - self._begun_at_slot >= _ROUND_SLOTS and not self._waiting:
            self._begun_at_slot = number
            self._busy_ms, self._late_ms = self._late_ms, 0.0
            self._waiting.extend(sessions())
        if self._waiting:
            self._ask()

    def forget(self, session: Session) -> None:
        """It is closed."""
        if session in self._waiting:
            self._waiting.remove(session)

    def _ask(self) -> None:
        busy_ms = max(self._busy_ms, self._late_ms)
        found = []
        for _ in range(min(CALLS_A_SLOT, len(self._waiting))):
            session = self._waiting.popleft()
            customer, engine = session.quality(busy_ms)
            if customer is not None or engine is not None:
                found.append(CallQuality(session.call, customer, engine))
        if found:
            self._report(QualityTick(tuple(found)))
