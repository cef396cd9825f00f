"""The engines of one call: which is tried, and what the one that answers says."""

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Protocol

import structlog

from bridge.call_facts import CallFacts, ScreenPopRows
from bridge.calls.events import CallEvent
from bridge.calls.orders import Targets
from bridge.calls.timeline import Fact
from bridge.calls.transcript import Transcript
from bridge.engines.circuits import Circuits, EngineTry
from bridge.engines.connection import Cancellable, EngineCall, EngineConnection, EngineMaker
from bridge.engines.events import (
    EngineEnded,
    EngineEvent,
    EngineFailed,
    EngineMedia,
    EngineNote,
    EngineReady,
    EngineTranscript,
    Fate,
    RecordingWanted,
    VerdictGiven,
)
from bridge.errors import OrderRefused
from bridge.media.stream_messages import StreamEvent
from bridge.recording_words import RecordingState
from bridge.verdicts import Transfer, Verdict
from sip.messages import Command, Dial, Event, LegEnded, MediaOffer

log = structlog.get_logger()

#: The note with which an engine says what it has used since its last one.
USAGE = "usage"


@dataclass(frozen=True)
class EngineParts:
    """What the engines of all calls work with."""

    makers: Mapping[str, EngineMaker]
    """By the name in the settings."""
    targets: Targets
    circuits: Circuits
    traceparent: Callable[[str, int], str] = lambda call, attempt: ""
    """The header for the engine of a try; empty: calls are not traced."""


class EngineHost(Protocol):
    """The call that engines are tried for."""

    @property
    def facts(self) -> CallFacts:
        """What an engine learns of it, now."""

    def send(self, command: Command) -> None:
        """To the SIP worker that has the call."""

    def feed(self, event: CallEvent) -> None:
        """Something happened that the call must know."""

    def note(self, what: str, /, **facts: Fact) -> None:
        """An entry of its timeline."""

    def spawn(self, name: str, work: Coroutine[Any, Any, None]) -> Cancellable:
        """A task that ends with the call at the latest."""

    def engine_media(self, media: EngineMedia) -> None:
        """Where an engine without SDP has its RTP."""

    def record(self, paused: bool, by: str) -> RecordingState:
        """Pause the recording, or go on with it; raises OrderRefused."""


