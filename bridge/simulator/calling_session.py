"""The calling end of a call: its INVITE, PRACK, CANCEL, the retry after 422, a late offer's answer."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from bridge.simulator.dialog import Dialog
from bridge.simulator.errors import InvalidDatagram
from bridge.simulator.invitation import Invitation
from bridge.simulator.negotiation import Negotiation
from bridge.simulator.session import NO_COMMON_CODEC, Phase, Session
from bridge.simulator.session_events import Answered, Progress, Refused, SessionEvent
from bridge.simulator.session_timer import minimum, offer_headers, read_interval
from bridge.simulator.sip_text import Request, Response
from bridge.simulator.user_agent import UserAgent
from sip.messages import Header


@dataclass(frozen=True)
class InviteWishes:
    """What an INVITE asks for beside the call itself."""

    late_offer: bool = False
    """No SDP in the INVITE: the 200 offers, the ACK answers."""
    reliable: bool = False
    """Require: 100rel."""
    session_expires_s: int | None = None
    """Ask for a session timer of so many seconds."""
    we_refresh: bool = True
    """The session timer's refresher is us."""


#: Makes an INVITE without Via: CSeq number, headers to add, body.
InviteMaker = Callable[[int, Iterable[Header], bytes], Request]


class CallingSession(Session):
    """A call of ours."""

    def __init__(
        self,
        agent: UserAgent,
        media: Negotiation,
        on_event: Callable[[SessionEvent], None],
        name: str,
        wishes: InviteWishes,
    ) -> None:
        super().__init__(agent, media, on_event, name)
        self._wishes = wishes
        self._invitation: Invitation | None = None
        self._last_reliable = 0
        self._cancelled = False
        self._usable = False

    async def call(self, make: InviteMaker, cseq: int) -> bool:
        """Send the INVITE and wait until it is answered (True) or has failed; events tell the rest."""
        seconds = self._wishes.session_expires_s
        response = await self._invite(make(cseq, self._headers(seconds), self._offer()))
        asked = minimum(response)
        if response.status == 422 and seconds is not None and asked is not None and not self._cancelled:
            # RFC 4028 section 7.4: once more with the interval the other side can bear.
            response = await self._invite(make(cseq + 1, self._headers(asked), self._offer()))
        if response.status >= 300:
            kept = ("reason", "retry-after", "warning")
            self._over(Refused(response.status, tuple(h for h in response.headers if h.name.lower() in kept)))
            return False
        if not self._usable:
            await self.hang_up((NO_COMMON_CODEC,), "no common codec")
        elif self._cancelled:  # the 200 crossed our CANCEL
            await self.hang_up()
        return True

    def cancel(self) -> None:
        """Give up before the answer."""
        self._cancelled = True
        if self._invitation is not None:
            self._invitation.cancel()

    def _offer(self) -> bytes:
        return b"" if self._wishes.late_offer else self.media.offer()

    def _headers(self, seconds: int | None) -> tuple[Header, ...]:
        headers: tuple[Header, ...] = ()
        if self._wishes.reliable:
            headers += (Header("Require", "100rel"),)
        if seconds is not None:
            headers += offer_headers(seconds, self._wishes.we_refresh)
        return headers

    async def _invite(self, request: Request) -> Response:
        self._last_reliable = 0

        def accepted(response: Response) -> Request:
            dialog = Dialog.of_caller(request, response)
            if self._dialog is not None:  # PRACKs have used numbers of the early dialog
                dialog.local_cseq = max(dialog.local_cseq, self._dialog.local_cseq)
            if self.phase is Phase.OVER:  # given up already: the call is taken only to be ended
                self._dialog = dialog
                self.spawn(self._end_late_answer())
                return dialog.ack(request.cseq.number)
            self.register(dialog)
            body = self._agree(response)
            # At once, not when call() wakes: the BYE may be the next datagram.
            self._enter(Phase.UP)
            self.clock.agree(read_interval(response, we_are_uac=True))
            self.on_event(Answered())
            return dialog.ack(request.cseq.number, body)

        self._invitation = Invitation(self.agent, request, accepted, lambda response: self._progress(request, response))
        return await self._invitation.final

    async def _end_late_answer(self) -> None:
        await self.request("BYE")

    def _agree(self, response: Response) -> bytes:
        """Take the 200's answer; or its offer, and return what the ACK answers."""
        if not self._wishes.late_offer:
            self._usable = self.media.accept(response.body)
            return b""
        answer = self.media.answer(response.body)
        self._usable = answer is not None
        return answer or b""

    def _progress(self, request: Request, response: Response) -> None:
        if response.status > 100:
            self.on_event(Progress(response.status))
        sequence = response.first("RSeq") or ""
        if "100rel" not in response.tokens("Require") or not sequence.isdecimal():
            return
        if self._dialog is None:
            try:
                self.register(Dialog.of_caller(request, response))
            except InvalidDatagram:
                self.agent.owner.faulty(request.call_id, "a reliable response without tag or Contact")
                return
        if int(sequence) > self._last_reliable:
            self._last_reliable = int(sequence)
            self.spawn(self._acknowledge_progress(f"{sequence} {request.cseq.number} INVITE"))

    async def _acknowledge_progress(self, acknowledged: str) -> None:
        await self.request("PRACK", (Header("RAck", acknowledged),))
