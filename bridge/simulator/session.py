"""One SIP call of the simulator once its dialog exists: requests both ways, offers and answers, the session timer."""

import asyncio
import enum
from collections.abc import Callable, Coroutine, Iterable
from typing import Any

import structlog

from bridge.errors import InvalidTransition
from bridge.simulator.dialog import Dialog
from bridge.simulator.errors import InvalidDatagram
from bridge.simulator.exchanges import Incoming
from bridge.simulator.invitation import Invitation
from bridge.simulator.negotiation import Negotiation
from bridge.simulator.owned_tasks import OwnedTasks
from bridge.simulator.refer import notify_body, notify_headers, read_notify, read_refer
from bridge.simulator.refresh_clock import RefreshClock
from bridge.simulator.session_events import Ended, InfoArrived, MediaAgreed, Refreshed, SessionEvent
from bridge.simulator.session_timer import answer_headers, offer_headers, read_interval
from bridge.simulator.sip_text import Request, Response, answer
from bridge.simulator.user_agent import ALLOW, UserAgent, capabilities
from sip.messages import Direction, Header

NO_COMMON_CODEC = Header("Reason", 'SIP;cause=488;text="No common codec"')
SESSION_EXPIRED = Header("Reason", 'SIP;cause=408;text="Session timer"')

log = structlog.get_logger()


class Phase(enum.Enum):
    """How far a call is."""

    SETTING_UP = enum.auto()
    UP = enum.auto()
    ENDING = enum.auto()
    """Our BYE is out."""
    OVER = enum.auto()


