"""[sans-IO] The states of a simulated agent, of a call's two ends and of a transfer, and which may follow which."""

import enum


class AgentState(enum.StrEnum):
    """What agent/status says of the agent's line (livevox_api section 2.5)."""

    LOGOFF = "LOGOFF"
    REGISTERING = "REGISTERING"
    NOTREADY = "NOTREADY"
    READY = "READY"
    RESERVED = "RESERVED"
    INCALL = "INCALL"
    HOLD = "HOLD"
    TRANSFERRING = "TRANSFERRING"
    WRAPUP = "WRAPUP"


_S = AgentState

#: Which state may follow which (livevox_api section 3); LOGOFF may follow every one.
ARROWS: dict[AgentState, frozenset[AgentState]] = {
    _S.LOGOFF: frozenset({_S.REGISTERING}),
    _S.REGISTERING: frozenset({_S.NOTREADY, _S.READY}),
    _S.NOTREADY: frozenset({_S.READY}),
    _S.READY: frozenset({_S.NOTREADY, _S.RESERVED}),
    _S.RESERVED: frozenset({_S.INCALL, _S.READY, _S.NOTREADY, _S.WRAPUP}),
    _S.INCALL: frozenset({_S.HOLD, _S.TRANSFERRING, _S.WRAPUP, _S.READY, _S.NOTREADY}),
    _S.HOLD: frozenset({_S.INCALL, _S.TRANSFERRING, _S.WRAPUP, _S.READY, _S.NOTREADY}),
    _S.TRANSFERRING: frozenset({_S.INCALL, _S.WRAPUP, _S.READY, _S.NOTREADY}),
    _S.WRAPUP: frozenset({_S.READY, _S.NOTREADY}),
}

#: A customer is connected with the agent.
ON_THE_LINE = frozenset({AgentState.INCALL, AgentState.HOLD, AgentState.TRANSFERRING})
#: The agent has a call, from its assignment to its disposition.
ENGAGED = ON_THE_LINE | {AgentState.RESERVED, AgentState.WRAPUP}


class BridgeLeg(enum.Enum):
    """LiveVox's SIP leg to the bridge."""

    DIALING = "dialing"
    UP = "up"
    GONE = "gone"


class Customer(enum.Enum):
    """Where the customer is."""

    WAITING = "waiting"
    """Not connected with the agent yet."""
    TALKING = "talking"
    ON_HOLD = "on_hold"
    HANDED_OVER = "handed_over"
    """With the second party of a transfer, without our agent."""
    GONE = "gone"


class TransferStep(enum.Enum):
    """How far a transfer is."""

    RINGING = "ringing"
    """The second party is called, or the call waits in its queue."""
    ANSWERED = "answered"
    """The second party is there; the customer is not with it yet."""
    CONFERENCED = "conferenced"
    """Customer, agent and second party are in one conference."""
    LEFT = "left"
    """The agent has left; the customer stays with the second party."""
    LEFT_BLIND = "left_blind"
    """The agent has left before the second party answered; the customer waits for it."""
    FAILED = "failed"
    """Busy, or the queue has no agents."""
    GIVEN_UP = "given_up"
    """The agent went back to the customer, or the call ended."""
