"""The driver of all calls: admits INVITEs, gives each event to its call, closes the books when a call is over."""

import asyncio
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import structlog

from bridge.call import Call
from bridge.call_events import Drained
from bridge.call_parts import CallMedia, CallParts
from bridge.call_states import CallPolicy, EngineChoice
from bridge.canonical_line import canonical_line
from bridge.engines.connection import CallFacts
from bridge.errors import MediaUnavailable
from bridge.invite_facts import invite_facts
from bridge.live_call import LiveCall
from bridge.media.messages import Event as MediaEvent
from bridge.media.messages import ProcessReady, SessionClosed
from bridge.timeline import Listener, Timeline
from sip.admission import Admitted, Invite, Refused
from sip.errors import InvalidRequestURI, InvalidSdp, NoFreeWorker
from sip.messages import Codec, Event, Leg, LegEnded, MediaOffer, SlotsLingering, WorkerReady
from sip.request_uri import RequestURI
from sip.sdp import RemoteMedia

log = structlog.get_logger()

#: Offered when the INVITE has no SDP to take it from (the number that most equipment uses).
TELEPHONE_EVENT = 101


@dataclass(frozen=True)
class ControllerSettings:
    """What the controller decides by."""

    max_calls: int
    codecs: tuple[Codec, ...]
    """In our order of preference."""
    media_address: str
    """The address in our SDP."""
    policy: CallPolicy
    engines: dict[str, tuple[EngineChoice, ...]]
    """The engines of each virtual agent, by its number."""
    dialogs_per_call: int
    """How many dialogs of a worker a call takes: two when an engine is reached by SIP."""


@dataclass(frozen=True)
class _Audio:
    """What the offer leaves us: the codecs to say, and the payload type of telephone-events."""

    codecs: tuple[Codec, ...]
    telephone_event: int | None
    late_offer: bool


