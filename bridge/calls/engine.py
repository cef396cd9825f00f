"""The engines of one call: which is tried, and what the one that answers says."""

from collections import deque
from collections.abc import Callable, Mapping
from typing import Protocol

import structlog

from bridge.engines.connection import CallFacts, EngineConnection, EngineMaker, ScreenPopRows
from bridge.engines.events import EngineEnded, EngineEvent, EngineFailed, EngineReady, Fate, VerdictGiven
from bridge.engines.verdicts import Transfer
from bridge.settings.sections import Target
from sip.messages import Command, Event, LegEnded, MediaOffer

log = structlog.get_logger()


class Targets(Protocol):
    """Who knows whom a bot may name."""

    def target(self, text: str) -> Target | None:
        """The target of this name or alias."""


class CallEngine:
    """Holds the connection that counts; one that was given up is not heard any more."""

    def __init__(
        self,
        makers: Mapping[str, EngineMaker],
        targets: Targets,
        facts: CallFacts,
        send: Callable[[Command], None],
        report: Callable[[EngineEvent], None],
        note: Callable[..., None],
    ) -> None:
        self.name = ""
        self._makers = makers
        self._targets = targets
        self._facts = facts
        self._send = send
        self._report = report
        self._note = note
        self._tried = 0
        self._hung_up = False
        self._legs: deque[EngineConnection] = deque()
        self._connection: EngineConnection | None = None

    def connect(self, name: str, media: MediaOffer) -> None:
        """Reach this engine of the settings."""
        self._tried += 1
        tried = self._tried
        self.name = name
        self._hung_up = False
        self._note("engine_dialled", engine=name)

        def report(event: EngineEvent) -> None:
            if tried == self._tried:
                self._hear(event)

        leg_id = f"{self._facts.call}-{tried}"
        self._connection = self._makers[name](self._facts, leg_id, self._send, report)
        self._legs.append(self._connection)
        self._connection.connect(media)

    def hang_up(self, fate: Fate) -> None:
        """End the connection, whatever its state."""
        if self._connection is not None:
            self._hung_up = True
            self._note("engine_hung_up_on", engine=self.name, fate=fate)
            self._connection.hang_up(fate)

    def screen_pop(self, pop: ScreenPopRows) -> None:
        """Give the bot the customer's data."""
        if self._connection is not None:
            self._connection.screen_pop(pop)

    def transfer_progress(self, status: int) -> None:
        """Tell the bot how its transfer goes."""
        if self._connection is not None:
            self._connection.transfer_progress(status)

    def on_sip(self, event: Event) -> None:
        """Something happened on an engine's SIP leg: on the oldest that has not ended.

        A worker says the end of one engine's leg before it says anything of the next one's.
        """
        if self._legs:
            self._legs[0].on_sip(event)
        if isinstance(event, LegEnded) and self._legs:
            self._legs.popleft()

    def _hear(self, event: EngineEvent) -> None:
        match event:
            case EngineReady():
                self._note("engine_answered", engine=self.name)
            case EngineFailed(reason):
                log.warning("engine_unavailable", engine=self.name, reason=reason)
                self._note("engine_failed", engine=self.name, reason=reason)
            case EngineEnded(verdict, lost, reason):
                outcome = verdict.outcome if verdict else ""
                self._note("engine_leg_ended", by_us=self._hung_up, lost=lost, reason=reason, outcome=outcome)
            case VerdictGiven(Transfer(target)):
                self._note("transfer_asked", target=target)
                if self._targets.target(target) is None:
                    log.warning("transfer_target_unknown", target=target, remedy="add it, or an alias, to [targets]")
                    self.transfer_progress(404)
                    return
            case VerdictGiven(verdict):
                self._note("verdict_given", outcome=verdict.outcome)
        self._report(event)
