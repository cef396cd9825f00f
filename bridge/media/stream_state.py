"""[sans-IO] The life of one engine that is reached by WebSocket: when it counts as ready, lost, or gone."""

import enum
from dataclasses import dataclass

from bridge.verdicts import Complete

#: A goodbye waits so long for what is queued to be heard.
PLAY_OUT_S = 10.0
#: Pauses between tries to get a lost connection back; the last one is repeated.
BACK_OFF_S = (0.0, 0.1, 0.25, 0.5, 1.0, 2.0)
#: An engine that is lost again sooner gets no new budget for reconnecting: else it could go on for ever.
STEADY_S = 10.0


class StreamState(enum.Enum):
    """Where the stream is."""

    CONNECTING = "connecting"
    #: The engine was never ready.
    READY = "ready"
    RECONNECTING = "reconnecting"
    #: It was ready, and its connection is lost.
    LEAVING = "leaving"
    #: It has said all: what is queued is still played.
    CLOSED = "closed"


@dataclass(frozen=True)
class TryAgain:
    """Connect."""

    after_s: float
    """The pause before it."""
    first: bool
    """The first try since the connection was lost."""


@dataclass(frozen=True)
class PlayOut:
    """Play what is queued, then say `played_out`."""


@dataclass(frozen=True)
class Over:
    """The stream has ended; said once."""

    was_ready: bool
    lost: bool
    reason: str
    verdict: Complete | None = None


Step = TryAgain | PlayOut | Over | None


class StreamLife:
    """States of one stream. Times in seconds, monotonic; what must be done next is returned."""

    def __init__(self, connect_timeout_s: float, reconnect_s: float, now: float) -> None:
        self.state = StreamState.CONNECTING
        self._connect_timeout_s = connect_timeout_s
        self._reconnect_s = reconnect_s
        self._was_ready = False
        self._reason = ""
        self._verdict: Complete | None = None
        self._tries = 0
        #: When it was last ready anew.
        self._ready_at = now
        #: When a try, or the play-out, has taken too long.
        self._step_deadline = now + connect_timeout_s
        #: When reconnecting is given up.
        self._give_up_at: float | None = None

    @property
    def deadline(self) -> float | None:
        """When `expire` should be called."""
        match self.state:
            case StreamState.CONNECTING | StreamState.LEAVING:
                return self._step_deadline
            case StreamState.RECONNECTING:
                return min(self._step_deadline, self._give_up_at or self._step_deadline)
            case _:
                return None

    @property
    def over(self) -> bool:
        """Nothing happens any more."""
        return self.state is StreamState.CLOSED

    def ready(self, now: float) -> StreamState:
        """The engine can talk; returns the state before."""
        before = self.state
        if before in (StreamState.CONNECTING, StreamState.RECONNECTING):
            self._enter(StreamState.READY)
            self._was_ready = True
            self._ready_at = now
        return before

    def connection_lost(self, reason: str, now: float) -> Step:
        """The connection is gone, or a try was in vain, and the engine has not said goodbye."""
        match self.state:
            case StreamState.CONNECTING:
                return self._close(lost=False, reason=reason)
            case StreamState.READY:
                return self._reconnect(reason, now)
            case StreamState.RECONNECTING:
                return self._try_again(now)
            case _:
                return None

    def goodbye(self, verdict: Complete | None, reason: str, now: float) -> Step:
        """The engine has said all; one that was never ready has failed, whatever it said."""
        match self.state:
            case StreamState.CONNECTING:
                return self._close(lost=False, reason=f"{reason} before it was ready")
            case StreamState.READY | StreamState.RECONNECTING:
                self._enter(StreamState.LEAVING)
                self._verdict, self._reason = verdict, reason
                self._step_deadline = now + PLAY_OUT_S
                return PlayOut()
            case _:
                return None

    def played_out(self) -> Step:
        """What was queued has been heard."""
        if self.state is StreamState.LEAVING:
            return self._close(lost=False, reason=self._reason)
        return None

    def fail(self, reason: str) -> Step:
        """The engine cannot serve this call, or must not any more."""
        if self.state in (StreamState.CLOSED, StreamState.LEAVING):
            return None
        return self._close(lost=True, reason=reason)

    def stop(self, reason: str) -> Step:
        """The bridge has no use for it any more."""
        return None if self.over else self._close(lost=False, reason=reason)

    def expire(self, now: float) -> Step:
        """`deadline` is reached."""
        match self.state:
            case StreamState.CONNECTING:
                return self._close(lost=False, reason=f"it was not ready within {self._connect_timeout_s:g} s")
            case StreamState.RECONNECTING:
                return self._try_again(now)
            case StreamState.LEAVING:
                return self.played_out()
            case _:
                return None

    def _reconnect(self, reason: str, now: float) -> Step:
        if self._reconnect_s <= 0:
            return self._close(lost=True, reason=reason)
        self._reason = reason
        if self._give_up_at is None or now - self._ready_at >= STEADY_S:
            self._give_up_at, self._tries = now + self._reconnect_s, 0
        self._enter(StreamState.RECONNECTING)
        return self._try_again(now, first=True)

    def _try_again(self, now: float, *, first: bool = False) -> Step:
        if self._give_up_at is None or now >= self._give_up_at:
            reason = f"{self._reason}, and it could not be reached again within {self._reconnect_s:g} s"
            return self._close(lost=True, reason=reason)
        pause = BACK_OFF_S[min(self._tries, len(BACK_OFF_S) - 1)]
        self._tries += 1
        self._step_deadline = now + pause + self._connect_timeout_s
        return TryAgain(pause, first)

    def _close(self, *, lost: bool, reason: str) -> Over:
        self._enter(StreamState.CLOSED)
        return Over(self._was_ready, lost and self._was_ready, reason, self._verdict)

    def _enter(self, state: StreamState) -> None:
        self.state = state
