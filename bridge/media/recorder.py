"""The recordings of one media process: what is to be written goes to a thread of its own, and nobody waits for it."""

import sys
import threading
from collections import deque
from collections.abc import Callable
from pathlib import Path
from queue import SimpleQueue

from bridge.media.messages import Record, RecordingStopped
from bridge.media.recording import Recording
from bridge.media.rtp import PACKET_MS
from bridge.media.session import Session
from bridge.media.wav_file import WavFile

#: Slots from one block of a recording to the next: a second.
_BLOCK_SLOTS = 1000 // PACKET_MS
#: Blocks taken in one slot, in less than a millisecond.
BLOCKS_A_SLOT = 32
#: Blocks of one recording that may wait for the disk, seconds: more than that, and it is given up.
MAX_WAITING = 10
#: How long the last blocks may take to be written when the process ends.
_ENDING_S = 1.0


class _Take:
    """One recording and its way to the disk. `queued` is counted by the one thread, `written` by the other."""

    def __init__(self, command: Record, session: Session, now: float) -> None:
        self.call, self.path, self.codec = command.call, Path(command.path), command.codec
        self.session = session
        self.recording = Recording(command.codec, command.started, now, paused=command.paused)
        self.due = 0
        self.queued = self.written = 0
        #: Nothing more is written of it; both threads may say so.
        self.over = False
        #: Somebody has been told why it ended.
        self.told = False


class _Writer:
    """The thread. What the disk does to it is told in `failures`."""

    def __init__(self) -> None:
        self.failures: deque[tuple[_Take, str]] = deque()
        self._blocks: SimpleQueue[tuple[_Take, int, bytes | None] | None] = SimpleQueue()
        self._files: dict[_Take, WavFile] = {}
        self._thread = threading.Thread(target=self._run, name="recordings", daemon=True)
        self._thread.start()

    def put(self, take: _Take, place: int, frames: bytes | None) -> None:
        """Write these; None: the recording is complete."""
        take.queued += 1
        self._blocks.put((take, place, frames))

    def end(self) -> None:
        """Write what waits, if that can be done soon."""
        self._blocks.put(None)
        self._thread.join(_ENDING_S)

    def _run(self) -> None:
        while (block := self._blocks.get()) is not None:
            take, place, frames = block
            try:
                self._write(take, place, frames)
            except OSError as exc:
                self.failures.append((take, exc.strerror or type(exc).__name__))
                self._finish(take)
            take.written += 1

    def _write(self, take: _Take, place: int, frames: bytes | None) -> None:
        if frames is None:
            self._finish(take)
        elif not take.over:
            if take not in self._files:
                self._files[take] = WavFile(take.path, take.codec)
            self._files[take].put(place, frames)

    def _finish(self, take: _Take) -> None:
        """What there is of it is whole; where it cannot be renamed it stays as it is."""
        take.over = True
        file = self._files.pop(take, None)
        if file is not None:
            try:
                file.finish()
            except OSError as exc:
                self.failures.append((take, exc.strerror or type(exc).__name__))


class Recorder:
    """All recordings. `report` is told of those that came to an end before their call."""

    def __init__(self, report: Callable[[RecordingStopped], None]) -> None:
        self._report = report
        self._takes: dict[str, _Take] = {}
        #: In the order in which their next blocks are due.
        self._due: deque[_Take] = deque()
        #: Calls that go on and whose recording is over: whoever has not heard of it yet may still pause it.
        self._over: set[str] = set()
        self._writer: _Writer | None = None
        self._slot = 0

    def obey(self, command: Record, session: Session, now: float) -> None:
        """Begin to record a call, pause or go on."""
        take = self._takes.get(command.call)
        if take is not None:
            take.recording.pause(command.paused, now)
            return
        if command.call in self._over:
            return
        if self._writer is None:
            self._writer = _Writer()
        take = self._takes[command.call] = _Take(command, session, now)
        take.due = self._slot + _BLOCK_SLOTS
        self._due.append(take)
        session.record(take.recording)

    def tick(self, number: int, now: float) -> None:
        """A slot came: hand over what is due."""
        self._slot = number
        for _ in range(BLOCKS_A_SLOT):
            if not self._due or self._due[0].due > number:
                break
            take = self._due.popleft()
            if self._takes.get(take.call) is take:
                take.due = number + _BLOCK_SLOTS
                self._due.append(take)
                self._put(take, take.recording.take(now))
        while self._writer is not None and self._writer.failures:
            self._stop(*self._writer.failures.popleft())

    def finish(self, call: str, now: float) -> None:
        """The call is over."""
        self._over.discard(call)
        take = self._takes.pop(call, None)
        if take is not None and self._writer is not None:
            self._writer.put(take, *take.recording.end(now))
            self._writer.put(take, 0, None)

    def end(self, now: float) -> None:
        """The process ends."""
        for call in tuple(self._takes):
            self.finish(call, now)
        if self._writer is not None:
            self._writer.end()

    def _put(self, take: _Take, block: tuple[int, bytes]) -> None:
        if self._writer is None:
            return
        if take.queued - take.written < MAX_WAITING:
            self._writer.put(take, *block)
            return
        take.over = True
        self._writer.put(take, 0, None)
        self._stop(take, f"the disk is too slow: {MAX_WAITING} s of audio wait for it")

    def _stop(self, take: _Take, reason: str) -> None:
        if self._takes.get(take.call) is take:
            del self._takes[take.call]
            self._over.add(take.call)
            take.session.record(None)
            self._report(RecordingStopped(take.call, reason))
        elif not take.told:
            sys.stderr.write(f"media process: the end of a recording is not written ({reason})\n")
        take.told = True