class CallEngine:
    """Holds the connection that counts; one that was given up is not heard any more."""

    def __init__(
        self, host: EngineHost, parts: EngineParts, said: Callable[[str, str], None] = lambda role, text: None
    ) -> None:
        """`said` hears who, "bot" or "customer", says what."""
        self.name = ""
        """The engine the call has, or had last."""
        self.pop: ScreenPopRows | None = None
        self.transcript = Transcript()
        self.used: dict[str, int] = {}
        """What engines counted of their use, tokens for example: the sums by name."""
        self._host = host
        self._said = said
        self._parts = parts
        self._customer_answered = self._ready = self._hung_up = self._hanging_up = False
        self._connections: list[EngineConnection] = []
        """One for each try; the last one counts."""
        self._legs: deque[EngineConnection] = deque()
        """Those with a SIP leg that has not ended."""
        self._try: EngineTry | None = None

    @property
    def tried(self) -> int:
        """How many engines were tried."""
        return len(self._connections)

    @property
    def is_sip(self) -> bool:
        """The one that counts has a SIP leg."""
        return bool(self._legs) and self._legs[-1] is self._connections[-1]

    # what the call wants

    def connect(self, name: str, media: MediaOffer) -> None:
        """Reach this engine of the settings."""
        tried = self.tried + 1
        self.name = name
        self._ready = self._hung_up = False
        self._try = self._parts.circuits.begin(name)
        self._host.note("engine_dialled", engine=name)

        def report(event: EngineEvent) -> None:
            if self._hanging_up:
                # Whoever hangs up is not done yet, and may go on to the next engine, whose event this is not.
                asyncio.get_running_loop().call_soon(report, event)
                return
            self._hear(event, counts=tried == self.tried)

        def send(command: Command) -> None:
            if isinstance(command, Dial):
                self._legs.append(connection)
            self._host.send(command)

        facts = self._host.facts
        trace = self._parts.traceparent(facts.call, tried)
        connection = self._parts.makers[name](EngineCall(facts, tried, send, report, self._host.spawn, trace))
        self._connections.append(connection)
        connection.connect(media)

    def pass_over(self, name: str) -> None:
        """This engine gets no calls for now."""
        self._host.note("engine_passed_over", engine=name)

    def customer_answered(self) -> None:
        """The customer is on the line."""
        self._customer_answered = True
        if self._ready:
            self._connections[-1].answered()

    def hang_up(self, fate: Fate) -> None:
        """End the connection, whatever its state."""
        if not self._connections or self._hung_up:
            return
        self._hung_up = True
        self._host.note("engine_hung_up_on", engine=self.name, fate=fate)
        self._judge(fate)
        self._hanging_up = True
        try:
            self._connections[-1].hang_up(fate)
        finally:
            self._hanging_up = False

    def screen_pop(self, pop: ScreenPopRows) -> None:
        """Give the bot the customer's data; one that comes later gets it, too."""
        self.pop = pop
        if self._ready:
            self._connections[-1].screen_pop(pop)

    def transfer_progress(self, status: int) -> None:
        """Tell the bot how its transfer goes."""
        if self._connections:
            self._connections[-1].transfer_progress(status)

    def dead_air(self, silent_s: float) -> None:
        """Tell the bot that nobody has said anything for so long."""
        if self._ready:
            self._connections[-1].dead_air(silent_s)

    def forget(self) -> None:
        """The call is not attended to any more."""
        if self._try is not None:
            self._try.abandoned()

    # what happens

    def on_sip(self, event: Event) -> None:
        """Something happened on an engine's SIP leg: on the oldest that has not ended.

        A worker says the end of one engine's leg before it says anything of the next one's.
        """
        if self._legs:
            self._legs[0].on_sip(event)
        if isinstance(event, LegEnded) and self._legs:
            self._legs.popleft()

    def on_stream(self, event: StreamEvent) -> None:
        """Something happened on an engine's WebSocket."""
        if 0 < event.stream <= self.tried:
            self._connections[event.stream - 1].on_stream(event)

    def _hear(self, event: EngineEvent, *, counts: bool) -> None:
        """Of an engine that was given up only its last words on what was."""
        match event:
            case EngineNote(what, facts):
                if what == USAGE:
                    self._add_use(facts)
                self._host.note(what, **facts)
            case EngineTranscript(role, text):
                self.transcript.add(role, text)
                self._said(role, text)
            case _ if counts:
                self._hear_now(event)

    def _hear_now(self, event: EngineEvent) -> None:
        match event:
            case EngineMedia():
                self._host.engine_media(event)
            case VerdictGiven(verdict):
                self._hear_verdict(verdict)
            case RecordingWanted(paused):
                with suppress(OrderRefused):  # it is not told whether there is one
                    self._host.record(paused, "bot")
            case EngineReady():
                self._begin()
            case EngineFailed() | EngineEnded():
                self._end(event)

    def _begin(self) -> None:
        self._ready = True
        if self._try is not None:
            self._try.ready()
        self._host.note("engine_answered", engine=self.name)
        replaces = self._customer_answered  # the first one's `answered` comes of what is fed here
        self._host.feed(EngineReady())
        if replaces and not self._hung_up:
            self._connections[-1].answered()
            if self.pop is not None:
                self._connections[-1].screen_pop(self.pop)

    def _hear_verdict(self, verdict: Verdict) -> None:
        if isinstance(verdict, Transfer):
            self._host.note("transfer_asked", target=verdict.target)
            if self._parts.targets.target(verdict.target) is None:
                remedy = "add it, or an alias, to [targets]"
                log.warning("transfer_target_unknown", target=verdict.target, remedy=remedy)
                self.transfer_progress(404)
                return
        else:
            self._host.note("verdict_given", outcome=verdict.outcome)
        self._host.feed(VerdictGiven(verdict))

    def _end(self, event: EngineFailed | EngineEnded) -> None:
        if isinstance(event, EngineFailed):
            if not self._hung_up:
                log.warning("engine_unavailable", engine=self.name, reason=event.reason)
            self._host.note("engine_failed", engine=self.name, reason=event.reason)
        else:
            outcome = event.verdict.outcome if event.verdict else ""
            facts: dict[str, Fact] = {"lost": event.lost, "reason": event.reason, "outcome": outcome}
            self._host.note("engine_leg_ended", by_us=self._hung_up, **facts)
        if self._try is not None and not self._hung_up:
            if isinstance(event, EngineFailed):
                self._try.failed()
            elif event.lost:
                self._try.lost()
        self._ready = False
        self._host.feed(event)

    def _judge(self, fate: Fate) -> None:
        """We end it: whether that is the engine's fault."""
        if self._try is None:
            return
        if self._ready and fate is Fate.RTP_TIMEOUT:
            self._try.lost()
        elif fate is Fate.ENGINE_UNAVAILABLE:
            log.warning("engine_unavailable", engine=self.name, reason="not ready to talk in time")
            self._try.failed()
        else:
            self._try.abandoned()

    def _add_use(self, facts: Mapping[str, Fact]) -> None:
        for name, value in facts.items():
            if isinstance(value, int) and not isinstance(value, bool):
                self.used[name] = self.used.get(name, 0) + value
