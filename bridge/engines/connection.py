"""[sans-IO] What every dialect is to a call: a connection to a speech engine, and the facts it is given."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from bridge.engines.events import EngineEvent, Fate
from sip.messages import Command, Event, MediaOffer


@dataclass(frozen=True)
class CallFacts:
    """What an engine learns of a call before it answers."""

    call: str
    agent_number: str
    caller: str
    """The customer's number as LiveVox sent it; empty when withheld."""
    caller_name: str
    transaction_id: str
    """LiveVox's callTransactionId, empty until known."""
    session_id: str
    """LiveVox's callSessionId, empty until known."""
    service_id: str
    """LiveVox's service, empty until known."""


@dataclass(frozen=True)
class ScreenPopRows:
    """The screen pop for the bot: rows as LiveVox has them, and by normalised key."""

    rows: tuple[tuple[str, str], ...]
    fields: Mapping[str, str]


class EngineConnection(Protocol):
    """One engine for one call. It reports through the function it was made with."""

    def connect(self, media: MediaOffer) -> None:
        """Reach the engine; EngineReady or EngineFailed follows."""

    def hang_up(self, fate: Fate) -> None:
        """End it, whatever its state; EngineEnded or EngineFailed follows."""

    def screen_pop(self, pop: ScreenPopRows) -> None:
        """Give the bot the customer's data."""

    def transfer_progress(self, status: int) -> None:
        """Tell the bot how the transfer it asked for goes: 100, 200 or a failure."""

    def on_sip(self, event: Event) -> None:
        """Something happened on the engine's SIP leg; a dialect without one ignores it."""


#: Makes a connection: the facts, an id for its leg, where SIP commands go, and where its events go.
EngineMaker = Callable[
    [CallFacts, str, Callable[[Command], None], Callable[[EngineEvent], None]],
    EngineConnection,
]
