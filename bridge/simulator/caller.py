"""LiveVox's telephony: the Telephony that places real calls to the bridge, SIP over UDP and RTP."""

import asyncio
import time
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

import structlog

from bridge.simulator.call_record import CallRecord
from bridge.simulator.calling_session import CallingSession, InviteWishes
from bridge.simulator.errors import InvalidDatagram
from bridge.simulator.exchanges import Incoming
from bridge.simulator.livevox_invite import FIRST_CSEQ, LiveVoxInvite
from bridge.simulator.negotiation import Negotiation
from bridge.simulator.owned_tasks import OwnedTasks
from bridge.simulator.proxy_path import ProxyPath
from bridge.simulator.rtp_talker import RtpTalker
from bridge.simulator.session import Phase
from bridge.simulator.session_description import LocalMedia
from bridge.simulator.session_events import Answered, Ended, ReferArrived, Refused, SessionEvent
from bridge.simulator.speech import CUSTOMER, PROMPT, Voice
from bridge.simulator.telephony import CallListener, CallToPlace
from bridge.simulator.transactions import Timers
from bridge.simulator.user_agent import UserAgent, new_token
from sip.messages import Codec

#: The customer presses keys so long after the answer.
_DIGITS_AFTER_S = 0.5

log = structlog.get_logger()


@dataclass(frozen=True)
class CallerSettings:
    """Where the bridge is, and how LiveVox behaves."""

    bridge_host: str
    """An IPv4 address."""
    bridge_port: int = 5070
    listen_host: str = "127.0.0.1"
    listen_port: int = 0
    """0: any free one."""
    wishes: InviteWishes = InviteWishes()
    refresh_method: str = "UPDATE"
    """How the session timer is refreshed: UPDATE or INVITE."""
    refer_answers: tuple[int, ...] = (100, 603)
    """What NOTIFYs say to a REFER of the bridge, the last one final; LiveVox is not known to follow any."""
    voice: Voice = Voice.RECORDING
    """What the customer says all the while."""
    timers: Timers = Timers()


@dataclass
class CallerRecord(CallRecord):
    """One call as LiveVox's side saw it."""

    placed: CallToPlace | None = None


@dataclass
class _Call:
    record: CallerRecord
    session: CallingSession
    listener: CallListener | None
    answered: asyncio.Event = field(default_factory=asyncio.Event)
    over: asyncio.Event = field(default_factory=asyncio.Event)


