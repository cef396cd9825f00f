"""One INVITE of ours, the first of a call or a later one: its responses, the ACK of every 2xx, CANCEL."""

import asyncio
from collections.abc import Callable

from bridge.simulator.errors import InvalidDatagram
from bridge.simulator.exchanges import Sent
from bridge.simulator.sip_text import Request, Response, answer
from bridge.simulator.user_agent import UserAgent


class Invitation:
    """An INVITE on its way."""

    def __init__(
        self,
        agent: UserAgent,
        request: Request,
        accepted: Callable[[Response], Request],
        on_provisional: Callable[[Response], None],
    ) -> None:
        """`accepted` gets the first 2xx and makes its ACK, without Via. Raises InvalidDatagram as UserAgent.send."""
        self.final: asyncio.Future[Response] = agent.loop.create_future()
        self._agent = agent
        self._accepted = accepted
        self._on_provisional = on_provisional
        self._acknowledge: Callable[[], None] | None = None
        self._cancelled = False
        self._given_up: asyncio.TimerHandle | None = None
        self._sent: Sent = agent.send(request, self._response_received)

    def cancel(self) -> None:
        """Send CANCEL; not before a provisional response has come (RFC 3261 section 9.1)."""
        if self._cancelled or self.final.done():
            return
        self._cancelled = True
        if self._sent.proceeding:
            self._send_cancel()

    def _response_received(self, response: Response) -> None:
        if response.status < 200:
            if self._cancelled and self._given_up is None:
                self._send_cancel()
            self._on_provisional(response)
            return
        if response.status < 300:
            self._acknowledge_again(response)
        self._finish(response)

    def _send_cancel(self) -> None:
        self._agent.cancel(self._sent)
        # The other side may never answer the INVITE; we wait for it as long as RFC 3261 section 9.1 says.
        gone = answer(self._sent.request, 487)
        self._given_up = self._agent.loop.call_later(self._agent.timers.give_up, self._finish, gone)

    def _finish(self, response: Response) -> None:
        if self._given_up is not None:
            self._given_up.cancel()
        if not self.final.done():
            self.final.set_result(response)

    def _acknowledge_again(self, response: Response) -> None:
        if self._acknowledge is None:
            try:
                self._acknowledge = self._agent.send_ack(self._accepted(response))
            except InvalidDatagram as exc:
                self._agent.owner.faulty(response.call_id, exc.detail)
                self._finish(answer(self._sent.request, 500))
        else:
            self._acknowledge()