class Controller:
    """Every call from INVITE to closed. The edge asks it to admit; workers and the media process report to it."""

    def __init__(
        self,
        settings: ControllerSettings,
        parts: CallParts,
        forget: Callable[[str], None],
        listeners: Sequence[Listener] = (),
    ) -> None:
        self._settings = settings
        self._parts = parts
        self._forget = forget
        self._listeners = tuple(listeners)
        self._calls: dict[str, LiveCall] = {}
        self._opening: set[str] = set()
        self._on_the_line: dict[str, set[str]] = {}
        self._draining = False
        self._idle = asyncio.Event()
        self._idle.set()

    @property
    def calls(self) -> Sequence[LiveCall]:
        """The calls that are going on."""
        return tuple(self._calls.values())

    # admission

    @property
    def accepts_calls(self) -> bool:
        """False while draining."""
        return not self._draining

    async def admit(self, invite: Invite) -> Admitted | Refused:
        """Decide on a new INVITE; when admitted, ports, worker and agent are taken. Cancelling gives all back."""
        started = asyncio.get_running_loop().time()
        refusal = self._refusal(invite)
        if isinstance(refusal, Refused):
            return refusal
        number, audio = refusal
        call = secrets.token_hex(10)
        self._opening.add(call)
        self._on_the_line.setdefault(number, set()).add(call)
        self._idle.clear()
        self._parts.agents.call_started(number, call)
        try:
            live = await self._open(call, number, invite, audio, started)
        except (MediaUnavailable, NoFreeWorker) as exc:
            log.error("call_not_admitted", call=call, reason=str(exc))
            await self._give_back(call, number)
            return Refused(503, str(exc), self._parts.retry_after_s)
        except asyncio.CancelledError:
            await asyncio.shield(self._give_back(call, number))
            raise
        self._opening.discard(call)
        return live

    def _refusal(self, invite: Invite) -> Refused | tuple[str, _Audio]:
        """The reason to refuse, or the agent's number and the audio agreed."""
        if self._draining:
            return Refused(503, "Draining", self._parts.retry_after_s)
        try:
            number = RequestURI.parse(invite.request_uri).number
        except InvalidRequestURI as exc:
            return Refused(404, str(exc))
        status = self._agent_refusal(number)
        if status is not None:
            return Refused(status, AGENT_REFUSALS[status])
        if len(self._calls) + len(self._opening) >= self._settings.max_calls:
            return Refused(503, f"All {self._settings.max_calls} calls are taken", self._parts.retry_after_s)
        audio = self._audio(invite)
        return audio if isinstance(audio, Refused) else (number, audio)

    def _agent_refusal(self, number: str) -> int | None:
        """404, 480 or 486; None: the agent may take the call.

        A call whose customer has left does not stand in the way, even if LiveVox has not confirmed its disposition yet:
        LiveVox would not send another one if it did.
        """
        status = self._parts.agents.refusal(number)
        if status in (None, 486):
            return 486 if self._on_the_line.get(number) else None
        return status

    def _audio(self, invite: Invite) -> _Audio | Refused:
        if not invite.sdp:
            return _Audio(self._settings.codecs, TELEPHONE_EVENT, late_offer=True)
        try:
            remote = RemoteMedia.parse(invite.sdp)
        except InvalidSdp as exc:
            return Refused(488, str(exc))
        codec = remote.choose(self._settings.codecs)
        if codec is None:
            ours = ", ".join(self._settings.codecs)
            return Refused(488, f"No common codec; we have {ours}")
        return _Audio((codec,), remote.telephone_event, late_offer=False)

    async def _open(self, call: str, number: str, invite: Invite, audio: _Audio, started: float) -> Admitted:
        ports = await self._parts.media.open(call, audio.codecs[0])
        worker = await self._parts.pool.reserve(call, self._settings.dialogs_per_call)
        offer = MediaOffer(self._settings.media_address, ports.customer_port, audio.codecs, audio.telephone_event)
        timeline = Timeline(call, number, started, self._listeners)
        said = invite_facts(invite.headers)
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
            Call(self._settings.engines[number], self._settings.policy, asyncio.get_running_loop().time()),
            facts,
            CallMedia(offer, ports.engine_port, audio.late_offer),
            self._parts,
            timeline,
            self._closed,
        )
        timeline.add("invite_received", started, caller=invite.caller, source=invite.source[0])
        self._calls[call].note("admitted", worker=worker)
        return Admitted(call, worker, offer)

    async def _give_back(self, call: str, number: str) -> None:
        self._opening.discard(call)
        self._calls.pop(call, None)
        self._leave_line(number, call)
        self._parts.pool.release(call)
        self._parts.agents.call_closed(number, call, None)
        await self._parts.media.close(call)
        self._settle()

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
            self._leave_line(live.facts.agent_number, event.call)
            self._parts.agents.call_wrapping(live.facts.agent_number, event.call)

    def media_event(self, event: MediaEvent) -> None:
        """The media process reports."""
        if isinstance(event, ProcessReady):
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
        idle = asyncio.create_task(self._idle.wait(), name="drain: calls end")
        hurried = asyncio.create_task(hurry.wait(), name="drain: hurry")
        await asyncio.wait({idle, hurried}, timeout=limit_s, return_when=asyncio.FIRST_COMPLETED)
        idle.cancel()
        hurried.cancel()
        if self._idle.is_set():
            return True
        log.warning("drain_cut_short", calls=len(self._calls))
        for live in tuple(self._calls.values()):
            live.feed(Drained())
        return False

    async def wait_idle(self, limit_s: float) -> bool:
        """Wait until no call is left; False: some are, after so long."""
        try:
            await asyncio.wait_for(self._idle.wait(), limit_s)
        except TimeoutError:
            return False
        return True

    def _closed(self, live: LiveCall, media: SessionClosed) -> None:
        call, number = live.facts.call, live.facts.agent_number
        self._calls.pop(call, None)
        self._leave_line(number, call)
        self._parts.pool.release(call)
        self._forget(call)
        result = live.wrap_up.result if live.wrap_up else None
        self._parts.agents.call_closed(number, call, result.agent_state if result else None)
        line = canonical_line(live.facts, live.timeline, live.call.fate or "", live.engine.name, result, media)
        live.note("closed", **line)
        log.info("call_ended", **line)
        self._settle()

    def _leave_line(self, number: str, call: str) -> None:
        """The customer of a call is gone from the agent's line."""
        there = self._on_the_line.get(number, set())
        there.discard(call)
        if not there:
            self._on_the_line.pop(number, None)

    def _settle(self) -> None:
        if not self._calls and not self._opening:
            self._idle.set()


AGENT_REFUSALS = {
    404: "No virtual agent has this number",
    480: "The virtual agent is not in service",
    486: "The virtual agent is already on a call",
}