class Session:
    """Either end of a call; CallingSession and AnsweringSession know how it begins."""

    def __init__(
        self, agent: UserAgent, media: Negotiation, on_event: Callable[[SessionEvent], None], name: str
    ) -> None:
        self.agent = agent
        self.media = media
        self.on_event = on_event
        self.name = name
        """Of the tasks that belong to this call."""
        self.phase = Phase.SETTING_UP
        self.refresh_method = "UPDATE"
        """How we refresh: UPDATE, or a re-INVITE."""
        self.clock = RefreshClock(
            lambda: self.spawn(self._refresh_or_end()),
            lambda: self.spawn(self.hang_up((SESSION_EXPIRED,), "session timer")),
        )
        self._dialog: Dialog | None = None
        self._unacknowledged: Incoming | None = None
        self._acknowledged = asyncio.Event()
        self._inviting = False
        self._tasks = OwnedTasks()
        media.on_agreed = lambda direction: on_event(MediaAgreed(direction))

    @property
    def dialog(self) -> Dialog:
        """The dialog; raises InvalidTransition before there is one."""
        if self._dialog is None:
            raise InvalidTransition(self.phase.name, "a request inside the dialog")
        return self._dialog

    def register(self, dialog: Dialog) -> None:
        """From now on requests of this dialog come here."""
        self._dialog = dialog
        self.agent.dialogs[dialog.key] = self

    # What the owner does

    async def hang_up(self, headers: Iterable[Header] = (), reason: str = "BYE") -> None:
        """Send BYE, once; waits for an ACK that is still due (RFC 3261 section 15)."""
        if self._unacknowledged is not None:
            await self._acknowledged.wait()
        if self.phase is not Phase.UP:
            return
        lines = tuple(headers)
        self._enter(Phase.ENDING)
        self.media.talker.hush()
        await self.request("BYE", lines)
        self._over(Ended(by_peer=False, reason=reason, headers=lines))

    async def request(self, method: str, headers: Iterable[Header] = (), body: bytes = b"") -> Response:
        """Send a request that is not an INVITE inside the dialog and wait for its final response."""
        made = self.dialog.request(method, headers, body)
        try:
            response = await self.agent.request(made)
        except InvalidDatagram as exc:
            return self._not_sent(made, exc)
        if response.status in (408, 481) and self.phase is Phase.UP:
            self._over(Ended(by_peer=True, reason=f"{response.status} to our {method}"))
        return response

    async def info(self, body: bytes, content_type: str = "application/json") -> int:
        """Send an INFO; returns the status."""
        return (await self.request("INFO", (Header("Content-Type", content_type),), body)).status

    async def refer(self, target: str) -> int:
        """Ask the other side to call this URI; returns the status, 202 when it will."""
        return (await self.request("REFER", (Header("Refer-To", f"<{target}>"),))).status

    async def notify(self, cseq: int, status: int, final: bool) -> int:
        """Tell how a REFER goes on (RFC 3515 section 2.4.5); returns the status."""
        return (await self.request("NOTIFY", notify_headers(cseq, final), notify_body(status))).status

    async def reoffer(self, direction: Direction) -> int:
        """Re-INVITE: SENDONLY holds the other side, SENDRECV resumes; returns the status."""
        return (await self._invite_again(self.media.offer(direction))).status

    async def refresh(self) -> int:
        """Refresh the session, by `refresh_method`; returns the status."""
        if self.refresh_method == "INVITE":
            response = await self._invite_again(self.media.media.current())
        else:
            response = await self.request("UPDATE", (*self._timer_offer(), *capabilities()))
        if response.status < 300:
            self.clock.agree(read_interval(response, we_are_uac=True))
            self.on_event(Refreshed(self.refresh_method, by_peer=False))
        return response.status

    def abandon(self) -> None:
        """Play dead until close(): no SIP is heard or said any more, no RTP is sent, the sockets stay open."""
        self.agent.silence(self.dialog.call_id)
        self.media.talker.hush()
        self.clock.stop()

    def close(self) -> None:
        """Let go of timers, tasks and the RTP socket."""
        self.media.talker.close()
        self.clock.stop()
        self._tasks.cancel()

    # What the other side does

    def request_received(self, incoming: Incoming) -> None:
        """A request inside the dialog."""
        answers: dict[str, Callable[[Incoming], None]] = {
            "BYE": self.bye_received,
            "INVITE": self._reinvite_received,
            "UPDATE": self._update_received,
            "INFO": lambda info: self._reported(
                info, InfoArrived(info.request.content_type, info.request.body), 200, 400
            ),
            "NOTIFY": lambda notify: self._reported(notify, read_notify(notify.request), 200, 489),
            "REFER": lambda refer: self._reported(refer, read_refer(refer.request), 202, 400),
            "PRACK": self.prack_received,
            "OPTIONS": lambda options: options.respond(200, capabilities()),
        }
        respond = answers.get(incoming.request.method)
        if not self.dialog.takes(incoming.request):
            incoming.respond(500)
        elif respond is None:
            incoming.respond(405, (Header("Allow", ALLOW),))
        else:
            respond(incoming)

    def ack_received(self, request: Request) -> None:
        """An ACK: the first for a 200 ends its retransmission."""
        incoming = self._unacknowledged
        if incoming is None or request.cseq.number != incoming.request.cseq.number:
            return
        incoming.acknowledge()
        self._unacknowledged = None
        self._acknowledged.set()
        self.acknowledged()
        if not incoming.request.body and not self.media.accept(request.body):
            self.spawn(self.hang_up((NO_COMMON_CODEC,), "no common codec"))

    def acknowledged(self) -> None:
        """The ACK of a 200 of ours is here; AnsweringSession wants the first."""

    def prack_received(self, incoming: Incoming) -> None:
        """A PRACK; only AnsweringSession has sent something it could acknowledge."""
        incoming.respond(481)

    def bye_received(self, incoming: Incoming) -> None:
        """A BYE; AnsweringSession refuses its INVITE with it when that still waits."""
        if self.phase is Phase.SETTING_UP and self._unacknowledged is None:
            incoming.respond(481)  # the called side has nothing to hang up before its 200
            return
        incoming.respond(200)
        headers = tuple(h for h in incoming.request.headers if h.name.lower() == "reason" or h.name[:2].lower() == "x-")
        if self.phase is not Phase.ENDING:
            self._over(Ended(by_peer=True, reason="BYE", headers=headers))

    def _reinvite_received(self, incoming: Incoming) -> None:
        if self._inviting or self._unacknowledged is not None or self.phase is Phase.SETTING_UP:
            incoming.respond(491)
            return
        body = self.media.answer(incoming.request.body) if incoming.request.body else self.media.offer()
        if body is None:
            incoming.respond(488)
            return
        self.send_ok(incoming, body)
        self.on_event(Refreshed("INVITE", by_peer=True))

    def _update_received(self, incoming: Incoming) -> None:
        offer = incoming.request.body
        body = b"" if not offer else None if self._inviting else self.media.answer(offer)
        if body is None:
            incoming.respond(491 if self._inviting else 488)
            return
        contact = Header("Contact", self.dialog.contact)
        incoming.respond(200, (contact, *self._timer_headers(incoming.request)), body)
        self.on_event(Refreshed("UPDATE", by_peer=True))

    def _reported(self, incoming: Incoming, event: SessionEvent | None, taken: int, refused: int) -> None:
        incoming.respond(taken if event else refused, (Header("Allow-Events", "refer"),))
        if event is not None:
            self.on_event(event)

    # Offers and answers

    def send_ok(self, invite: Incoming, body: bytes) -> None:
        """Send the 200 of an INVITE, the first or a later one, until its ACK comes."""
        self._acknowledged.clear()
        self._unacknowledged = invite
        invite.on_not_acknowledged = self._never_acknowledged
        headers = (Header("Contact", self.dialog.contact), *capabilities(), *self._timer_headers(invite.request))
        invite.respond(200, headers, body, tag=self.dialog.local.tag)

    async def _invite_again(self, body: bytes) -> Response:
        dialog = self.dialog
        lines = (*capabilities(), *self._timer_offer(), Header("Content-Type", "application/sdp"))
        request = dialog.request("INVITE", lines, body)

        def accepted(response: Response) -> Request:
            dialog.refresh_target(response)
            self.clock.agree(read_interval(response, we_are_uac=True))
            if not self.media.accept(response.body):
                self.spawn(self.hang_up((NO_COMMON_CODEC,), "no common codec"))
            return dialog.ack(request.cseq.number)

        self._inviting = True
        try:
            return await Invitation(self.agent, request, accepted, lambda _: None).final
        except InvalidDatagram as exc:
            return self._not_sent(request, exc)
        finally:
            self._inviting = False

    def _not_sent(self, request: Request, why: InvalidDatagram) -> Response:
        # A transport error counts as a 503 (RFC 3261 section 8.1.3.1).
        log.info("request_not_sent", session=self.name, method=request.method, reason=why.detail)
        return answer(request, 503)

    # The session timer

    def _timer_offer(self) -> tuple[Header, ...]:
        interval = self.clock.interval
        return offer_headers(interval.seconds, interval.we_refresh) if interval else ()

    def _timer_headers(self, request: Request) -> tuple[Header, ...]:
        interval = read_interval(request, we_are_uac=False)
        self.clock.agree(interval)
        return answer_headers(interval) if interval else ()

    async def _refresh_or_end(self) -> None:
        status = await self.refresh()
        if status >= 300:
            await self.hang_up((SESSION_EXPIRED,), reason=f"refresh answered {status}")

    # Ends

    def _never_acknowledged(self) -> None:
        self._unacknowledged = None
        self._acknowledged.set()
        self._enter(Phase.UP)
        self.spawn(self.hang_up(reason="no ACK"))

    def _over(self, event: SessionEvent) -> None:
        self._enter(Phase.OVER)
        self.media.talker.close()
        self.clock.stop()
        if self._unacknowledged is not None:
            self._unacknowledged.acknowledge()
            self._unacknowledged = None
            self._acknowledged.set()
        if self._dialog is not None:
            self.agent.dialogs.pop(self._dialog.key, None)
        self.on_event(event)

    def _enter(self, phase: Phase) -> None:
        log.debug("session_phase", session=self.name, before=self.phase.name, after=phase.name)
        self.phase = phase

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something of this call beside; it ends with the session."""
        self._tasks.start(work, self.name)
