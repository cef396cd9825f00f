"""The driver of all calls: admits INVITEs, gives each event to its call, closes the books when a call is over."""

import asyncio
import secrets
from collections.abc import Callable, Sequence
from time import monotonic

import structlog

from bridge.call_facts import CallFacts
from bridge.calls.agent_lines import AgentLines
from bridge.calls.call import Call
from bridge.calls.call_journal import CallJournal
from bridge.calls.canonical_line import EngineUse, canonical_line
from bridge.calls.controller_settings import ControllerSettings
from bridge.calls.doorkeeper import Doorkeeper, Wanted
from bridge.calls.events import CallOpened, Drained
from bridge.calls.invite_facts import invite_facts
from bridge.calls.listeners import guarded
from bridge.calls.live_call import LiveCall
from bridge.calls.occupancy import Occupancy
from bridge.calls.parts import CallEnds, CallMedia, CallParts
from bridge.calls.refusals import Refusal
from bridge.calls.terms import Terms, TermsInForce
from bridge.calls.timeline import Listener, Timeline
from bridge.engines.circuits import Circuits
from bridge.errors import MediaUnavailable
from bridge.media.messages import Event as MediaEvent
from bridge.media.messages import PortsBound, ProcessReady, QualityTick, SessionClosed
from bridge.story.trouble import trouble_names
from bridge.wrapup.plan import CallIds
from bridge.wrapup.steps import Confirmation
from sip.admission import Admitted, Invite, Refused
from sip.errors import NoFreeWorker
from sip.messages import Event, Leg, LegEnded, MediaOffer, SlotsLingering, WorkerReady

log = structlog.get_logger()


