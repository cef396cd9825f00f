"""[sans-IO] The recording of one call: begun with the answer if the settings want it, paused and resumed by order."""

from collections.abc import Callable
from typing import Protocol

from bridge.errors import OrderRefused
from bridge.recording_words import RecordingState
from bridge.recordings.terms import RecordingTerms


class RecordingMedia(Protocol):
    """The media process."""

    def record(self, call: str, path: str, *, paused: bool) -> None:
        """Write the call's audio to this file from now on."""

    def pause_recording(self, call: str, paused: bool) -> None:
        """Silence in place of both sides, or not any more."""


class CallRecording:
    """`note` gets entries of the timeline. A pause that is ordered before the answer holds from the first sample on."""

    def __init__(
        self, call: str, agent: str, terms: RecordingTerms, media: RecordingMedia, note: Callable[..., None]
    ) -> None:
        self.state = RecordingState.OFF
        self._call, self._agent = call, agent
        self._terms = terms
        self._media = media
        self._note = note
        self._answered = self._paused = False

    def begin(self, engine: str, at: float) -> None:
        """The call is answered at that time (seconds since the epoch), and this engine has it."""
        self._answered = True
        if self._terms.wants(self._agent, engine):
            self.state = RecordingState.PAUSED if self._paused else RecordingState.RECORDING
            self._media.record(self._call, self._terms.path(self._agent, self._call, at), paused=self._paused)
            self._note("recording_started", paused=self._paused)

    def order(self, paused: bool, by: str) -> RecordingState:
        """Pause or go on; what it is now. Raises OrderRefused when there is nothing to go on with.

        A pause is never refused: what is not recorded is as silent as was wanted.
        """
        if self.state in (RecordingState.RECORDING, RecordingState.PAUSED):
            self._change(paused, by)
        elif not self._answered:
            self._paused = paused
        elif not paused:
            raise OrderRefused("not_recorded", "the call is not recorded")
        return self.state

    def stopped(self, reason: str) -> None:
        """The disk failed; the call goes on."""
        self.state = RecordingState.STOPPED
        self._note("recording_stopped", reason=reason)

    def _change(self, paused: bool, by: str) -> None:
        if paused is self._paused:
            return
        self._paused = paused
        self.state = RecordingState.PAUSED if paused else RecordingState.RECORDING
        self._media.pause_recording(self._call, paused)
        self._note("recording_paused" if paused else "recording_resumed", by=by)
