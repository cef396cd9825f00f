"""The journal's file on disk: one bridge has it at a time, and only its owner may read it."""

import fcntl
import os
import stat
from pathlib import Path

from bridge.errors import JournalUnusable


class JournalFile:
    """Held from `__init__` to `release`; when the process dies the kernel releases it."""

    def __init__(self, path: Path) -> None:
        """Make the file and its folder if need be; raises JournalUnusable."""
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            # Customers' numbers stand in it. SQLite gives the files it puts beside this one the same mode.
            self._handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except (OSError, ValueError) as exc:  # ValueError: a null byte
            raise JournalUnusable(str(path), str(exc)) from exc
        try:
            # SQLite's own locks are of another kind (fcntl): others may read the file meanwhile.
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as exc:
            os.close(self._handle)
            raise JournalUnusable(str(path), "another bridge is at work with it") from exc

    def release(self) -> None:
        """Only after SQLite has closed the file: closing any handle of it drops SQLite's locks."""
        os.close(self._handle)


def check_journal(path: Path) -> None:
    """Whether a journal can be kept there; raises JournalUnusable. Changes nothing."""
    fault = ""
    try:
        if not stat.S_ISREG(path.stat().st_mode) or not os.access(path, os.R_OK | os.W_OK):
            fault = "it is no file to read and write"
    except FileNotFoundError:
        folder = next(parent for parent in path.absolute().parents if parent.exists())
        if not folder.is_dir() or not os.access(folder, os.W_OK | os.X_OK):
            fault = f"{folder} is no folder to write to"
    except (OSError, ValueError) as exc:  # ValueError: a null byte
        fault = str(exc)
    if fault:
        raise JournalUnusable(str(path), fault)
