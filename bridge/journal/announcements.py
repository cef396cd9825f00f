"""[sans-IO] What webhooks are told of a record, made when it is written: both are on disk, or none of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from bridge.journal.records import CallAdmitted, CallAnswered, CallClosed, ScreenPopCame
from bridge.wrapup.plan import CallIds

#: What webhooks may be told of.
Announced = CallAdmitted | CallAnswered | ScreenPopCame | CallClosed


@dataclass(frozen=True)
class KnownCall:
    """What the journal knows of a call at that moment."""

    call: str
    agent: str
    caller: str
    ids: CallIds
    admitted_at: float
    answered_at: float
    """0: it was not."""


@dataclass(frozen=True)
class Announcement:
    """One message for one webhook."""

    webhook: str
    """Its name in the settings."""
    event: str
    body: str
    """As it will be sent."""


class Announcer(Protocol):
    """Who makes them."""

    def __call__(self, fact: Announced, call: KnownCall, /) -> Sequence[Announcement]:
        """Never raises; called in the journal's thread."""


@dataclass(frozen=True)
class Delivery:
    """A message that is to be sent now."""

    id: int
    """Of its row."""
    message: str
    """The same in each try: who gets it twice can tell."""
    webhook: str
    call: str
    event: str
    body: str
    at: float
    """When it was made, in seconds since the epoch."""
    tries: int
    """Those before this one."""


@dataclass(frozen=True)
class Backlog:
    """What is left to be sent to one webhook."""

    pending: int
    oldest_at: float | None
    """When the oldest of them was made; None: there is none."""
