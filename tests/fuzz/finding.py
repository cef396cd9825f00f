"""What a target did wrong with an input, and the shortest input that shows it."""

import traceback
from collections.abc import Callable
from dataclasses import dataclass

from tests.fuzz.target import Target, TooSlow, check

_LONGEST_TRACE = 3_000
#: Inputs tried while one is made shorter.
_MAX_TRIES = 400


@dataclass(frozen=True)
class Finding:
    """One fault; two inputs that show the same one give equal findings."""

    kind: str
    """The class of what was raised."""
    place: str
    """Where it was raised: the innermost line of ours."""


def finding(target: Target, data: bytes, limit_s: float) -> tuple[Finding, str] | None:
    """What is wrong, and a traceback of it; None when nothing is."""
    try:
        check(target, data, limit_s)
    except TooSlow as exc:
        return Finding("TooSlow", ""), str(exc)
    except Exception as exc:  # noqa: BLE001  (whatever it is, it is a finding)
        frames = [frame for frame in traceback.extract_tb(exc.__traceback__) if _is_ours(frame.filename)]
        place = f"{frames[-1].filename}:{frames[-1].lineno}" if frames else ""
        return Finding(type(exc).__name__, place), "".join(traceback.format_exception(exc, chain=False))[
            -_LONGEST_TRACE:
        ]
    return None


def _is_ours(path: str) -> bool:
    return any(f"/{part}/" in path for part in ("bridge", "sip", "tests"))


def shrunk(data: bytes, is_same: Callable[[bytes], bool]) -> bytes:
    """A shorter input of which `is_same` still holds: pieces are left out, large ones first."""
    tries = 0
    size = len(data) // 2
    while size:
        at = 0
        while at < len(data) and tries < _MAX_TRIES:
            tries += 1
            shorter = data[:at] + data[at + size :]
            if is_same(shorter):
                data = shorter
            else:
                at += size
        size //= 2
    return data
