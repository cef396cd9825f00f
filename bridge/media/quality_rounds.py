"""[sans-IO] Asks every call once a second how its audio is."""

from collections.abc import Callable, Iterable

from bridge.media.messages import CallQuality, QualityTick
from bridge.media.rounds import Rounds
from bridge.media.rtp import PACKET_MS
from bridge.media.session import Session

#: Calls that are asked in one slot, in 0.1 ms, and told of in one message; more where there are more than 400.
CALLS_A_SLOT = 8


class QualityRounds:
    """Tells `report` of all calls that have audio, nothing while none has."""

    def __init__(
        self,
        report: Callable[[QualityTick], None],
        one_by_one: Callable[[Iterable[Session]], Iterable[Session]] = iter,
    ) -> None:
        """`one_by_one` goes through the calls and may do something else in between."""
        self._report = report
        self._one_by_one = one_by_one
        self._rounds = Rounds[Session](1000 // PACKET_MS, CALLS_A_SLOT)
        self._late_ms = 0.0
        #: The worst of the round before and of this one so far: a call's second lies in both.
        self._busy_ms = 0.0

    def tick(self, number: int, late_s: float, sessions: Callable[[], Iterable[Session]]) -> None:
        """A slot came, so late; all `sessions` are asked for when a round begins."""
        self._late_ms = max(self._late_ms, late_s * 1000)
        before = self._rounds.begun
        asked = self._rounds.take(number, sessions)
        if self._rounds.begun != before:
            self._busy_ms, self._late_ms = self._late_ms, 0.0
        if asked:
            self._ask(asked)

    def forget(self, session: Session) -> None:
        """It is closed."""
        self._rounds.forget(session)

    def _ask(self, sessions: Iterable[Session]) -> None:
        busy_ms = max(self._busy_ms, self._late_ms)
        found = []
        for session in self._one_by_one(sessions):
            customer, engine = session.quality(busy_ms)
            if customer is not None or engine is not None:
                found.append(CallQuality(session.call, customer, engine))
        if found:
            self._report(QualityTick(tuple(found)))
