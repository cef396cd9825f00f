"""[sans-IO] Which calls are recorded, and where to."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import PurePath

#: DAY/TIME_AGENT_CALL.wav, the customer's number not in it.
_NAME = re.compile(r"[0-9]{6}_[0-9]{1,20}_([0-9a-f]{20})\.wav(\.part)?")
_CALL = re.compile(r"[0-9a-f]{20}")
#: The folder of one day, in UTC.
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True)
class RecordingTerms:
    """What [recording] says."""

    enabled: bool = False
    folder: str = ""
    agents: frozenset[str] = frozenset()
    """Their numbers; empty: all."""
    engines: frozenset[str] = frozenset()
    """The names of those whose calls are recorded; empty: all."""

    def wants(self, agent: str, engine: str) -> bool:
        """A call of this agent that this engine answers is recorded."""
        fits = (not self.agents or agent in self.agents) and (not self.engines or engine in self.engines)
        return self.enabled and fits

    def path(self, agent: str, call: str, at: float) -> str:
        """The file for a call that was answered at that time (seconds since the epoch)."""
        moment = datetime.fromtimestamp(at, UTC)
        return str(PurePath(self.folder, f"{moment:%Y-%m-%d}", f"{moment:%H%M%S}_{agent}_{call}.wav"))


def call_of(name: str) -> str | None:
    """The call that a file of this name is of; None: it is no recording of ours."""
    found = _NAME.fullmatch(name)
    return found[1] if found else None


def is_call(text: str) -> bool:
    """It can be a call's id."""
    return _CALL.fullmatch(text) is not None
