"""[sans-IO] A call as others may see it: facts, state, and what was said."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from bridge.call_facts import ScreenPopRows
from bridge.media.messages import Side
from bridge.media.statistics import QualitySample
from bridge.recording_words import RecordingState


@dataclass(frozen=True)
class CallView:
    """One call at one moment."""

    call: str
    agent_number: str
    caller: str
    caller_name: str
    transaction_id: str
    session_id: str
    service_id: str
    state: str
    """The name of its CallState, in lower case."""
    engine: str
    """The name of the engine it has, or had last; empty before the first."""
    screen_pop: ScreenPopRows | None
    """None: not come yet, or never."""
    transcript: tuple[tuple[str, str], ...]
    """Who, "bot" or "customer", said what."""
    started_at: float = 0.0
    """When its INVITE came, in seconds since the epoch."""
    since: float = 0.0
    """When its state began, in seconds since the epoch."""
    quality: Mapping[Side, QualitySample] = field(default_factory=dict)
    """How the audio of each side was in the past second."""
    recording: RecordingState = RecordingState.OFF
