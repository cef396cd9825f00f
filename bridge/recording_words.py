"""[sans-IO] What a bot, or an operator, may say of the recording of a call, and what became of it."""

import enum
from collections.abc import Mapping
from typing import Any

from bridge.errors import InvalidVerdict


class RecordingState(enum.StrEnum):
    """Whether a call is recorded."""

    OFF = "off"
    """By the settings, or not answered yet."""
    RECORDING = "recording"
    PAUSED = "paused"
    """Both sides are silence for now."""
    STOPPED = "stopped"
    """The disk failed: what there is of it can be played."""


def wants_pause(said: Mapping[str, Any]) -> bool:
    """What {"state": "paused" | "recording"} wants; raises InvalidVerdict."""
    match said.get("state"):
        case "paused":
            return True
        case "recording":
            return False
        case other:
            raise InvalidVerdict(f'"state" must be "paused" or "recording", not {str(other)[:40]!r}')
