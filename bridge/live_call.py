"""The driver of one call: feeds `Call` with what happened, performs what it wants, re-arms its one timer."""

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any

import structlog
from structlog.contextvars import bound_contextvars

from bridge.call import Call
from bridge.call_engine import CallEngine
from bridge.call_events import (
    AnswerCustomer,
    AudioTimedOut,
    CallCommand,
    CallEvent,
    Close,
    ConnectEngine,
    CustomerAnswered,
    CustomerEnded,
    DropEngine,
    Fate,
    FetchScreenPop,
    HangUpCustomer,
    InviteTaken,
    RefuseCustomer,
    ReportTransfer,
    SetAudio,
    StartWrapUp,
    TellWrapUp,
    WorkerLost,
)
from bridge.call_parts import CallMedia, CallParts
from bridge.engines.connection import CallFacts
from bridge.errors import InvalidTransition
from bridge.media.messages import AudioStarted, DtmfReceived, RtpTimedOut, SessionClosed, SetRemote, Side
from bridge.media.messages import Event as MediaEvent
from bridge.timeline import Fact, Timeline
from bridge.wrapup.plan import CallIds
from bridge.wrapup_driver import WrapUpDriver
from sip.messages import (
    Answer,
    Command,
    Event,
    HangUp,
    Header,
    InfoReceived,
    InviteArrived,
    Leg,
    LegAnswered,
    LegEnded,
    LegMedia,
    ReferReceived,
    Refuse,
    SendRequest,
)

log = structlog.get_logger()

SIDES = {Leg.CUSTOMER: Side.CUSTOMER, Leg.ENGINE: Side.ENGINE}


