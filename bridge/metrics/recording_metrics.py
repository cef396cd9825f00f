"""[sans-IO] What is counted of calls' recordings, from the entries of their timelines."""

import os
from collections import Counter
from errno import EDQUOT, ENOSPC

from prometheus_client import CollectorRegistry

from bridge.calls.timeline import Entry
from bridge.metrics import catalogue
from bridge.recording_words import RecordingState

#: Why a recording ended, as its entry says it.
_DISK_FULL = frozenset(map(os.strerror, (ENOSPC, EDQUOT)))
_DISK_SLOW = "the disk is too slow"
#: What an entry says of the recording of its call; None: there is none any more.
_STATES = {
    "recording_started": RecordingState.RECORDING,
    "recording_paused": RecordingState.PAUSED,
    "recording_resumed": RecordingState.RECORDING,
    "recording_stopped": None,
    "customer_leg_ended": None,
    "closed": None,
}


class RecordingMetrics:
    """A listener of all calls."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._states: dict[str, RecordingState] = {}
        """Of the calls that are being recorded."""
        self._active = catalogue.RECORDINGS_ACTIVE.gauge(registry)
        self._stopped = catalogue.RECORDINGS_STOPPED.counter(registry)
        for reason in ("disk_full", "disk_slow", "disk_failed"):
            self._stopped.labels(reason)
        self._tell()

    def heard(self, entry: Entry) -> None:
        """Something happened to a call."""
        if entry.what not in _STATES:
            return
        if entry.what == "recording_stopped":
            self._stopped.labels(_reason(str(entry.facts["reason"]))).inc()
        state = _STATES[entry.what]
        if state is RecordingState.RECORDING and entry.facts.get("paused"):  # since before the answer
            state = RecordingState.PAUSED
        if state is not self._states.get(entry.call):
            if state is None:
                del self._states[entry.call]
            else:
                self._states[entry.call] = state
            self._tell()

    def _tell(self) -> None:
        counts = Counter(self._states.values())
        for state in (RecordingState.RECORDING, RecordingState.PAUSED):
            self._active.labels(state).set(counts[state])


def _reason(said: str) -> str:
    if said in _DISK_FULL:
        return "disk_full"
    return "disk_slow" if said.startswith(_DISK_SLOW) else "disk_failed"
