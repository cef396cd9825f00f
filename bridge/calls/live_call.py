"""The driver of one call: feeds `Call` with what happened, performs what it wants, re-arms its one timer."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from time import monotonic

import structlog
from structlog.contextvars import bound_contextvars

from bridge.calls import events as ev
from bridge.calls.audio import CallAudio
from bridge.calls.call import Call
from bridge.calls.customer_commands import hang_up, refer_declined, refusal
from bridge.calls.dtmf_info import key_of_info
from bridge.calls.engine import CallEngine
from bridge.calls.parts import CallEnds, CallMedia, CallParts
from bridge.calls.states import CallState
from bridge.calls.tasks import CallTasks
from bridge.calls.timeline import Fact, Timeline
from bridge.calls.wrapup_driver import WrapUpDriver
from bridge.engines.connection import CallFacts
from bridge.engines.events import Fate
from bridge.errors import InvalidTransition
from bridge.media.messages import AudioStarted, DtmfReceived, RtpTimedOut, SessionClosed, SessionRefused
from bridge.media.messages import Event as MediaEvent
from bridge.wrapup.plan import CallIds
from sip.messages import (
    Answer,
    Command,
    Event,
    InfoReceived,
    InviteArrived,
    Leg,
    LegAnswered,
    LegEnded,
    LegMedia,
    ReferReceived,
)

log = structlog.get_logger()

#: LiveVox's status may show a call so much later than its INVITE came, and no more.
STATUS_LAG_MS = 10_000


class LiveCall:
    """One call that is going on."""

    def __init__(
        self, call: Call, facts: CallFacts, media: CallMedia, parts: CallParts, timeline: Timeline, ends: CallEnds
    ) -> None:
        self.call = call
        self.facts = facts
        self.timeline = timeline
        self.wrap_up: WrapUpDriver | None = None
        self.counted = SessionClosed(facts.call)
        """What the media process counted; known when the legs are over."""
        self.ids = CallIds(facts.transaction_id or None, facts.session_id or None, facts.service_id or None)
        self.audio = CallAudio(facts.call, media, parts.media)
        self.engine = CallEngine(parts.engines, parts.outcomes, facts, self._send, self.feed, self.note)
        self._parts = parts
        self._ends = ends
        self._waiting: deque[Callable[[float], list[ev.CallCommand]]] = deque()
        self._feeding = False
        self._timer: asyncio.TimerHandle | None = None
        self._tasks = CallTasks(facts.call)
        self._screen_pop: asyncio.Task[None] | None = None
        self._freeing: asyncio.Task[None] | None = None
        self._closing: asyncio.Task[None] | None = None
        self._arm()

    # what happens

    def feed(self, event: ev.CallEvent) -> None:
        """Something happened. An event that a command causes waits until the commands before it are done."""
        self._waiting.append(partial(self.call.handle, event))
        self._work_off()

    def sip_event(self, event: Event) -> None:
        """A worker or the edge reports something of this call."""
        with self._guarded():
            match event:
                case InviteArrived():
                    self.feed(ev.InviteTaken())
                case LegMedia():
                    self.audio.agreed(event)
                case LegAnswered(leg=Leg.CUSTOMER):
                    self.note("acknowledged")
                    self.feed(ev.CustomerAnswered())
                case LegEnded(leg=Leg.CUSTOMER):
                    self.note("customer_leg_ended", by_livevox=event.by_peer, status=event.status)
                    self.feed(ev.CustomerEnded(event.by_peer, event.status))
                case InfoReceived() if (key := key_of_info(event.content_type, event.body)) is not None:
                    self._key_by_info(event.leg, key)
                case InfoReceived(leg=Leg.CUSTOMER):
                    log.debug("customer_info_ignored", content_type=event.content_type)
                case ReferReceived(leg=Leg.CUSTOMER):
                    if event.subscribe:
                        self._send(refer_declined(event))
                case _:
                    self.engine.on_sip(event)

    def media_event(self, event: MediaEvent) -> None:
        """The media process reports something of this call."""
        with self._guarded():
            match event:
                case AudioStarted(side=side):
                    self.note("audio_started", side=side)
                case DtmfReceived(side=side):
                    self.note("dtmf", side=side)  # not which key: it may belong to a card number
                case RtpTimedOut(side=side, silent_s=silent_s):
                    self.note("rtp_timed_out", side=side, silent_s=round(silent_s, 1))
                    self.feed(ev.AudioTimedOut(side))
                case SessionRefused(reason=reason):
                    self.note("audio_lost", reason=reason)
                    self.feed(ev.PartFailed())

    def worker_lost(self) -> None:
        """The worker that held both legs is dead."""
        with self._guarded():
            self.note("worker_lost")
            self.feed(ev.WorkerLost())

    def next_call_came(self, transaction_id: str | None) -> None:
        """LiveVox has sent the agent's next call."""
        if self.wrap_up is not None:
            self.wrap_up.next_call_came(transaction_id)

    def note(self, what: str, **facts: Fact) -> None:
        """An entry of the call's timeline, now; at level debug the log has it too."""
        entry = self.timeline.add(what, monotonic(), **facts)
        log.debug(what, **{"call": self.facts.call, "agent": self.facts.agent_number, "ms": entry.elapsed_ms} | facts)

    def drop(self) -> None:
        """Forget the call at once: no timer and no task of it is left."""
        if self._timer is not None:
            self._timer.cancel()
        self._tasks.cancel()

    # the loop of decide, perform, re-arm

    def _work_off(self) -> None:
        if self._feeding:
            return
        self._feeding = True
        with self._guarded():
            try:
                while self._waiting and self._closing is None:
                    self._do(self._waiting.popleft())
            finally:
                self._feeding = False
                self._arm()
        if self.call.state in (CallState.ENDING, CallState.CLOSED) and self._screen_pop is not None:
            self._screen_pop.cancel()
        if self.call.legs.over and not self.call.legs.stranded:
            self._free_soon()

    def _do(self, decide: Callable[[float], list[ev.CallCommand]]) -> None:
        old = self.call.state
        try:
            commands = decide(self._now())
            if self.call.state is not old:
                log.debug("call_state", old=old.name, new=self.call.state.name)
            for command in commands:
                self._perform(command)
        except InvalidTransition as exc:
            log.error("call_event_out_of_place", state=exc.state, call_event=exc.event)

    def _give_up(self) -> None:
        """A fault of ours, and nobody knows what was left undone: both legs end, and LiveVox's status decides."""
        for leg in Leg:
            self._send(hang_up(self.facts.call, leg, Fate.BRIDGE_FAILURE))
        self._close_soon()

    def _arm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        deadline = self.call.deadline if self._closing is None else None
        self._timer = None
        if deadline is not None:
            self._timer = asyncio.get_running_loop().call_at(deadline, self._expire)

    def _expire(self) -> None:
        with self._guarded():
            self.note("time_limit_reached", state=self.call.state.name)
            self._waiting.append(self.call.expire)
            self._work_off()

    def _send(self, command: Command) -> None:
        self._parts.pool.send(self.facts.call, command)

    def _now(self) -> float:
        return asyncio.get_running_loop().time()

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        """The call's outermost level: its name is on every log line, and no fault leaves it."""
        with bound_contextvars(call=self.facts.call, agent=self.facts.agent_number):
            try:
                yield
            except Exception:
                log.exception("call_fault", state=self.call.state.name)
                self._give_up()

    # what the call wants

    def _perform(self, command: ev.CallCommand) -> None:
        match command:
            case ev.ConnectEngine() | ev.DropEngine() | ev.ReportTransfer():
                self._tell_engine(command)
            case ev.AnswerCustomer() | ev.RefuseCustomer() | ev.HangUpCustomer():
                self._tell_customer(command)
            case ev.SetAudio(flow):
                self.audio.set_flow(flow)
            case ev.FetchScreenPop():
                self._screen_pop = self._tasks.start("screen pop of", self._fetch_screen_pop())
            case ev.StartWrapUp():
                self._start_wrap_up(command)
            case ev.TellWrapUp(gone, worker_lost):
                if self.wrap_up is not None:
                    self.wrap_up.leg_gone(gone, worker_lost=worker_lost)
            case ev.Close():
                self._close_soon()

    def _tell_engine(self, command: ev.ConnectEngine | ev.DropEngine | ev.ReportTransfer) -> None:
        match command:
            case ev.ConnectEngine(name):
                self.engine.connect(name, self.audio.engine_offer)
            case ev.DropEngine(fate):
                self.engine.hang_up(fate)
            case ev.ReportTransfer(status):
                self.engine.transfer_progress(status)

    def _tell_customer(self, command: ev.AnswerCustomer | ev.RefuseCustomer | ev.HangUpCustomer) -> None:
        call = self.facts.call
        match command:
            case ev.AnswerCustomer():
                self.audio.engine_answered()
                self.note("answered", codec=self.audio.offer.codecs[0])
                self._send(Answer(call, self.audio.offer))
            case ev.RefuseCustomer(status, fate):
                self.note("refused", status=status, fate=fate)
                self._send(refusal(call, status, self._parts.retry_after_s))
            case ev.HangUpCustomer(fate):
                self.note("customer_hung_up_on", fate=fate)
                self._send(hang_up(call, Leg.CUSTOMER, fate))

    def _key_by_info(self, leg: Leg, key: str) -> None:
        """A key that came by INFO reaches the other side as RFC 4733 events, while the two hear each other."""
        talking = self.call.state is CallState.TALKING
        played = talking and key != "" and self.audio.press(leg, key)
        self.note("dtmf_info", leg=leg, played=played)

    # tasks

    async def _fetch_screen_pop(self) -> None:
        started = monotonic()
        self.ids = await self._parts.customer_data.ids(self.facts.agent_number, self.ids)
        pop = await self._parts.customer_data.screen_pop(self.facts.agent_number)
        if pop is None:
            self.note("screen_pop_missing", ms=round((monotonic() - started) * 1000, 1))
            return
        self.note("screen_pop", rows=len(pop.rows), ms=round((monotonic() - started) * 1000, 1))
        self.engine.screen_pop(pop)

    def _start_wrap_up(self, command: ev.StartWrapUp) -> None:
        answered = self.timeline.first("answered")
        seen = answered is not None and (monotonic() - self.timeline.started) * 1000 - answered > STATUS_LAG_MS
        plan = self._parts.outcomes.plan(command, self.ids, self.facts, seen=seen)
        self.wrap_up = WrapUpDriver(plan, self._parts.agents, self._parts.requests, self.feed, self.note)
        self._tasks.start("wrap-up of", self._run_wrap_up(self.wrap_up))

    async def _run_wrap_up(self, driver: WrapUpDriver) -> None:
        try:
            await driver.run()
        except Exception:  # the wrap-up's outermost level: the call must end all the same
            log.exception("wrap_up_fault")
            self.feed(ev.WrapUpFinished())

    def _free_soon(self) -> asyncio.Task[None]:
        if self._freeing is None:
            self._freeing = self._tasks.start_outside("free the legs of", self._free())
        return self._freeing

    async def _free(self) -> None:
        self.counted = await self.audio.close()
        self._ends.legs_over(self.facts.call)

    def _close_soon(self) -> None:
        if self._closing is None:
            self._closing = self._tasks.start_outside("close", self._close())

    async def _close(self) -> None:
        await asyncio.wait({self._free_soon()})
        self.drop()
        self._ends.closed(self.facts.call)
