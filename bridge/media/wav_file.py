"""A recording on disk: while it grows it can be played, whoever dies; when it is complete it gets its name."""

import errno
import fcntl
import os
from contextlib import suppress
from pathlib import Path

from bridge.media.wav import FRAME_SIZE, HEADER_SIZE, MAX_FRAMES, SILENCE, codec_of, header
from sip.messages import Codec

#: What the name of a file that is being written ends in.
PART = ".part"
#: Frames of silence that are written at once.
_PIECE = 8192


class WavFile:
    """One file that is being written. All methods block and raise OSError.

    A lock on the file says that it is being written: a process that dies loses it with all else.
    """

    def __init__(self, path: Path, codec: Codec) -> None:
        """Begin the file, or go on with what another process has left of it."""
        self._path, self._part = path, path.with_name(path.name + PART)
        if path.exists():
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST))
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
        self._descriptor = os.open(self._part, flags, 0o600)
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self._size = max(os.fstat(self._descriptor).st_size - HEADER_SIZE, 0) // FRAME_SIZE * FRAME_SIZE
            self._codec = codec_of(os.pread(self._descriptor, HEADER_SIZE, 0)) or codec
            self._write_header()
        except BaseException:
            os.close(self._descriptor)
            raise

    @property
    def frames(self) -> int:
        """How many there are."""
        return self._size // FRAME_SIZE

    def put(self, place: int, frames: bytes) -> None:
        """Write frames that belong to this place; what is missing before it is silence, what is there stays."""
        overlap = min((self.frames - place) * FRAME_SIZE, len(frames))
        silence = SILENCE[self._codec] * FRAME_SIZE * _PIECE
        while self.frames < place:
            self._append(silence[: (place - self.frames) * FRAME_SIZE])
        self._append(frames[max(overlap, 0) :])
        self._write_header()

    def finish(self) -> None:
        """The file is complete."""
        try:
            self._write_header()
            os.rename(self._part, self._path)
        finally:
            os.close(self._descriptor)

    def _append(self, data: bytes) -> None:
        if self.frames + len(data) // FRAME_SIZE > MAX_FRAMES:
            raise OSError(errno.EFBIG, os.strerror(errno.EFBIG))
        left = memoryview(data)
        while left:
            written = os.pwrite(self._descriptor, left, HEADER_SIZE + self._size)
            self._size += written  # also when a full disk takes but a part
            left = left[written:]

    def _write_header(self) -> None:
        os.pwrite(self._descriptor, header(self._codec, self.frames), 0)


def recover(part: Path) -> Path | None:
    """Complete a file whose writer has died; None: somebody writes it, or it is empty, and then it goes.

    Raises OSError.
    """
    path = part.with_name(part.name.removesuffix(PART))
    descriptor = os.open(part, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return None
        codec = codec_of(os.pread(descriptor, HEADER_SIZE, 0))
        frames = (os.fstat(descriptor).st_size - HEADER_SIZE) // FRAME_SIZE
        if codec is None or frames <= 0:
            with suppress(FileNotFoundError):
                os.unlink(part)
            return None
        os.pwrite(descriptor, header(codec, frames), 0)
        os.rename(part, path)
        return path
    finally:
        os.close(descriptor)
