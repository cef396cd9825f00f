"""The driver of one call: what happened to it goes to `Call`, and what that wants is done."""

import asyncio
from collections.abc import Coroutine
from dataclasses import asdict, replace
from time import monotonic, time
from typing import Any

import structlog

from bridge.call_facts import CallFacts
from bridge.calls import events as ev
from bridge.calls.audio import CallAudio
from bridge.calls.audio_reports import AudioReport, call_event_of, entry_of
from bridge.calls.audio_watch import AudioWatch
from bridge.calls.call import Call
from bridge.calls.call_contact import CallContact
from bridge.calls.call_journal import CallJournal
from bridge.calls.call_loop import CallLoop
from bridge.calls.call_recording import CallRecording
from bridge.calls.call_wrapup import CallWrapUp
from bridge.calls.customer_commands import hang_up
from bridge.calls.customer_line import CustomerLine
from bridge.calls.dtmf_info import key_of_info
from bridge.calls.engine import CallEngine
from bridge.calls.engine_commands import tell_engine
from bridge.calls.orders import check_order
from bridge.calls.parts import CallEnds, CallMedia, CallParts
from bridge.calls.states import CallState
from bridge.calls.tasks import CallTasks
from bridge.calls.timeline import Fact, Timeline
from bridge.calls.view import CallView
from bridge.engines.connection import Cancellable
from bridge.engines.events import EngineEnded, EngineFailed, EngineMedia, Fate
from bridge.media.messages import CallQuality, Flow, RecordingStopped, SessionClosed, Side
from bridge.media.messages import Event as MediaEvent
from bridge.media.statistics import QualitySample
from bridge.media.stream_messages import StreamEvent
from bridge.recording_words import RecordingState
from bridge.verdicts import NamedValues, Verdict
from bridge.wrapup.plan import CallIds
from sip.messages import (
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


class LiveCall:
    """One call that is going on; it is the EngineHost of its engines."""

    def __init__(
        self,
        call: Call,
        facts: CallFacts,
        media: CallMedia,
        parts: CallParts,
        timeline: Timeline,
        journal: CallJournal,
        ends: CallEnds,
    ) -> None:
        self.call = call
        self.timeline = timeline
        self.journal = journal
        self.wrap_up = CallWrapUp(parts, timeline, journal, self.feed, self.note)
        self.counted = SessionClosed(facts.call)
        """What the media process counted; known when the legs are over."""
        self.ids = CallIds(facts.transaction_id or None, facts.session_id or None, facts.service_id or None)
        self.audio = CallAudio(facts.call, media, parts.media)
        self.engine = CallEngine(self, parts.engines, journal.said)
        self._watch = AudioWatch(self.note, journal.quality)
        self._recording = CallRecording(facts.call, facts.agent_number, parts.recording, parts.media, self.note)
        self._said = facts
        self._parts = parts
        self._ends = ends
        self._tasks = CallTasks(facts.call)
        self.contact = CallContact(facts.agent_number, parts, self._tasks, self.note)
        self._customer = CustomerLine(facts.call, self.audio, self.send, self.note, parts.retry_after_s)
        self._loop = CallLoop(call, facts, self._perform, self.note, self._worked_off, self._give_up)
        self._screen_pop: asyncio.Task[None] | None = None
        self._freeing: asyncio.Task[None] | None = None
        self._closing: asyncio.Task[None] | None = None

    @property
    def facts(self) -> CallFacts:
        """What the INVITE said, and LiveVox's ids as far as they are known now."""
        return replace(
            self._said,
            transaction_id=self.ids.transaction_id or "",
            session_id=self.ids.session_id or "",
            service_id=self.ids.service_id or "",
        )

    # what others ask for

    @property
    def quality(self) -> dict[Side, QualitySample]:
        """How the audio of each side was in the past second; nothing of a side that has not said anything."""
        return self._watch.latest

    def view(self) -> CallView:
        """The call as others may see it, now."""
        return CallView(
            **asdict(self.facts),
            state=self.call.state.name.lower(),
            engine=self.engine.name,
            screen_pop=self.engine.pop,
            transcript=self.engine.transcript.lines,
            started_at=time() - (monotonic() - self.timeline.started),
            since=self._loop.state_since,
            quality=dict(self.quality),
            recording=self._recording.state,
        )

    def order(self, verdict: Verdict) -> None:
        """Bring the call to its end, or to a human; raises OrderRefused."""
        check_order(verdict, self.call.state, self._parts.outcomes)
        self.note("ordered", verdict=type(verdict).__name__.lower(), outcome=verdict.outcome)
        self.feed(ev.Ordered(verdict))

    async def write_contact(self, values: NamedValues) -> None:
        """Write the customer's contact record; raises OrderRefused with the reason why it is not written."""
        await self.contact.order(values, self.ids, self.engine.pop)

    def record(self, paused: bool, by: str) -> RecordingState:
        """Pause the recording, or go on with it; raises OrderRefused when there is none to go on with."""
        return self._recording.order(paused, by)

    def press(self, digits: str) -> bool:
        """Play keys (0-9 * # A-D) to the customer; False: the customer does not hear us, or takes no such events."""
        return self.call.state is CallState.TALKING and self.audio.press(Leg.ENGINE, digits)

    # what happens

    def feed(self, event: ev.CallEvent) -> None:
        """Something happened."""
        if isinstance(event, EngineEnded | EngineFailed):
            self.audio.engine_gone()
        self._loop.feed(event)

    def sip_event(self, event: Event) -> None:
        """A worker or the edge reports something of this call."""
        with self._loop.guarded():
            match event:
                case InviteArrived():
                    self.feed(ev.InviteTaken())
                case LegMedia(leg=leg):
                    if leg is Leg.CUSTOMER or self.engine.is_sip:
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
                    self._customer.referred(event)
                case _:
                    self.engine.on_sip(event)

    def media_event(self, event: MediaEvent) -> None:
        """The media process reports something of this call."""
        with self._loop.guarded():
            if isinstance(event, StreamEvent):
                self.engine.on_stream(event)
            elif isinstance(event, RecordingStopped):
                self._recording.stopped(event.reason)
            elif isinstance(event, AudioReport):
                what, facts = entry_of(event)
                self.note(what, **facts)
                if (fed := call_event_of(event)) is not None:
                    self.feed(fed)

    def audio_heard(self, quality: CallQuality) -> None:
        """A second of audio is over."""
        with self._loop.guarded():
            self._watch.heard(quality, time())

    def engine_media(self, media: EngineMedia) -> None:
        """Where an engine without SDP has its RTP."""
        self.audio.engine_media(media)

    def worker_lost(self) -> None:
        """The worker that held the SIP legs is dead."""
        with self._loop.guarded():
            self.note("worker_lost")
            self.feed(ev.WorkerLost())

    def note(self, what: str, /, **facts: Fact) -> None:
        """An entry of the call's timeline, now; at level debug the log has it too."""
        entry = self.timeline.add(what, monotonic(), **facts)
        said = {f"{name}_" if name == "event" else name: fact for name, fact in facts.items()}  # structlog has an event
        log.debug(what, **{"call": entry.call, "agent": entry.agent, "ms": entry.elapsed_ms} | said)

    def drop(self) -> None:
        """Forget the call at once: no timer and no task of it is left."""
        self._loop.end()
        self.engine.forget()
        self._tasks.cancel()

    # what it works with

    def send(self, command: Command) -> None:
        """A command for the SIP worker that has the call."""
        self._parts.pool.send(self._said.call, command)

    def spawn(self, name: str, work: Coroutine[Any, Any, None]) -> Cancellable:
        """A task that ends with the call at the latest."""
        return self._tasks.start(name, work)

    def _worked_off(self) -> None:
        if self.call.state in (CallState.ENDING, CallState.CLOSED) and self._screen_pop is not None:
            self._screen_pop.cancel()
        if self.call.legs.over and not self.call.legs.stranded:
            self._free_soon()

    def _give_up(self) -> None:
        """A fault of ours, and nobody knows what was left undone: both legs end, and LiveVox's status decides."""
        for leg in Leg:
            self.send(hang_up(self._said.call, leg, Fate.BRIDGE_FAILURE))
        self._close_soon()
        self.engine.hang_up(Fate.BRIDGE_FAILURE)

    def _perform(self, command: ev.CallCommand) -> None:
        match command:
            case ev.AnswerCustomer():
                self.journal.answered()
                self._recording.begin(self.engine.name, time())
                self.audio.engine_ready()
                self._customer.say(command)
                self.engine.customer_answered()
            case ev.RefuseCustomer() | ev.HangUpCustomer():
                self._customer.say(command)
            case ev.SetAudio(flow, prompt):
                if flow is Flow.RELAY:
                    self.audio.engine_ready()
                self.audio.set_flow(flow, prompt)
            case ev.FetchScreenPop():
                self._screen_pop = self._tasks.start("screen pop of", self._fetch_screen_pop())
            case ev.StartWrapUp():
                self._tasks.start("wrap-up of", self.wrap_up.begin(command, self.ids, self.facts))
                self.contact.begin(command.verdict, self.ids, self.engine.pop)
            case ev.TellWrapUp(gone, worker_lost):
                self.wrap_up.leg_gone(gone, worker_lost=worker_lost)
            case ev.Close():
                self._close_soon()
            case _:
                tell_engine(command, self.engine, self.audio)

    def _key_by_info(self, leg: Leg, key: str) -> None:
        """A key that came by INFO reaches the other side as RFC 4733 events, while the two hear each other."""
        played = self.call.state is CallState.TALKING and key != "" and self.audio.press(leg, key)
        self.note("dtmf_info", leg=leg, played=played)

    # tasks

    async def _fetch_screen_pop(self) -> None:
        started = monotonic()
        self.ids = await self._parts.customer_data.ids(self._said.agent_number, self.ids)
        self.journal.learned(self.ids)
        pop = await self._parts.customer_data.screen_pop(self._said.agent_number)
        if pop is None:
            self.note("screen_pop_missing", ms=round((monotonic() - started) * 1000, 1))
            return
        self.note("screen_pop", rows=len(pop.rows), ms=round((monotonic() - started) * 1000, 1))
        self.journal.screen_pop(pop.rows)
        self.engine.screen_pop(pop)

    def _free_soon(self) -> asyncio.Task[None]:
        if self._freeing is None:
            self._freeing = self._tasks.start_outside("free the legs of", self._free())
        return self._freeing

    async def _free(self) -> None:
        self.counted = await self.audio.close()
        self._watch.end()
        self._ends.legs_over(self._said.call)

    def _close_soon(self) -> None:
        if self._closing is None:
            self._loop.end()
            self._closing = self._tasks.start_outside("close", self._close())

    async def _close(self) -> None:
        await asyncio.wait({self._free_soon(), *self.contact.tasks})
        self.drop()
        self._ends.closed(self._said.call)
