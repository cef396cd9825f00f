"""[sans-IO] What an engine has said and the customer has not heard yet: the queue of one call."""

from collections import deque
from collections.abc import Callable

from bridge.dialects.dialect import Cut
from bridge.media.g711 import BYTES_PER_MS, FRAME, ULAW_SILENCE, is_silent
from bridge.media.spoken_items import SpokenItems
from bridge.media.standing_delay import StandingDelay

#: A spurt begins when so much waits, or when its first byte has waited so many slots: an engine that sends odd pieces
#: in real time would leave gaps in its words else.
_SPURT_BYTES = 2 * FRAME
_SPURT_SLOTS = 2


class Playout:
    """µ-law of one call, in the order it was given, 20 ms a slot.

    Everything is counted in bytes since the start, so the position is exact however the audio was cut into pieces.
    `on_mark(name, now)` is called when a mark is due: in the first slot after the last byte before it was sent.
    """

    #: Bytes that may wait: five minutes.
    LIMIT = 300_000 * BYTES_PER_MS
    #: Marks that may wait: an engine that floods shall not fill the memory with them.
    MAX_MARKS = 4096

    __slots__ = (
        "_chunks",
        "_delay",
        "_in",
        "_items",
        "_marks",
        "_offset",
        "_on_mark",
        "_out",
        "_reporting",
        "_sounding",
        "_started",
        "_waited_slots",
        "cleared",
        "cleared_at",
        "dropped",
        "played",
        "speaking",
        "trimmed",
        "unheard",
    )

    def __init__(self, on_mark: Callable[[str, float], None]) -> None:
        #: Bytes sent, taken back, that did not fit, that were left out, and whose time came with nobody to hear them.
        self.played = self.cleared = self.dropped = self.trimmed = self.unheard = 0
        #: In a spurt: the slot before had audio, and this one has if there is any.
        self.speaking = False
        #: When audio that was being heard was cleared; whoever measures the effect takes it away.
        self.cleared_at: float | None = None
        self._on_mark = on_mark
        self._started = False
        self._chunks: deque[bytes] = deque()
        self._offset = 0  # bytes of the first chunk that are gone
        self._in = self._out = 0  # bytes that came and went since the start
        self._items = SpokenItems()
        self._marks: deque[tuple[int, str]] = deque()
        self._sounding = False  # the last slot's audio is being heard
        self._reporting = False
        self._waited_slots = 0
        self._delay = StandingDelay()

    # what the engine does

    def play(self, audio: bytes, item: str = "") -> int:
        """Queue µ-law of any length, which belongs to `item`; returns how many bytes did not fit and are dropped."""
        room = self.LIMIT - (self._in - self._out)
        taken = audio if len(audio) <= room else audio[:room]
        if taken and not self._items.queue(item, len(taken)):
            taken = b""
        if taken:
            self._in += len(taken)
            self._delay.arrived(len(taken))
            if self._chunks and len(self._chunks[-1]) < FRAME:
                self._chunks[-1] += taken  # a flood of single bytes must not cost an object each
            else:
                self._chunks.append(taken)
        dropped = len(audio) - len(taken)
        self.dropped += dropped
        return dropped

    def mark(self, name: str, now: float) -> None:
        """Call `on_mark` when all that was queued so far has been heard: now, if nothing is left of it."""
        if len(self._marks) < self.MAX_MARKS:
            self._marks.append((self._in, name))
        if not (self._sounding or self._reporting):
            self._report_due(now)

    def clear(self, now: float) -> Cut:
        """Take back all that waits. Marks that wait are due at once, in order, before this returns."""
        if self.speaking and self._in > self._out and self.cleared_at is None:
            self.cleared_at = now
        cut = self._empty()
        self._report_due(now)
        return cut

    def played_ms(self, item: str) -> int:
        """How much of this item the customer has heard: whole milliseconds of what was sent, rounded down."""
        return self._items.over_ms(item)

    @property
    def waiting_ms(self) -> int:
        """How much audio is queued, rounded up: 0 only when nothing is."""
        return -((self._out - self._in) // BYTES_PER_MS)

    # what the session does

    def start(self) -> None:
        """The customer is on the line: from the next slot on what waits is played."""
        self._started = True
        self._delay.reset()

    def stop(self) -> None:
        """The engine is gone, and what it has said and nobody has heard goes with it, marks included."""
        self._empty()
        self._marks.clear()
        self._started = False
        self.cleared_at = None

    def slot(self, now: float) -> None:
        """A slot of 20 ms has come: what was sent in the one before has been heard."""
        self._sounding = False
        if self._marks:
            self._report_due(now)

    def next_frame(self) -> bytes | None:
        """The 20 ms of this slot; None while there is nothing to play."""
        frame = self._next()
        if frame is not None:
            self._sounding = True
            self.played += FRAME
        return frame

    def pass_over(self, slots: int = 1) -> None:
        """The time of so many slots passes, and nobody hears what would be played in it."""
        for _ in range(slots):
            if self._next() is None:
                return
            self.unheard += FRAME

    def _next(self) -> bytes | None:
        waiting = self._in - self._out
        self._delay.slot(waiting)
        if not self.speaking and not self._begins(waiting):
            return None
        if not waiting:
            self.speaking = False
            return None
        frame = self._take()
        if self._delay.excess and self._in > self._out and is_silent(frame):
            self.trimmed += FRAME
            self._delay.left_out(FRAME)
            frame = self._take()
        return frame

    def _begins(self, waiting: int) -> bool:
        """A spurt begins in this slot."""
        if not (waiting and self._started):
            return False
        self._waited_slots += 1
        if waiting < _SPURT_BYTES and self._waited_slots < _SPURT_SLOTS:
            return False
        self._waited_slots = 0
        self.speaking = True
        return True

    def _take(self) -> bytes:
        """The next 160 bytes, filled up with silence where the audio ends."""
        chunks = self._chunks
        if len(chunks[0]) == FRAME and not self._offset:  # most engines speak in frames
            self._out += FRAME
            self._items.over(FRAME)
            return chunks.popleft()
        frame = chunks[0][self._offset : self._offset + FRAME]
        self._offset += len(frame)
        while self._offset == len(chunks[0]):
            chunks.popleft()
            self._offset = 0
            if not chunks or len(frame) == FRAME:
                break
            more = chunks[0][: FRAME - len(frame)]
            self._offset = len(more)
            frame += more
        self._out += len(frame)
        self._items.over(len(frame))
        return frame if len(frame) == FRAME else frame + ULAW_SILENCE[len(frame) :]

    def _empty(self) -> Cut:
        self.cleared += self._in - self._out
        self._out = self._in
        self._chunks.clear()
        self._offset = self._waited_slots = 0
        self.speaking = self._sounding = False
        self._delay.reset()
        return self._items.cut()

    def _report_due(self, now: float) -> None:
        """Report marks in order. What is marked meanwhile waits for the next slot, or it could go on for ever."""
        outermost = not self._reporting
        self._reporting = True
        for _ in range(len(self._marks)):
            if not self._marks or self._marks[0][0] > self._out:
                break
            self._on_mark(self._marks.popleft()[1], now)
        if outermost:
            self._reporting = False
