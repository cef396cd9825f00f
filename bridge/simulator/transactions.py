"""[sans-IO] SIP transactions over UDP: what to send again, when to give up (RFC 3261 section 17, RFC 6026)."""

import enum
from dataclasses import dataclass, replace

from bridge.simulator.sip_text import Request, Response, answer
from sip.messages import Header


@dataclass(frozen=True)
class Timers:
    """RFC 3261's base timers, in seconds."""

    t1: float = 0.5
    t2: float = 4.0
    t4: float = 5.0

    @property
    def give_up(self) -> float:
        """How long a transaction waits for the other side at all: 64 × T1."""
        return 64 * self.t1


@dataclass(frozen=True)
class Send:
    """Put this on the wire, to the transaction's address."""

    data: bytes


@dataclass(frozen=True)
class Deliver:
    """Give this response to whoever sent the request."""

    response: Response


@dataclass(frozen=True)
class NotAcknowledged:
    """Our final response, or our reliable provisional one, was not acknowledged in time."""


Output = Send | Deliver | NotAcknowledged


class State(enum.Enum):
    """A transaction's life; ACCEPTED is RFC 6026's."""

    TRYING = enum.auto()
    PROCEEDING = enum.auto()
    ACCEPTED = enum.auto()
    COMPLETED = enum.auto()
    CONFIRMED = enum.auto()
    TERMINATED = enum.auto()


class _Transaction:
    """A state, an end, and at most one thing to say again."""

    def __init__(self, timers: Timers) -> None:
        self.timers = timers
        self.state = State.TRYING
        self._ends_at: float | None = None
        self._repeat: bytes = b""
        self._repeat_at: float | None = None
        self._interval = timers.t1

    @property
    def deadline(self) -> float | None:
        """When timer_fired wants to be called."""
        times = [time for time in (self._ends_at, self._repeat_at) if time is not None]
        return min(times, default=None)

    def _enter(self, state: State, now: float, ends_after: float | None) -> None:
        self.state = state
        self._ends_at = None if ends_after is None else now + ends_after

    def _repeat_from(self, data: bytes, now: float) -> None:
        self._repeat, self._interval = data, self.timers.t1
        self._repeat_at = now + self._interval

    def _stop_repeating(self) -> None:
        self._repeat_at = None

    def _again(self, now: float, longest: float | None) -> list[Output]:
        if self._repeat_at is None or now < self._repeat_at:
            return []
        self._interval *= 2
        if longest is not None:
            self._interval = min(self._interval, longest)
        self._repeat_at = now + self._interval
        return [Send(self._repeat)]


class ClientTransaction(_Transaction):
    """A request of ours, ACK excepted, until its final response is safely here."""

    def __init__(self, request: Request, timers: Timers) -> None:
        super().__init__(timers)
        self.request = request
        self._invite = request.method == "INVITE"

    def start(self, now: float) -> list[Output]:
        """Send the request."""
        data = self.request.encode()
        self._enter(State.TRYING, now, self.timers.give_up)
        self._repeat_from(data, now)
        return [Send(data)]

    def receive(self, response: Response, now: float) -> list[Output]:
        """Take a response to the request."""
        if response.status < 200:
            return self._receive_provisional(response, now)
        self._stop_repeating()
        if self._invite:
            return self._receive_invite_final(response, now)
        if self.state in (State.TRYING, State.PROCEEDING):
            self._enter(State.COMPLETED, now, self.timers.t4)
            return [Deliver(response)]
        return []

    def timer_fired(self, now: float) -> list[Output]:
        """The deadline is reached."""
        if self._ends_at is not None and now >= self._ends_at:
            waited = self.state in (State.TRYING, State.PROCEEDING)
            self._enter(State.TERMINATED, now, None)
            self._stop_repeating()
            return [Deliver(answer(self.request, 408))] if waited else []
        return self._again(now, None if self._invite else self.timers.t2)

    def _receive_provisional(self, response: Response, now: float) -> list[Output]:
        if self.state not in (State.TRYING, State.PROCEEDING):
            return []
        if self._invite:
            self._stop_repeating()
            self._enter(State.PROCEEDING, now, None)
        else:
            self.state = State.PROCEEDING
            self._interval = self.timers.t2
        return [Deliver(response)]

    def _receive_invite_final(self, response: Response, now: float) -> list[Output]:
        if response.status < 300:
            if self.state is State.COMPLETED:
                return []
            if self.state is not State.ACCEPTED:
                self._enter(State.ACCEPTED, now, self.timers.give_up)
            # Repeated 2xx are delivered too: each wants its ACK from the dialog.
            return [Deliver(response)]
        first = self.state in (State.TRYING, State.PROCEEDING)
        if first:
            self._enter(State.COMPLETED, now, self.timers.give_up)
        elif self.state is not State.COMPLETED:
            return []
        acknowledged: list[Output] = [Send(hop_request(self.request, "ACK", response).encode())]
        return [*acknowledged, Deliver(response)] if first else acknowledged


