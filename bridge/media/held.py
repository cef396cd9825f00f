"""[sans-IO] What the bridge remembers of each media session, so that a new media process can take it over."""

from collections import deque
from dataclasses import dataclass, field, replace

from bridge.media.messages import Command, Flow, OpenSession, SessionOpened, SetFlow, SetRemote, Side


@dataclass
class HeldSession:
    """What was said about one session, as far as it still holds."""

    opening: OpenSession
    """With its ports, once they are known."""
    remotes: dict[Side, SetRemote] = field(default_factory=dict)
    flow: Flow = Flow.RELAY
    started: set[Side] = field(default_factory=set)
    """Sides whose audio was reported to have started."""

    def opened(self, event: SessionOpened) -> None:
        """Its ports are known."""
        self.opening = replace(self.opening, customer_port=event.customer_port, engine_port=event.engine_port)

    def said_again(self) -> list[Command]:
        """What a new process must be told."""
        return [self.opening, *self.remotes.values(), SetFlow(self.opening.call, self.flow)]

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
