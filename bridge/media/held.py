"""[sans-IO] What the bridge remembers of each media session, so that a new media process can take it over."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from bridge.media.messages import (
    CallQuality,
    Command,
    Event,
    Flow,
    OpenSession,
    Prompt,
    QualityTick,
    Record,
    RtpTimedOut,
    SessionOpened,
    SetFlow,
    SetRemote,
    Side,
)
from bridge.media.stream_messages import StreamCommand, StreamEnded, StreamFailed

#: Why a stream ended that was in a process that died.
PROCESS_DIED = "the media process died"
#: A side may have spoken for so long since it was last heard of: that is told once a second, in rounds.
HEARSAY_S = 2.0


@dataclass
class HeldStream:
    """An engine that is reached by WebSocket; its connection cannot be taken over by another process."""

    unsaid: list[StreamCommand] = field(default_factory=list)
    """What no process has been told yet; with StartStream in it none knows of this stream."""
    ready: bool = False


@dataclass
class HeldSession:
    """What was said about one session, as far as it still holds."""

    opening: OpenSession
    """With its ports, once they are known."""
    remotes: dict[Side, SetRemote] = field(default_factory=dict)
    flow: Flow = Flow.RELAY
    prompt: Prompt = Prompt.NONE
    recording: Record | None = None
    started: set[Side] = field(default_factory=set)
    """Sides whose audio was reported to have started."""
    streams: dict[int, HeldStream] = field(default_factory=dict)
    """Those that were started and have not ended, by their number."""
    lost: list[StreamEnded | StreamFailed] = field(default_factory=list)
    """The ends of streams that went with a process, to be reported when the session is open again."""
    _silent_since: dict[Side, float] = field(default_factory=dict)
    _died_at: float | None = None
    """When the process died; None: it is there, or was not told of this session."""

    def opened(self, event: SessionOpened) -> None:
        """Its ports are known."""
        self.opening = replace(self.opening, customer_port=event.customer_port, engine_port=event.engine_port)

    def agreed(self, command: SetRemote, now: float) -> None:
        """A side's SDP is agreed, for the first time or anew."""
        if command != self.remotes.get(command.side):
            self._silent_since[command.side] = now
        self.remotes[command.side] = command

    def heard(self, quality: CallQuality, now: float) -> None:
        """How its audio was in the past second."""
        for side, sample in ((Side.CUSTOMER, quality.customer), (Side.ENGINE, quality.engine)):
            if sample is not None and sample.received:
                self._silent_since[side] = now

    def timed_out(self, side: Side, now: float) -> None:
        """Its silence was reported: a new process need not report it again at once."""
        self._silent_since[side] = now

    def _remotes_now(self, now: float) -> list[SetRemote]:
        """With the silence of each side; the time without a process does not count, as nobody listened."""
        unheard_s = 0.0 if self._died_at is None else now - self._died_at
        self._died_at = None
        told = []
        for side, remote in self.remotes.items():
            self._silent_since[side] = self._silent_since.get(side, now) + unheard_s
            silent_s = now - self._silent_since[side]
            told.append(replace(remote, silent_s=silent_s if silent_s >= HEARSAY_S else 0.0))
        return told

    def said_again(self, now: float) -> list[Command]:
        """What a new process must be told; it is taken for said."""
        commands: list[Command] = [self.opening, *self._remotes_now(now)]
        commands.append(SetFlow(self.opening.call, self.flow, self.prompt))
        if self.recording is not None:
            commands.append(self.recording)
        for stream in self.streams.values():
            commands += stream.unsaid
            stream.unsaid = []
        return commands

    def process_died(self, now: float) -> None:
        """The streams it knew of went with it."""
        if self._died_at is None:
            self._died_at = now
        call = self.opening.call
        for number in [number for number, stream in self.streams.items() if not stream.unsaid]:
            if self.streams.pop(number).ready:
                self.lost.append(StreamEnded(call, number, lost=True, reason=PROCESS_DIED))
            else:
                self.lost.append(StreamFailed(call, number, PROCESS_DIED))

    @property
    def ports(self) -> tuple[int, ...]:
        """The ports it has; none while they are not known."""
        return tuple(port for port in (self.opening.customer_port, self.opening.engine_port) if port)


def note_silence(sessions: Mapping[str, HeldSession], event: Event, now: float) -> None:
    """What an event says of how long the sides of calls have been silent."""
    if isinstance(event, QualityTick):
        for quality in event.calls:
            if quality.call in sessions:
                sessions[quality.call].heard(quality, now)
    elif isinstance(event, RtpTimedOut) and event.call in sessions:
        sessions[event.call].timed_out(event.side, now)


class RestingPorts:
    """Ports of sessions that closed a short while ago; a new process must let them rest, too."""

    def __init__(self, rest_s: float) -> None:
        self._rest_s = rest_s
        self._ports: deque[tuple[float, int]] = deque()

    def add(self, ports: tuple[int, ...], now: float) -> None:
        """These have come free."""
        self.at(now)
        self._ports.extend((now + self._rest_s, port) for port in ports)

    def at(self, now: float) -> tuple[int, ...]:
        """Those that rest still."""
        while self._ports and self._ports[0][0] <= now:
            self._ports.popleft()
        return tuple(port for _, port in self._ports)
