"""[sans-IO] What is known of a run when it is over; the verdict judges nothing else."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bridge.simulator.ledger import Entry
from tests.chaos.plan import PlannedCall
from tests.chaos.spans import Span


@dataclass(frozen=True)
class CustomerSeen:
    """One call as the customer had it."""

    id: str
    """The simulator's id of the call."""
    planned: PlannedCall
    transaction_id: str
    heard: tuple[Span, ...] = ()
    """When RTP came to the customer's socket."""


@dataclass(frozen=True)
class AgentSeen:
    """Where LiveVox has an agent at the end."""

    login: str
    state: str
    call: str
    """The simulator's id of the call it has; empty: none."""
    sessions: int


@dataclass(frozen=True)
class Journalled:
    """A row of the bridge's journal."""

    call: str
    """The bridge's name of the call."""
    agent: str
    transaction_id: str
    fate: str
    term_code: str
    confirmation: str
    closed: bool


@dataclass(frozen=True)
class Interference:
    """The plan's blow as it was carried out."""

    at: float
    what: str
    away_s: float = 0.0
    """How long what was struck is away, where the plan says it."""


@dataclass(frozen=True)
class Evidence:
    """One run. Times are seconds since the epoch, on the simulator's clock."""

    ledger: Sequence[Entry]
    calls: Sequence[CustomerSeen]
    agents: Sequence[AgentSeen]
    journal: Sequence[Journalled]
    blows: Sequence[Interference] = ()
    down: Sequence[Span] = ()
    """From each kill -9 of the bridge until it says that it has started again."""
    losses: Sequence[tuple[float, str]] = ()
    """When an engine went away from a call without a word, and the bridge's name of the call."""
    cut: Sequence[Span] = ()
    """LiveVox's REST was not there."""
    stalls: Sequence[Span] = ()
    """The driver itself stood still, so that it heard nothing."""
    not_placed: Sequence[PlannedCall] = ()
    """Nobody was Ready for these for too long."""
    faults: Sequence[str] = ()
    """What the bridge's log says of faults of its own, and what a SIP element must not do."""
    stories: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)
    """The timeline of each call in the journal, by the bridge's name of it."""
