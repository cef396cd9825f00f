"""[sans-IO] Asks every call once a second how its audio is."""

from collections.abc import Callable, Iterable
from functools import partial

from bridge.media.chores import Chores
from bridge.media.messages import CallQuality, QualityTick
from bridge.media.rounds import Rounds
from bridge.media.rtp import PACKET_MS
from bridge.media.session import Session

#: Calls that are asked in one slot; more where there are more than 400.
CALLS_A_SLOT = 8
#: Calls that are told of in one message: for each the bridge must wake up, and may take our processor to do so. With
#: 8 its process takes a third more CPU, of 50 to 200 calls.
CALLS_A_MESSAGE = 64


class QualityRounds:
    """Tells `report` of all calls that have audio, nothing while none has."""

    def __init__(self, report: Callable[[QualityTick], None], chores: Chores) -> None:
        """Each call is asked when its turn among the `chores` comes."""
        self._report = report
        self._chores = chores
        self._rounds = Rounds[Session](1000 // PACKET_MS, CALLS_A_SLOT)
        self._found: list[CallQuality] = []
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
        busy_ms = max(self._busy_ms, self._late_ms)
        for session in asked:
            self._chores.add(session, partial(self._ask, session, busy_ms))
        if (asked or self._found) and not self._rounds.waiting:
            self._chores.add(self, self._tell)

    def forget(self, session: Session) -> None:
        """It is closed; its last second is told of before that."""
        self._rounds.forget(session)
        if any(each.call == session.call for each in self._found):
            self._tell()

    def _ask(self, session: Session, busy_ms: float) -> None:
        customer, engine = session.quality(busy_ms)
        if customer is None and engine is None:
            return
        self._found.append(CallQuality(session.call, customer, engine))
        if len(self._found) >= CALLS_A_MESSAGE:
            self._tell()

    def _tell(self) -> None:
        if self._found:
            self._report(QualityTick(tuple(self._found)))
            self._found.clear()