class ServerTransaction(_Transaction):
    """A request of the other side, ACK excepted, until it surely has our answer."""

    def __init__(self, request: Request, timers: Timers) -> None:
        super().__init__(timers)
        self.request = request
        self._invite = request.method == "INVITE"
        self._last: bytes = b""

    @property
    def answered(self) -> bool:
        """A final response was given."""
        return self.state not in (State.TRYING, State.PROCEEDING)

    def receive_again(self) -> list[Output]:
        """The request was retransmitted."""
        repeats = self._last and self.state in (State.PROCEEDING, State.COMPLETED)
        return [Send(self._last)] if repeats else []

    def respond(self, response: Response, now: float, reliably: bool = False) -> list[Output]:
        """Send a response; `reliably` repeats a provisional one until acknowledged (RFC 3262)."""
        if self.answered:
            return []
        self._last = response.encode()
        self._stop_repeating()
        if response.status < 200:
            self._enter(State.PROCEEDING, now, self.timers.give_up if reliably else None)
            if reliably:
                self._repeat_from(self._last, now)
        elif self._invite:
            self._enter(State.ACCEPTED if response.status < 300 else State.COMPLETED, now, self.timers.give_up)
            self._repeat_from(self._last, now)
        else:
            self._enter(State.COMPLETED, now, self.timers.give_up)
        return [Send(self._last)]

    def acknowledge(self, now: float) -> None:
        """The ACK came, or the PRACK of a reliable provisional response."""
        self._stop_repeating()
        if self.state is State.PROCEEDING:
            self._enter(State.PROCEEDING, now, None)
        elif self.state in (State.ACCEPTED, State.COMPLETED):
            self._enter(State.CONFIRMED, now, self.timers.t4)

    def timer_fired(self, now: float) -> list[Output]:
        """The deadline is reached."""
        if self._ends_at is not None and now >= self._ends_at:
            unheard = self._invite and self._repeat_at is not None
            self._stop_repeating()
            if self.state is State.PROCEEDING:
                self._enter(State.PROCEEDING, now, None)
            else:
                self._enter(State.TERMINATED, now, None)
            return [NotAcknowledged()] if unheard else []
        return self._again(now, None if self.state is State.PROCEEDING else self.timers.t2)


def hop_request(invite: Request, method: str, response: Response | None = None) -> Request:
    """The CANCEL, or the ACK of a refusal, that belongs to an INVITE (RFC 3261 sections 9.1 and 17.1.1.3).

    It has the INVITE's topmost Via alone, and its Routes.
    """
    recipient = response.recipient if response is not None else invite.recipient
    headers = [Header("Via", str(invite.vias[0]))]
    headers += [Header("Route", route) for route in invite.every("Route")]
    headers += [
        Header("Max-Forwards", "70"),
        Header("From", str(invite.sender)),
        Header("To", str(recipient)),
        Header("Call-ID", invite.call_id),
        Header("CSeq", f"{invite.cseq.number} {method}"),
    ]
    return replace(invite, method=method, headers=tuple(headers), body=b"")
