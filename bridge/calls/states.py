"""[sans-IO] Where a call and its legs can be, and what a call is told of engines and limits."""

import enum
from dataclasses import dataclass


class CallState(enum.Enum):
    """Where a call is."""

    ADMITTED = enum.auto()
    #: The INVITE is on its way to a worker; an engine is reached meanwhile.
    CONNECTING = enum.auto()
    #: The customer hears ringing while an engine is reached.
    ANSWERING = enum.auto()
    #: 200 is sent, its ACK not yet seen.
    TALKING = enum.auto()
    REPLACING = enum.auto()
    #: The engine is lost and another is reached; the customer hears the wait prompt.
    TRANSFERRING = enum.auto()
    #: LiveVox brings the customer to a human; our leg is still up.
    ENDING = enum.auto()
    #: Legs are being ended and the disposition set.
    CLOSED = enum.auto()


class LegState(enum.Enum):
    """Where one leg is."""

    NONE = enum.auto()
    PENDING = enum.auto()
    UP = enum.auto()
    HANGING_UP = enum.auto()
    #: The order to end it is given.
    GONE = enum.auto()


@dataclass(frozen=True)
class EngineChoice:
    """An engine that may take the call."""

    name: str
    connect_timeout_s: float


@dataclass(frozen=True)
class CallPolicy:
    """Time limits of a call and what becomes of it when something of ours breaks."""

    arrival_limit_s: float = 5.0
    """From admission to the worker having the INVITE."""
    ack_limit_s: float = 40.0
    """From 200 to the ACK; the worker's own timer is shorter."""
    leg_end_limit_s: float = 10.0
    """From the order to end a leg to its end."""
    failure_target: str = ""
    """The target of [targets] that customers go to when the engine or we fail; empty: none."""
    answer_without_engine: bool = False
    """Where no engine can be had the customer is answered and goes to failure_target, which must be set; False: 503."""
