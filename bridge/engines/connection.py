"""[sans-IO] What every engine is to a call: a connection that is made, told things, and ended."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Protocol

from bridge.call_facts import CallFacts, ScreenPopRows
from bridge.engines.events import EngineEvent, Fate
from bridge.media.stream_messages import StreamEvent
from sip.messages import Command, Event, MediaOffer


class EngineConnection(Protocol):
    """One engine for one call. It reports through the function it was made with.

    What a kind of engine has no word for it ignores.
    """

    def connect(self, media: MediaOffer) -> None:
        """Reach the engine; EngineReady or EngineFailed follows."""

    def answered(self) -> None:
        """The customer is on the line."""

    def hang_up(self, fate: Fate) -> None:
        """End it, whatever its state; EngineEnded or EngineFailed follows."""

    def screen_pop(self, pop: ScreenPopRows) -> None:
        """Give the bot the customer's data."""

    def transfer_progress(self, status: int) -> None:
        """Tell the bot how the transfer it asked for goes: 100, 200 or a failure."""

    def dead_air(self, silent_s: float) -> None:
        """Nobody has said anything for so long; an engine by WebSocket has heard of it already."""

    def on_sip(self, event: Event) -> None:
        """Something happened on the engine's SIP leg."""

    def on_stream(self, event: StreamEvent) -> None:
        """Something happened on the engine's WebSocket."""


class Cancellable(Protocol):
    """A task."""

    def cancel(self) -> object:
        """End it."""


@dataclass(frozen=True)
class EngineCall:
    """What a connection works with: the call, and where what it says goes."""

    facts: CallFacts
    attempt: int
    """Counts the engines tried for this call, from 1."""
    send: Callable[[Command], None]
    """Commands for the SIP worker that has the call."""
    report: Callable[[EngineEvent], None]
    spawn: Callable[[str, Coroutine[Any, Any, None]], "Cancellable"]
    """Starts a task of this name; it is cancelled with the call at the latest."""
    traceparent: str = ""
    """For the engine's request headers (W3C Trace Context); empty: calls are not traced."""

    @property
    def leg_id(self) -> str:
        """The Call-ID of a SIP engine's leg."""
        return f"{self.facts.call}-{self.attempt}"


EngineMaker = Callable[[EngineCall], EngineConnection]
