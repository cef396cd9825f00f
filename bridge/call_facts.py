"""[sans-IO] What a speech engine learns of a call: the facts before it answers, and the customer's data later."""

from collections.abc import Mapping
from dataclasses import dataclass


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
