"""The folder with the recordings. All of it blocks: it is run in a thread."""

import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import structlog

from bridge.media.wav_file import PART, recover
from bridge.recordings.terms import DAY, call_of, is_call

log = structlog.get_logger()


class Shelf:
    """Touches what has the name of a recording, and nothing else."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def find(self, call: str) -> Path | None:
        """The recording of a call, complete or still growing; None: there is none."""
        if not is_call(call):
            return None
        found = sorted(path for path in self._files() if call_of(path.name) == call)  # a complete one comes first
        return found[0] if found else None

    def recover(self, idle_s: float, now: float) -> int:
        """Complete what a process has left that died, and that nothing was written to for so long; how many."""
        completed = 0
        for path in self._files():
            with suppress(FileNotFoundError):
                if path.suffix == PART and now - path.stat().st_mtime >= idle_s:
                    completed += self._recover(path)
        return completed

    def prune(self, before: float) -> int:
        """Delete complete recordings that were last written to before that time (seconds since the epoch); how many."""
        deleted = 0
        for path in tuple(self._files()):
            with suppress(FileNotFoundError):
                if path.suffix != PART and path.lstat().st_mtime < before:
                    path.unlink()
                    deleted += 1
                    with suppress(OSError):  # others are in it
                        path.parent.rmdir()
        return deleted

    def used(self) -> int:
        """How many bytes all recordings have, complete or not."""
        total = 0
        for path in self._files():
            with suppress(FileNotFoundError):
                total += path.lstat().st_size
        return total

    def free(self) -> int:
        """How many bytes the disk has left; of a folder that is not made yet, the disk that it will be on."""
        folder = self._folder.absolute()
        return shutil.disk_usage(next(each for each in (folder, *folder.parents) if each.exists())).free

    def _recover(self, part: Path) -> bool:
        try:
            return recover(part) is not None
        except OSError as exc:
            log.warning("recording_not_completed", file=part.name, reason=exc.strerror)
            return False

    def _files(self) -> Iterator[Path]:
        for day in self._entries(self._folder):
            if DAY.fullmatch(day.name) and day.is_dir(follow_symlinks=False):
                for entry in self._entries(Path(day.path)):
                    if call_of(entry.name) is not None and entry.is_file(follow_symlinks=False):
                        yield Path(entry.path)

    @staticmethod
    def _entries(folder: Path) -> list[os.DirEntry[str]]:
        """Those there are; a folder that is gone, or not made yet, has none."""
        try:
            with os.scandir(folder) as entries:
                return list(entries)
        except OSError:
            return []
