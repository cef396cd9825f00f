"""One SIP transaction on a socket: its timer, its address, and who is told what comes of it."""

import asyncio
from collections.abc import Callable, Iterable
from typing import Protocol

from bridge.simulator.proxy_path import Address
from bridge.simulator.sip_text import Request, Response, answer
from bridge.simulator.transactions import (
    ClientTransaction,
    Deliver,
    NotAcknowledged,
    Output,
    Send,
    ServerTransaction,
    State,
)
from sip.messages import Header


class Socket(Protocol):
    """What a transaction needs of the user agent."""

    loop: asyncio.AbstractEventLoop
    closed: bool

    def transmit(self, data: bytes, address: Address, sip_call_id: str) -> None:
        """Put a datagram on the wire."""


class _Wire:
    """One transaction on the socket, with its timer."""

    def __init__(self, socket: Socket, core: ClientTransaction | ServerTransaction, address: Address) -> None:
        self._socket = socket
        self._core = core
        self.address = address
        self.on_over: Callable[[], None] | None = None
        """Told when the transaction is over."""
        self._timer: asyncio.TimerHandle | None = None

    def perform(self, outputs: list[Output]) -> None:
        """Do what the transaction says and arm its timer anew."""
        for output in outputs:
            self._perform_one(output)
        self.stop()
        if self._core.deadline is not None and not self._socket.closed:
            self._timer = self._socket.loop.call_at(self._core.deadline, self._timer_fired)
        elif self._core.state is State.TERMINATED and self.on_over is not None:
            self.on_over()

    def stop(self) -> None:
        """No more retransmissions."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _perform_one(self, output: Output) -> None:
        if isinstance(output, Send):
            self._socket.transmit(output.data, self.address, self._core.request.call_id)

    def _timer_fired(self) -> None:
        self._timer = None
        self.perform(self._core.timer_fired(self._socket.loop.time()))


class Sent(_Wire):
    """A request of ours and its transaction."""

    _core: ClientTransaction

    def __init__(
        self, socket: Socket, core: ClientTransaction, address: Address, on_response: Callable[[Response], None]
    ) -> None:
        super().__init__(socket, core, address)
        self._on_response = on_response

    def start(self) -> None:
        """Send the request."""
        self.perform(self._core.start(self._socket.loop.time()))

    @property
    def request(self) -> Request:
        """The request as it went out, Via values and all."""
        return self._core.request

    @property
    def proceeding(self) -> bool:
        """A provisional response came and no final one yet: it can be cancelled."""
        return self._core.state is State.PROCEEDING

    def receive(self, response: Response) -> None:
        """A response came from the socket."""
        self.perform(self._core.receive(response, self._socket.loop.time()))

    def _perform_one(self, output: Output) -> None:
        super()._perform_one(output)
        if isinstance(output, Deliver):
            self._on_response(output.response)


class Incoming(_Wire):
    """A request of the other side and its transaction."""

    _core: ServerTransaction

    def __init__(self, socket: Socket, core: ServerTransaction, address: Address) -> None:
        super().__init__(socket, core, address)
        self.on_cancel: Callable[[Request], None] | None = None
        self.cancelled_by: Request | None = None
        self.on_not_acknowledged: Callable[[], None] | None = None

    @property
    def request(self) -> Request:
        """The request, the proxies' Routes taken off."""
        return self._core.request

    @property
    def answered(self) -> bool:
        """A final response was sent."""
        return self._core.answered

    @property
    def accepted(self) -> bool:
        """An INVITE that was answered with 2xx and not acknowledged yet."""
        return self._core.state is State.ACCEPTED

    def respond(
        self, status: int, headers: Iterable[Header] = (), body: bytes = b"", tag: str = "", reliably: bool = False
    ) -> None:
        """Send a response; SDP is the only body we answer with."""
        lines = [*headers]
        if body:
            lines.append(Header("Content-Type", "application/sdp"))
        response = answer(self.request, status, lines, body, tag)
        self.perform(self._core.respond(response, self._socket.loop.time(), reliably))

    def receive_again(self) -> None:
        """The same request again: so is the answer."""
        self.perform(self._core.receive_again())

    def cancel(self, cancel: Request) -> None:
        """A CANCEL for this INVITE came; without effect when it is answered."""
        if not self.answered:
            self.cancelled_by = cancel
            if self.on_cancel is not None:
                self.on_cancel(cancel)

    def acknowledge(self) -> None:
        """ACK or PRACK came."""
        self._core.acknowledge(self._socket.loop.time())
        self.perform([])

    def _perform_one(self, output: Output) -> None:
        super()._perform_one(output)
        if isinstance(output, NotAcknowledged) and self.on_not_acknowledged is not None:
            self.on_not_acknowledged()
