"""The called end of a call: rings, reliably if asked, answers or refuses, and hears the first ACK."""

from collections.abc import Callable, Iterable

from bridge.simulator.dialog import Dialog
from bridge.simulator.exchanges import Incoming
from bridge.simulator.negotiation import Negotiation
from bridge.simulator.session import Phase, Session
from bridge.simulator.session_events import Answered, Refused, SessionEvent
from bridge.simulator.sip_text import Request
from bridge.simulator.user_agent import UserAgent, new_token
from sip.messages import Header


class AnsweringSession(Session):
    """A call that came to us."""

    def __init__(
        self,
        agent: UserAgent,
        media: Negotiation,
        on_event: Callable[[SessionEvent], None],
        name: str,
        invite: Incoming,
    ) -> None:
        """Raises InvalidDatagram when the INVITE has no Contact."""
        super().__init__(agent, media, on_event, name)
        self._invite = invite
        host, port = agent.address
        contact = f"<sip:{agent.name}@{host}:{port}>"
        self.register(Dialog.of_callee(invite.request, new_token()[:16], contact))
        self._reliable_sequence = 0
        invite.on_cancel = self._cancelled
        invite.on_not_acknowledged = self._no_prack

    @property
    def pending(self) -> bool:
        """The INVITE waits for its final response."""
        return self.phase is Phase.SETTING_UP and not self._invite.answered

    def begin(self) -> None:
        """Send 100, or 487 when a CANCEL was faster than we."""
        if self._invite.cancelled_by is not None:
            self._cancelled(self._invite.cancelled_by)
        else:
            self._invite.respond(100)

    def ring(self, status: int = 180) -> None:
        """Send a provisional response; reliably when the INVITE requires it (RFC 3262 section 3)."""
        if not self.pending:
            return
        headers = [Header("Contact", self.dialog.contact)]
        reliably = "100rel" in self._invite.request.tokens("Require")
        if reliably:
            self._reliable_sequence += 1
            headers += [Header("Require", "100rel"), Header("RSeq", str(self._reliable_sequence))]
        self._invite.respond(status, headers, tag=self.dialog.local.tag, reliably=reliably)

    def answer(self) -> bool:
        """Send 200 with our answer, or an offer if the INVITE had none; without a common codec 488, and False."""
        if not self.pending:
            return False
        offer = self._invite.request.body
        body = self.media.answer(offer) if offer else self.media.offer()
        if body is None:
            self.refuse(488)
            return False
        self.send_ok(self._invite, body)
        return True

    def refuse(self, status: int, headers: Iterable[Header] = ()) -> None:
        """Send a final response of 300 or more."""
        if self.pending:
            self._invite.respond(status, headers, tag=self.dialog.local.tag)
            self._over(Refused(status, tuple(headers)))

    def acknowledged(self) -> None:
        """The first ACK: the call is up."""
        if self.phase is Phase.SETTING_UP:
            self._enter(Phase.UP)
            self.on_event(Answered())

    def prack_received(self, incoming: Incoming) -> None:
        """The PRACK of our last reliable provisional response."""
        request = self._invite.request
        expected = f"{self._reliable_sequence} {request.cseq.number} INVITE"
        if not self._reliable_sequence or " ".join((incoming.request.first("RAck") or "").split()) != expected:
            incoming.respond(481)
            return
        self._invite.acknowledge()
        incoming.respond(200)

    def bye_received(self, incoming: Incoming) -> None:
        """A BYE in the early dialog ends the INVITE as a CANCEL does (RFC 3261 section 15)."""
        if self.pending:
            incoming.respond(200)
            self._cancelled(incoming.request)
        else:
            super().bye_received(incoming)

    def _no_prack(self) -> None:
        # RFC 3262 section 3: without PRACK within 64 x T1 the INVITE is refused with a 5xx.
        self.refuse(500)

    def _cancelled(self, ending: Request) -> None:
        if self.pending:
            headers = tuple(header for header in ending.headers if header.name.lower() == "reason")
            self._invite.respond(487, tag=self.dialog.local.tag)
            self._over(Refused(487, headers))
