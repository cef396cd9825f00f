"""[sans-IO] The engine's side of a call while the engine is reached by WebSocket instead of by RTP."""

from collections.abc import Callable

from bridge.media.g711 import BYTES_PER_MS, FRAME, is_silent, is_speech, level_dbfs
from bridge.media.lateness import Lateness
from bridge.media.playout import Playout
from bridge.media.prompt_loop import PromptLoop
from bridge.media.quality import Counted
from bridge.media.slots import SLOT_S
from bridge.media.statistics import PlayoutStatistics
from bridge.media.stream_end import StreamEnd
from bridge.media.turns import Turns
from bridge.media.uplink import Uplink


class StreamSide:
    """What the engine hears of the customer, what waits to be heard of the engine, and the times of both.

    One engine after another may be attached; the counts go on. Whatever is told to the engine may make it detach.
    """

    __slots__ = (
        "_end",
        "_lateness",
        "_latest",
        "_sounds",
        "_uplink",
        "answered",
        "filler",
        "packet",
        "playout",
        "turns",
    )

    def __init__(self) -> None:
        self.playout = Playout(self._mark_played)
        self.turns = Turns()
        #: Told of each RTP packet of the customer: its datagram, its payload type, and now.
        self.packet: Callable[[bytes, int, float], None] = _unheard
        #: The customer is on the line and hears this engine.
        self.answered = False
        #: Heard where nothing is left to play, while the engine is connected anew.
        self.filler: PromptLoop | None = None
        self._end: StreamEnd | None = None
        self._uplink: Uplink | None = None
        #: None: no engine was ever attached.
        self._lateness: Lateness | None = None
        #: What leaves in this slot is the engine's, and can be heard.
        self._sounds = False
        #: What was played last.
        self._latest = b""

    @property
    def attached(self) -> bool:
        """An engine is there."""
        return self._end is not None

    @property
    def is_here(self) -> bool:
        """The engine and the customer can hear each other."""
        return self.answered and self.filler is None

    def attach(self, end: StreamEnd) -> None:
        """This engine it is from now on; one that was there before is forgotten."""
        if self._end is not None:
            self.detach()
        self._end, self._uplink = end, Uplink(self._hear)
        self.packet = self._uplink.packet
        if self._lateness is None:
            self._lateness = Lateness()

    def detach(self) -> None:
        """No engine; what it has said and nobody has heard is lost."""
        self._end = self._uplink = self.filler = None
        self.packet = _unheard
        self.answered = False
        self.playout.stop()

    def answer(self, now: float) -> None:
        """The customer is on the line."""
        if self._end is not None and not self.answered:
            self.answered = True
            self.turns.answered(now)
            self.playout.start()

    # to the engine

    def key(self, digit: str, now: float) -> None:
        """A key for the engine."""
        if self._end is not None:
            self._end.key(digit, now)

    def tick(self, now: float) -> None:
        """A slot has come: what was sent before has been heard, and the engine hears something in any case."""
        self.playout.slot(now)
        if self._uplink is not None:
            self._uplink.tick(now)

    def _hear(self, frame: bytes, now: float) -> None:
        if is_speech(frame):
            self.turns.customer(now)
        if self._end is not None:
            self._end.hear(frame, now)

    def _mark_played(self, name: str, now: float) -> None:
        if self._end is not None:
            self._end.mark_played(name, now)

    # to the customer

    def next_frame(self) -> bytes | None:
        """The 20 ms of this slot; None while the engine says nothing."""
        frame = self.playout.next_frame()
        if frame is None and self.filler is not None and self.answered:
            return self.filler.next_frame()
        if frame is not None:
            self._latest = frame
            if not is_silent(frame):
                self._sounds = True
        return frame

    def departed(self, slot_due: float, packets: int, now: float) -> bool:
        """So many packets have left, the first due at `slot_due`; True when the engine is heard for the first time."""
        if self._lateness is not None:
            for place in range(packets):
                self._lateness.add(now - slot_due - place * SLOT_S)
        if self.playout.cleared_at is not None:
            self.turns.barge_in(now - self.playout.cleared_at)
            self.playout.cleared_at = None
        if not self._sounds:
            return False
        self._sounds = False
        first = self.turns.first_audio_s is None
        self.turns.bot(now)
        return first

    def counted(self) -> Counted:
        """What was played so far, in packets; none of them can get lost before it leaves."""
        return Counted(self.playout.played // FRAME, 0, 0.0, level_dbfs(self._latest))

    def take_late_ms(self) -> float:
        """How late the latest packet left since this was asked before."""
        return self._lateness.take_max_ms() if self._lateness is not None else 0.0

    def statistics(self) -> PlayoutStatistics | None:
        """What was counted; None if no engine was ever attached."""
        if self._lateness is None:
            return None
        playout, turns, late = self.playout, self.turns, self._lateness
        return PlayoutStatistics(
            played_ms=playout.played // BYTES_PER_MS,
            cleared_ms=playout.cleared // BYTES_PER_MS,
            dropped_ms=playout.dropped // BYTES_PER_MS,
            trimmed_ms=playout.trimmed // BYTES_PER_MS,
            unheard_ms=playout.unheard // BYTES_PER_MS,
            late_p50_ms=round(late.percentile_ms(50), 2),
            late_p99_ms=round(late.percentile_ms(99), 2),
            late_max_ms=round(late.max_ms, 2),
            first_audio_ms=_ms(turns.first_audio_s),
            barge_ins=turns.barge_ins,
            barge_in_max_ms=_ms(turns.barge_in_max_s),
            turns=turns.count,
            turn_p50_ms=_ms(turns.turn_p50_s),
            turn_max_ms=_ms(turns.turn_max_s),
        )


def _unheard(datagram: bytes, kind: int, now: float) -> None:
    """No engine is there."""


def _ms(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds * 1000, 1)