class LiveCall:
    """One call that is going on."""

    def __init__(
        self,
        call: Call,
        facts: CallFacts,
        media: CallMedia,
        parts: CallParts,
        timeline: Timeline,
        on_closed: Callable[["LiveCall", SessionClosed], None],
    ) -> None:
        self.call = call
        self.facts = facts
        self.timeline = timeline
        self.wrap_up: WrapUpDriver | None = None
        self.ids = CallIds(facts.transaction_id or None, facts.session_id or None, facts.service_id or None)
        self._media = media
        self._parts = parts
        self._on_closed = on_closed
        self.engine = CallEngine(parts.engines, parts.outcomes, facts, self._send, self.feed, self.note)
        self._waiting: deque[CallEvent] = deque()
        self._feeding = False
        self._timer: asyncio.TimerHandle | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._arm()

    # what happens

    def feed(self, event: CallEvent) -> None:
        """Something happened. An event that a command causes waits until the commands before it are done."""
        self._waiting.append(event)
        self._work_off()

    def sip_event(self, event: Event) -> None:
        """A worker or the edge reports something of this call."""
        match event:
            case InviteArrived():
                self.feed(InviteTaken())
            case LegMedia():
                self._leg_media(event)
            case LegAnswered(leg=Leg.CUSTOMER):
                self.note("acknowledged")
                self.feed(CustomerAnswered())
            case LegEnded(leg=Leg.CUSTOMER):
                self.note("customer_leg_ended", by_livevox=event.by_peer, status=event.status)
                self.feed(CustomerEnded(event.by_peer, event.status))
            case InfoReceived(leg=Leg.CUSTOMER):
                log.debug("customer_info_ignored", content_type=event.content_type)
            case ReferReceived(leg=Leg.CUSTOMER):
                self._refuse_refer(event)
            case _:
                self.engine.on_sip(event)

    def media_event(self, event: MediaEvent) -> None:
        """The media process reports something of this call."""
        match event:
            case AudioStarted(side=side):
                self.note("audio_started", side=side)
            case DtmfReceived(side=side):
                self.note("dtmf", side=side)  # not which key: it may belong to a card number
            case RtpTimedOut(side=side, silent_s=silent_s):
                self.note("rtp_timed_out", side=side, silent_s=round(silent_s, 1))
                self.feed(AudioTimedOut(side))

    def worker_lost(self) -> None:
        """The worker that held both legs is dead."""
        self.note("worker_lost")
        self.feed(WorkerLost())

    def note(self, what: str, **facts: Fact) -> None:
        """An entry of the call's timeline, now."""
        self.timeline.add(what, self._now(), **facts)

    # the loop of feed, perform, re-arm

    def _work_off(self) -> None:
        if self._feeding:
            return
        self._feeding = True
        with bound_contextvars(call=self.facts.call, agent=self.facts.agent_number):
            try:
                while self._waiting:
                    self._handle(self._waiting.popleft())
            finally:
                self._feeding = False
                self._arm()

    def _handle(self, event: CallEvent) -> None:
        old = self.call.state
        try:
            commands = self.call.handle(event, self._now())
        except InvalidTransition as exc:
            log.error("call_event_out_of_place", state=exc.state, call_event=exc.event)
            return
        self._perform_all(commands, old.name)

    def _perform_all(self, commands: list[CallCommand], old: str) -> None:
        if self.call.state.name != old:
            log.debug("call_state", old=old, new=self.call.state.name)
        for command in commands:
            self._perform(command)

    def _arm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        deadline = self.call.deadline
        self._timer = None
        if deadline is not None:
            self._timer = asyncio.get_running_loop().call_at(deadline, self._expire)

    def _expire(self) -> None:
        with bound_contextvars(call=self.facts.call, agent=self.facts.agent_number):
            old = self.call.state.name
            self.note("time_limit_reached", state=old)
            self._perform_all(self.call.expire(self._now()), old)
        self._arm()

    def _send(self, command: Command) -> None:
        self._parts.pool.send(self.facts.call, command)

    def _now(self) -> float:
        return asyncio.get_running_loop().time()

    # what the call wants

    def _perform(self, command: CallCommand) -> None:
        match command:
            case ConnectEngine() | DropEngine() | ReportTransfer():
                self._tell_engine(command)
            case AnswerCustomer() | RefuseCustomer() | HangUpCustomer():
                self._tell_customer(command)
            case SetAudio(flow):
                self._parts.media.set_flow(self.facts.call, flow)
            case FetchScreenPop():
                self._spawn("screen pop", self._fetch_screen_pop())
            case StartWrapUp():
                self._start_wrap_up(command)
            case TellWrapUp(gone, worker_lost):
                if self.wrap_up is not None:
                    self.wrap_up.leg_gone(gone, worker_lost=worker_lost)
            case Close():
                self._spawn("closing", self._close())

    def _tell_engine(self, command: ConnectEngine | DropEngine | ReportTransfer) -> None:
        match command:
            case ConnectEngine(name):
                self.engine.connect(name, replace(self._media.offer, port=self._media.engine_port))
            case DropEngine(fate):
                self.engine.hang_up(fate)
            case ReportTransfer(status):
                self.engine.transfer_progress(status)

    def _tell_customer(self, command: AnswerCustomer | RefuseCustomer | HangUpCustomer) -> None:
        match command:
            case AnswerCustomer():
                self.note("answered", codec=self._media.offer.codecs[0])
                self._send(Answer(self.facts.call, self._media.offer))
            case RefuseCustomer(status, fate):
                self.note("refused", status=status, fate=fate)
                headers = (Header("Retry-After", str(self._parts.retry_after_s)),) if status == 503 else ()
                self._send(Refuse(self.facts.call, status, headers))
            case HangUpCustomer(fate):
                self.note("customer_hung_up_on", fate=fate)
                self._send(HangUp(self.facts.call, Leg.CUSTOMER, (_reason(fate),)))

    def _refuse_refer(self, event: ReferReceived) -> None:
        """LiveVox has no reason to send us elsewhere; the edge has said 202, so this says how it ended."""
        if event.subscribe:
            headers = (
                Header("Event", f"refer;id={event.cseq}"),
                Header("Subscription-State", "terminated;reason=noresource"),
            )
            body = "SIP/2.0 603 Decline\r\n"
            notify = SendRequest(event.call, event.leg, "NOTIFY", headers, "message/sipfrag;version=2.0", body)
            self._send(notify)

    # audio

    def _leg_media(self, event: LegMedia) -> None:
        if event.leg is Leg.ENGINE and self._media.late_offer:
            offer = replace(self._media.offer, codecs=(event.codec,), telephone_event=event.telephone_event)
            self._media = replace(self._media, offer=offer)
        self._parts.media.set_remote(
            SetRemote(
                call=event.call,
                side=SIDES[event.leg],
                address=event.address,
                port=event.port,
                codec=event.codec,
                telephone_event=event.telephone_event,
                send=event.direction.sends and event.address != "0.0.0.0",
                receive=event.direction.receives,
            )
        )

    # tasks

    def _spawn(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work, name=f"{name} {self.facts.call}")
        self._tasks.add(task)
        task.add_done_callback(self._task_ended)

    def _task_ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (exc := task.exception()) is not None:
            log.error("call_task_failed", call=self.facts.call, task=task.get_name(), exc_info=exc)

    async def _fetch_screen_pop(self) -> None:
        started = self._now()
        self.ids = await self._parts.customer_data.ids(self.facts.agent_number, self.ids)
        pop = await self._parts.customer_data.screen_pop(self.facts.agent_number)
        if pop is None:
            self.note("screen_pop_missing", ms=round((self._now() - started) * 1000, 1))
            return
        self.note("screen_pop", rows=len(pop.rows), ms=round((self._now() - started) * 1000, 1))
        self.engine.screen_pop(pop)

    def _start_wrap_up(self, command: StartWrapUp) -> None:
        plan = self._parts.outcomes.plan(command, self.ids, self.facts)
        self.wrap_up = WrapUpDriver(plan, self._parts.agents, self._parts.requests, self.feed, self.note)
        self._spawn("wrap-up", self.wrap_up.run())

    async def _close(self) -> None:
        closed = await self._parts.media.close(self.facts.call)
        for task in self._tasks - {asyncio.current_task()}:
            task.cancel()
        if self._timer is not None:
            self._timer.cancel()
        self._on_closed(self, closed)


def _reason(fate: Fate) -> Header:
    text = fate.replace("_", " ")
    return Header("Reason", f'SIP;cause=200;text="{text}"')