class Caller:
    """A Telephony. `async with Caller(CallerSettings("127.0.0.1", 5070)) as caller`."""

    def __init__(self, settings: CallerSettings) -> None:
        self.settings = settings
        self.calls: dict[str, CallerRecord] = {}
        """Every call placed, by the simulator's call id."""
        self.agent = UserAgent(self, settings.timers, "caller")
        self._live: dict[str, _Call] = {}
        self._by_sip_call_id: dict[str, CallerRecord] = {}
        self._tasks = OwnedTasks()

    async def __aenter__(self) -> Self:
        await self.agent.open(self.settings.listen_host, self.settings.listen_port, ProxyPath)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Hang up what is up, wait 2 x T1 for the answers, close the sockets."""
        for call_id in tuple(self._live):
            self.hang_up(call_id)
        overs = [asyncio.ensure_future(call.over.wait()) for call in self._live.values()]
        if overs:
            _, waiting = await asyncio.wait(overs, timeout=2 * self.settings.timers.t1)
            for future in waiting:
                future.cancel()
        await self._tasks.close()
        for call in self._live.values():
            call.session.close()
        self.agent.close()

    # Telephony

    async def place(self, call: CallToPlace, listener: CallListener | None = None) -> None:
        """Send the INVITE; returns at once, the listener hears the rest. Raises OSError without a free RTP port."""
        host = self.settings.listen_host
        talker = await RtpTalker.open(host, speaks=CUSTOMER, listens_for=(PROMPT, CUSTOMER))
        talker.voice = self.settings.voice
        sip_call_id = f"{new_token()}@{host}"
        record = CallerRecord(sip_call_id, self.agent.loop.time(), talker.heard, placed=call)
        media = Negotiation(LocalMedia(host, talker.address[1], codecs=_codecs(call.codec)), talker)
        session = CallingSession(
            self.agent,
            media,
            lambda event: self._event(call, event),
            f"caller-{call.call_id}",
            self.settings.wishes,
        )
        session.refresh_method = self.settings.refresh_method
        record.descriptions = media.agreed_bodies
        self.calls[call.call_id] = self._by_sip_call_id[sip_call_id] = record
        self._live[call.call_id] = _Call(record, session, listener)
        if listener is not None:
            talker.on_audio = lambda: listener.audio(call.call_id)
        bridge = (self.settings.bridge_host, self.settings.bridge_port)
        path = ProxyPath(self.agent.address, new_token)
        invite = LiveVoxInvite(
            call, sip_call_id, self.agent.address, bridge, path.record_routes(sip_call_id), int(time.time())
        )
        record.headers = invite.make(FIRST_CSEQ, (), b"").headers
        self._tasks.start(self._run(call, session, invite), f"caller-{call.call_id}")

    def hang_up(self, call_id: str) -> None:
        """LiveVox's side ends the call: CANCEL before the answer, BYE after it; nothing when it is over."""
        call = self._live.get(call_id)
        if call is None:
            return
        if call.session.phase is Phase.SETTING_UP:
            call.session.cancel()
        else:
            self._tasks.start(call.session.hang_up(), f"caller-{call_id}-bye")

    # What tests do beyond it

    def session(self, call_id: str) -> CallingSession:
        """The call's session, to hold, refresh, or send a request in it. KeyError when it is over."""
        return self._live[call_id].session

    def press(self, call_id: str, digits: str) -> None:
        """The customer presses keys."""
        self._live[call_id].session.media.talker.press(digits)

    async def wait_answered(self, call_id: str) -> CallerRecord:
        """Wait until the call is up, or over."""
        call = self._live.get(call_id)
        if call is not None:
            await call.answered.wait()
        return self.calls[call_id]

    async def wait_over(self, call_id: str) -> CallerRecord:
        """Wait until the call is over or refused."""
        call = self._live.get(call_id)
        if call is not None:
            await call.over.wait()
        return self.calls[call_id]

    # Owner of the user agent

    def invited(self, incoming: Incoming) -> None:
        """Nobody calls LiveVox."""
        incoming.respond(403, tag=new_token()[:16])

    def faulty(self, sip_call_id: str, fault: str) -> None:
        """Note what the bridge did wrong."""
        log.warning("bridge_at_fault", sip_call_id=sip_call_id, fault=fault)
        if sip_call_id in self._by_sip_call_id:
            self._by_sip_call_id[sip_call_id].faults.append(fault)

    # private

    async def _run(self, call: CallToPlace, session: CallingSession, invite: LiveVoxInvite) -> None:
        try:
            up = await session.call(invite.make, FIRST_CSEQ)
        except InvalidDatagram as exc:
            self.faulty(invite.sip_call_id, exc.detail)
            session.close()
            self._event(call, Refused(503))
            return
        if up and call.digits:
            await asyncio.sleep(_DIGITS_AFTER_S)
            session.media.talker.press(call.digits)
        if up and call.hang_up_after_s is not None:
            spent = _DIGITS_AFTER_S if call.digits else 0.0
            await asyncio.sleep(max(0.0, call.hang_up_after_s - spent))
            await session.hang_up()

    def _event(self, placed: CallToPlace, event: SessionEvent) -> None:
        call_id = placed.call_id
        call = self._live[call_id]
        call.record.take(event, self.agent.loop.time())
        match event:
            case Answered():
                call.answered.set()
                if call.listener is not None:
                    call.listener.answered(call_id)
            case Refused():
                self._finished(call_id, call)
                if call.listener is not None:
                    call.listener.refused(call_id, event.status)
            case Ended():
                self._finished(call_id, call)
                if call.listener is not None:
                    call.listener.ended(call_id, event.by_peer)
            case ReferArrived():
                self._tasks.start(self._follow(call.session, event), f"caller-{call_id}-refer")
            case _:
                pass

    def _finished(self, call_id: str, call: _Call) -> None:
        call.record.packets_sent = call.session.media.talker.sent
        call.session.close()
        call.answered.set()
        call.over.set()
        del self._live[call_id]

    async def _follow(self, session: CallingSession, refer: ReferArrived) -> None:
        if not refer.wants_notify:
            return
        last = len(self.settings.refer_answers) - 1
        for index, status in enumerate(self.settings.refer_answers):
            await session.notify(refer.cseq, status, final=index == last)


def _codecs(preferred: str) -> tuple[Codec, ...]:
    first = Codec(preferred)
    return (first, *(codec for codec in Codec if codec is not first))
