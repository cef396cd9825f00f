"""[sans-IO] What the parts of the simulated platform share: agents, calls, what is due when, switches and ledger."""

import heapq
import itertools
from dataclasses import dataclass, field
from typing import Any

from bridge.errors import InvalidTransition
from bridge.simulator.disposition import Disposition
from bridge.simulator.faults import Faults
from bridge.simulator.ledger import Kind, Ledger
from bridge.simulator.states import ARROWS, ENGAGED, AgentState, BridgeLeg, Customer, TransferStep
from bridge.simulator.telephony import CallToPlace
from bridge.simulator.world import AgentSeed, PhonebookContact, Service, World

# What the driver must do.


@dataclass(frozen=True)
class PlaceCall:
    """Send the INVITE of a call."""

    call: CallToPlace


@dataclass(frozen=True)
class HangUpLeg:
    """End the bridge's leg of a call from LiveVox's side: CANCEL or BYE."""

    call_id: str


Command = PlaceCall | HangUpLeg

# What becomes due by itself.


@dataclass(frozen=True)
class ShowCall:
    """agent/status begins to show an answered call."""

    call_id: str


@dataclass(frozen=True)
class PartyDue:
    """The second party of a transfer answers or fails."""

    call_id: str
    transfer: int


@dataclass(frozen=True)
class ConferenceDue:
    """The customer joins the second party by itself."""

    call_id: str
    transfer: int


@dataclass(frozen=True)
class ReleaseLeg:
    """The platform hangs up the bridge's leg after the agent has left a conference."""

    call_id: str


@dataclass(frozen=True)
class WrapUpOver:
    """The agent's time in wrap-up is used up."""

    call_id: str


Due = ShowCall | PartyDue | ConferenceDue | ReleaseLeg | WrapUpOver


@dataclass
class Transfer:
    """One try to hand a customer to someone else."""

    number: int
    """From 1, within the call."""
    contact: PhonebookContact
    step: TransferStep = TransferStep.RINGING

    @property
    def active(self) -> bool:
        """The second party is called or there, and the agent has not left."""
        return self.step in (TransferStep.RINGING, TransferStep.ANSWERED, TransferStep.CONFERENCED)


@dataclass
class Call:
    """One customer's call to one agent."""

    id: str
    agent: str
    """The agent's login."""
    transaction_id: str
    session_id: str
    service: Service
    account: str
    caller_number: str
    first_name: str
    last_name: str
    placed_at: float
    leg: BridgeLeg = BridgeLeg.DIALING
    customer: Customer = Customer.WAITING
    transfer: Transfer | None = None
    saved: Disposition | None = None
    """A term code saved while the customer is on the line, where it waits for the end."""
    result: str | None = None
    """How the call was disposed of; None while it is not."""
    closed: bool = False
    """The agent is free of it."""
    context: dict[str, str] = field(default_factory=dict)
    """Call context data (livevox_api section 2.10)."""

    @property
    def over(self) -> bool:
        """The agent is free of it and the bridge's leg is gone."""
        return self.closed and self.leg is BridgeLeg.GONE


@dataclass
class Agent:
    """One agent as the platform sees it."""

    seed: AgentSeed
    number: str
    """Where its calls are sent: 10 digits."""
    wrap_up_s: float | None
    state: AgentState = AgentState.LOGOFF
    changed_at: float = 0.0
    service: Service | None = None
    polls_left: int = 0
    """Requests that still fail while it registers."""
    call: Call | None = None
    reason_code: str = ""
    failed_status: int | None = None
    """The SIP status by which the last INVITE failed; None: it did not."""
    abandoned: bool = False
    """The last customer left before the bridge answered."""
    deferred: AgentState | None = None
    """Where it goes after the call, by a ready or notReady that came meanwhile."""

    @property
    def login(self) -> str:
        """Its login id."""
        return self.seed.login

    @property
    def engaged(self) -> bool:
        """It has a call, from the assignment to the disposition."""
        return self.state in ENGAGED


class Floor:
    """The call centre's floor: who is there, in which state, with whom."""

    def __init__(self, world: World, faults: Faults, ledger: Ledger) -> None:
        self.world = world
        self.faults = faults
        self.ledger = ledger
        self.agents = {seed.login: Agent(seed, seed.number, seed.wrap_up_s) for seed in world.agents}
        self.phonebook = {contact.id: contact for contact in world.phonebook}
        self.calls: dict[str, Call] = {}
        self.commands: list[Command] = []
        self._agenda: list[tuple[float, int, Due]] = []
        self._order = itertools.count()

    # Agents.

    def move(self, agent: Agent, state: AgentState, now: float) -> None:
        """Change an agent's state; the only place where it changes. Raises InvalidTransition."""
        if state is not AgentState.LOGOFF and state not in ARROWS[agent.state]:
            raise InvalidTransition(agent.state, f"change to {state}")
        self.ledger.note(
            now, Kind.STATE, state, agent=agent.login, call=agent.call.id if agent.call else "", before=agent.state
        )
        agent.state = state
        agent.changed_at = now

    def touch(self, agent: Agent, now: float) -> None:
        """Something agent/status shows has changed besides the state."""
        agent.changed_at = now

    def release(self, agent: Agent, state: AgentState, now: float) -> None:
        """Free an agent of its call and move it on, to where a deferred request wants it if there is one."""
        call = agent.call
        self.move(agent, agent.deferred or state, now)
        agent.deferred = None
        agent.call = None
        if call is not None:
            if call.transfer is not None and call.transfer.active:
                call.transfer.step = TransferStep.GIVEN_UP
            call.closed = True
            self.note_call(call, "closed", now)

    # Calls.

    def holder(self, call: Call) -> Agent:
        """The agent of a call."""
        return self.agents[call.agent]

    def note_call(self, call: Call, name: str, now: float, **facts: Any) -> None:
        """Enter a step of a call's life."""
        self.ledger.note(now, Kind.CALL, name, agent=call.agent, call=call.id, **facts)

    def dispose(self, call: Call, result: str, now: float, **facts: Any) -> None:
        """Give a call its result."""
        call.result = result
        self.ledger.note(now, Kind.DISPOSITION, result, agent=call.agent, call=call.id, **facts)

    def hang_up_leg(self, call: Call) -> None:
        """Let the driver end the bridge's leg, if there is one."""
        if call.leg is not BridgeLeg.GONE:
            self.commands.append(HangUpLeg(call.id))

    # Time.

    def schedule(self, at: float, due: Due) -> None:
        """Let something become due."""
        heapq.heappush(self._agenda, (at, next(self._order), due))

    @property
    def deadline(self) -> float | None:
        """When the next thing is due."""
        return self._agenda[0][0] if self._agenda else None

    def next_due(self, now: float) -> Due | None:
        """The next thing that is due by now, taken off the agenda."""
        return heapq.heappop(self._agenda)[2] if self._agenda and self._agenda[0][0] <= now else None