class Controller:
    """Every call from INVITE to closed. The edge asks it to admit; workers and the media process report to it."""

    def __init__(
        self,
        settings: ControllerSettings,
        parts: CallParts,
        forget: Callable[[str], None],
        listeners: Sequence[Listener] = (),
        *next_call_came: Callable[[str, str | None], None],
    ) -> None:
        """`next_call_came`: whoever wraps up calls of agents elsewhere is told that LiveVox has sent another."""
        self._parts = parts
        """Of these, the ones that no setting changes."""
        self.terms = TermsInForce(Terms(settings, parts))
        """Those that calls are admitted on."""
        self._forget = forget
        self._next_call_came = next_call_came
        self._listeners = tuple(guarded(listener) for listener in listeners)
        self._ends = CallEnds(self._legs_over, self._closed)
        self._calls: dict[str, LiveCall] = {}
        self._occupancy = Occupancy()
        self._lines = AgentLines()
        self._door = Doorkeeper(self.terms, self._lines)
        self._tasks: set[asyncio.Task[SessionClosed]] = set()
        self._draining = self._cut_short = False
        self._undisposed: set[str] = set()

    @property
    def calls(self) -> Sequence[LiveCall]:
        """The calls that are going on, those whose disposition is all that is left among them."""
        return tuple(self._calls.values())

    def call(self, id: str) -> LiveCall | None:
        """The call with this id of ours; None: it is over, or never was."""
        return self._calls.get(id)

    @property
    def undisposed(self) -> int:
        """How many calls were closed without LiveVox having confirmed their disposition."""
        return len(self._undisposed)

    def disposed_late(self, call: str) -> None:
        """LiveVox has confirmed the disposition of a closed call after all."""
        self._undisposed.discard(call)

    @property
    def wrapping_up(self) -> int:
        """How many calls are over but for their disposition."""
        return sum(live.call.legs.over for live in self._calls.values())

    @property
    def on_line(self) -> int:
        """How many hold ports and dialogs, those that are being opened among them: what max_calls bounds."""
        return self._occupancy.held

    @property
    def max_calls(self) -> int:
        """How many may."""
        return self.terms.now.settings.max_calls

    @property
    def circuits(self) -> Circuits:
        """The engines' circuit breakers."""
        return self.terms.now.parts.engines.circuits

    def change(self, settings: ControllerSettings, parts: CallParts) -> None:
        """Calls that come from now on go by these; the others keep what they have."""
        self.terms.change(Terms(settings, parts))

    # admission

    @property
    def accepts_calls(self) -> bool:
        """False while draining."""
        return not self._draining

    async def admit(self, invite: Invite) -> Admitted | Refused:
        """Decide on a new INVITE; when admitted, ports, worker and agent are taken. Cancelling gives all back."""
        started = monotonic()
        if self._draining:
            return Refused(503, "Draining", self.terms.now.parts.retry_after_s, Refusal.DRAINING)
        wanted = self._door.decide(invite, self._occupancy.held)
        if isinstance(wanted, Refused):
            return wanted
        number = wanted.number
        call = secrets.token_hex(10)
        self._occupancy.came(call)
        self._lines.came(number, call)
        self._parts.agents.call_started(number, call)
        try:
            admitted = await self._open(call, wanted, invite, started)
        except (MediaUnavailable, NoFreeWorker) as exc:
            log.error("call_not_admitted", call=call, reason=str(exc))
            self._give_back(call, number)
            return Refused(503, str(exc), wanted.terms.parts.retry_after_s, Refusal.NO_RESOURCES)
        except BaseException:
            self._give_back(call, number)
            raise
        self._opened(self._calls[call])
        return admitted

    async def _open(self, call: str, wanted: Wanted, invite: Invite, started: float) -> Admitted:
        number, audio, terms = wanted.number, wanted.audio, wanted.terms
        ports = await self._parts.media.open(call, audio.codecs[0])
        worker = await self._parts.pool.reserve(call, terms.settings.dialogs[number])
        offer = MediaOffer(terms.settings.media_address, ports.customer_port, audio.codecs, audio.telephone_event)
        said = invite_facts(invite.headers)
        ids = CallIds(said.transaction_id or None, said.session_id or None, said.service_id or None)
        journal = CallJournal(self._parts.journal, call, ids, transcripts=terms.parts.transcripts)
        journal.admitted(number, invite.caller)
        timeline = Timeline(call, number, started, (*self._listeners, journal.entry))
        facts = CallFacts(
            call=call,
            agent_number=number,
            caller=invite.caller,
            caller_name=invite.display_name,
            transaction_id=said.transaction_id,
            session_id=said.session_id,
            service_id=said.service_id,
        )
        self._calls[call] = LiveCall(
            _new_call(number, terms),
            facts,
            CallMedia(offer, ports.engine_port, audio.late_offer),
            terms.parts,
            timeline,
            journal,
            self._ends,
        )
        self._calls[call].contact.account = said.account
        timeline.add("invite_received", started, caller=invite.caller, source=invite.source[0])
        self._calls[call].note("admitted", worker=worker)
        return Admitted(call, worker, offer)

    def _opened(self, live: LiveCall) -> None:
        call, number = live.facts.call, live.facts.agent_number
        for earlier in self._lines.before(number, call):
            if earlier in self._calls:
                self._calls[earlier].wrap_up.next_call_came(live.ids.transaction_id)
        for tell in self._next_call_came:
            tell(number, live.ids.transaction_id)
        live.feed(Drained() if self._cut_short else CallOpened())

    def _give_back(self, call: str, number: str) -> None:
        """The call is not admitted after all."""
        live = self._calls.pop(call, None)
        if live is not None:
            live.drop()
            live.journal.closed({})
        self._lines.settled(number, call)
        self._parts.pool.release(call)
        self._parts.agents.call_closed(number, call, None)
        closing = asyncio.create_task(self._parts.media.close(call), name=f"close the ports of {call}")
        self._tasks.add(closing)
        closing.add_done_callback(self._tasks.discard)
        self._occupancy.settled(call)

    # what happens to calls

    def sip_event(self, event: Event) -> None:
        """A worker or the edge reports."""
        match event:
            case WorkerReady() | SlotsLingering():
                return
        live = self._calls.get(event.call)
        if live is None:
            log.debug("event_of_no_call", call=event.call, sip_event=type(event).__name__)
            return
        live.sip_event(event)
        if isinstance(event, LegEnded) and event.leg is Leg.CUSTOMER:
            self._lines.customer_left(live.facts.agent_number, event.call)
            self._parts.agents.call_wrapping(live.facts.agent_number, event.call)

    def media_event(self, event: MediaEvent) -> None:
        """The media process reports."""
        if isinstance(event, ProcessReady | PortsBound):
            return
        if isinstance(event, QualityTick):
            for each in event.calls:
                if each.call in self._calls:
                    self._calls[each.call].audio_heard(each)
            return
        live = self._calls.get(event.call)
        if live is not None:
            live.media_event(event)

    def workers_lost(self, calls: Sequence[str]) -> None:
        """A worker died with these calls."""
        for call in calls:
            live = self._calls.get(call)
            if live is not None:
                log.warning("call_lost_its_worker", call=call, agent=live.facts.agent_number)
                live.worker_lost()

    async def drain(self, limit_s: float, hurry: asyncio.Event) -> bool:
        """Take no more calls and wait for those there are; after the limit, or in a hurry, they are ended.

        True: all ended by themselves.
        """
        self._draining = True
        idle = asyncio.create_task(self._occupancy.idle(), name="drain: calls end")
        hurried = asyncio.create_task(hurry.wait(), name="drain: hurry")
        await asyncio.wait({idle, hurried}, timeout=limit_s, return_when=asyncio.FIRST_COMPLETED)
        idle.cancel()
        hurried.cancel()
        if self._occupancy.is_idle:
            return True
        log.warning("drain_cut_short", calls=len(self._calls))
        self._cut_short = True
        for live in tuple(self._calls.values()):
            live.feed(Drained())
        return False

    async def wait_quiet(self, limit_s: float) -> bool:
        """Wait until no customer is on the line with us; False: some are, after so long."""
        return await self._occupancy.quiet_within(limit_s)

    async def wait_idle(self, limit_s: float) -> bool:
        """Wait until no call is left, nor the disposition of one; False: some are, after so long."""
        return await self._occupancy.idle_within(limit_s)

    async def stop(self) -> None:
        """Forget the calls that are left: no task and no timer of theirs goes on."""
        for live in self._calls.values():
            live.drop()
        self._calls.clear()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _legs_over(self, call: str) -> None:
        """Nobody speaks on the call any more: another one may have its ports and dialogs."""
        self._lines.customer_left(self._calls[call].facts.agent_number, call)
        self._parts.pool.release(call)
        self._forget(call)
        self._occupancy.legs_over(call)

    def _closed(self, call: str) -> None:
        live = self._calls.pop(call)
        number, result = live.facts.agent_number, live.wrap_up.result
        self._lines.settled(number, call)
        self._parts.agents.call_closed(number, call, result.agent_state if result else None)
        if result is None or result.confirmation is Confirmation.UNCONFIRMED:
            self._undisposed.add(call)
        engine = EngineUse(live.engine.name, live.engine.tried, live.engine.used)
        line = canonical_line(live.facts, live.timeline, live.call.fate or "", engine, result, live.counted)
        trouble = trouble_names(live.timeline.entries, line)
        live.note("closed", **line, trouble=",".join(trouble))
        live.journal.closed(line, trouble)
        log.info("call_ended", **line, trouble=list(trouble))
        self._occupancy.settled(call)


def _new_call(number: str, terms: Terms) -> Call:
    now, allows = asyncio.get_running_loop().time(), terms.parts.engines.circuits.allows
    return Call(terms.settings.engines[number], terms.settings.policy, now, allows)
