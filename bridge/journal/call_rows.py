"""[sans-IO] What the journal has of one call, as it is read again, and how calls are searched for."""

import binascii
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bridge.journal.records import Fact

#: A page of a list has no more.
MAX_PAGE = 500
#: In the place of a name of trouble: whatever it is.
ANY_TROUBLE = "any"


@dataclass(frozen=True)
class CallRow:
    """A call; times in seconds since the epoch, None: that has not happened."""

    call: str
    agent: str
    caller: str
    admitted_at: float
    transaction_id: str
    session_id: str
    service_id: str
    answered_at: float | None
    decided_at: float | None
    disposed_at: float | None
    closed_at: float | None
    fate: str
    outcome: str
    term_code: str
    confirmation: str
    transferred_to: str
    agent_state: str
    reason: str
    line: Mapping[str, Fact]
    """The canonical log line; empty: the call goes on."""
    trouble: tuple[str, ...]


@dataclass(frozen=True)
class EntryRow:
    """An entry of the timeline."""

    at: float
    elapsed_ms: float
    what: str
    facts: Mapping[str, Fact]


@dataclass(frozen=True)
class MessageRow:
    """A message that went over the wire."""

    at: float
    protocol: str
    """sip, rest, or speech: what was said."""
    leg: str
    sent: bool
    peer: str
    text: str


@dataclass(frozen=True)
class QualityRow:
    """Seconds of one side's audio."""

    at: float
    side: str
    samples: tuple[tuple[float, ...], ...]


@dataclass(frozen=True)
class CallRows:
    """All of one call, each in the order in which it happened."""

    call: CallRow
    entries: tuple[EntryRow, ...]
    messages: tuple[MessageRow, ...]
    quality: tuple[QualityRow, ...]


@dataclass(frozen=True)
class ActionRow:
    """What an operator did."""

    at: float
    who: str
    did: str
    about: str
    result: str


@dataclass(frozen=True)
class CallQuery:
    """Which calls are wanted: all that is said here must hold. The latest come first."""

    call: str = ""
    """The beginning of its id."""
    agent: str = ""
    caller: str = ""
    """Digits somewhere in the customer's number."""
    since: float | None = None
    """Admitted then or later, in seconds since the epoch."""
    until: float | None = None
    """Admitted before."""
    outcome: str = ""
    """The outcome, the fate or the term code."""
    trouble: str = ""
    """A name, or ANY_TROUBLE."""
    limit: int = 50
    after: tuple[float, str] | None = None
    """The last of the page before: see `read_cursor`."""


@dataclass(frozen=True)
class CallPage:
    """Some of the calls."""

    calls: tuple[CallRow, ...]
    cursor: str
    """For the page after; empty: this is the last one."""


def cursor_of(row: CallRow) -> str:
    """Where the page after this call begins; opaque to who asks."""
    return urlsafe_b64encode(json.dumps([row.admitted_at, row.call]).encode()).decode().rstrip("=")


def read_cursor(text: str) -> tuple[float, str] | None:
    """The place that a cursor names; None: it is none."""
    try:
        place: Any = json.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        match place:
            case [float() | int() as at, str() as call] if not isinstance(at, bool):
                return float(at), call
    except (ValueError, binascii.Error, OverflowError, RecursionError):
        return None
    return None
