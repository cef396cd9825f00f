"""[sans-IO] What the bridge remembers of each media session, so that a new media process can take it over."""

from collections import deque
from dataclasses import dataclass, field, replace

from bridge.media.messages import Command, Flow, OpenSession, Prompt, SessionOpened, SetFlow, SetRemote, Side
from bridge.media.stream_messages import StreamCommand, StreamEnded, StreamFailed

#: Why a stream ended that was in a process that died.
PROCESS_DIED = "the media process died"


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
    started: set[Side] = field(default_factory=set)
    """Sides whose audio was reported to have started."""
    streams: dict[int, HeldStream] = field(default_factory=dict)
    """Those that were started and have not ended, by their number."""
    lost: list[StreamEnded | StreamFailed] = field(default_factory=list)
    """The ends of streams that went with a process, to be reported when the session is open again."""

    def opened(self, event: SessionOpened) -> None:
        """Its ports are known."""
        self.opening = replace(self.opening, customer_port=event.customer_port, engine_port=event.engine_port)

    def said_again(self) -> list[Command]:
        """What a new process must be told; it is taken for said."""
        commands: list[Command] = [self.opening, *self.remotes.values()]
        commands.append(SetFlow(self.opening.call, self.flow, self.prompt))
        for stream in self.streams.values():
            commands += stream.unsaid
            stream.unsaid = []
        return commands

    def process_died(self) -> None:
        """The streams it knew of went with it."""
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
