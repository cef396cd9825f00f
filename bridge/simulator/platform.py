"""[sans-IO] The simulated platform: its parts put together, its clock, and what supervisors and tests do to it."""

from bridge.simulator.agents import Agents
from bridge.simulator.calls import Calls
from bridge.simulator.contacts import Contacts
from bridge.simulator.context import CallContext
from bridge.simulator.customer_call import CustomerCall
from bridge.simulator.errors import SimulationError
from bridge.simulator.faults import Faults
from bridge.simulator.floor import (
    Agent,
    Call,
    Command,
    ConferenceDue,
    Due,
    Floor,
    PartyDue,
    ReleaseLeg,
    ShowCall,
    WrapUpOver,
)
from bridge.simulator.injections import Injections
from bridge.simulator.ledger import Kind, Ledger
from bridge.simulator.rest_sessions import Session, Sessions
from bridge.simulator.transfers import Transfers
from bridge.simulator.world import World


class Platform:
    """All of LiveVox that the simulator plays; `now` is seconds since the epoch and never goes back.

    After each call of a method the driver takes `commands()` and performs them, and calls `expire` at `deadline`.
    """

    def __init__(self, world: World, faults: Faults) -> None:
        self.ledger = Ledger()
        self.floor = Floor(world, faults, self.ledger)
        self.sessions = Sessions(self.floor)
        self.calls = Calls(self.floor)
        self.agents = Agents(self.floor, self.calls)
        self.transfers = Transfers(self.floor, self.calls)
        self.contacts = Contacts(world.contacts)
        self.context = CallContext(self.floor)
        self.injections = Injections(faults.seed)

    # The driver.

    def commands(self) -> list[Command]:
        """What the driver must do now; each command is given once."""
        taken, self.floor.commands = self.floor.commands, []
        return taken

    @property
    def deadline(self) -> float | None:
        """When `expire` must be called next; None: not before something else happens."""
        return self.floor.deadline

    def expire(self, now: float) -> None:
        """Let happen what is due by now."""
        while (due := self.floor.next_due(now)) is not None:
            self._happen(due, now)

    # Looking things up.

    def agent(self, name: str) -> Agent:
        """The agent with this login or number. Raises SimulationError."""
        for agent in self.floor.agents.values():
            if name.upper() == agent.login or name == agent.number:
                return agent
        raise SimulationError(f"no agent has the login or number {name}")

    def call(self, call_id: str) -> Call:
        """The call with this id. Raises SimulationError."""
        call = self.floor.calls.get(call_id)
        if call is None:
            raise SimulationError(f"no call has the id {call_id}")
        return call

    # Changing the platform itself.

    @property
    def faults(self) -> Faults:
        """The switches as they stand."""
        return self.floor.faults

    def set_faults(self, faults: Faults, now: float) -> None:
        """Replace the switches."""
        changed = [name for name, value in vars(faults).items() if getattr(self.floor.faults, name) != value]
        self.floor.faults = faults
        if "seed" in changed:
            self.injections.reseed(faults.seed)
        self.ledger.note(now, Kind.CONTROL, "faults", changed={name: getattr(faults, name) for name in changed})

    def expire_sessions(self, login: str, now: float) -> None:
        """End the sessions of an agent, of everybody if the login is empty."""
        self._logged_out(self.sessions.expire(login, now), now)

    def expire_unused_sessions(self, now: float) -> None:
        """End the sessions nobody has used for the session's life time."""
        self._logged_out(self.sessions.expire_due(now), now)

    def place(self, order: CustomerCall, now: float) -> Call:
        """Route a customer to an agent that is Ready and has a session. Raises CallNotPlaced."""
        self.expire_unused_sessions(now)
        return self.calls.place(order, now)

    def _logged_out(self, ended: list[Session], now: float) -> None:
        if not self.faults.expiry_leaves_service:
            return
        for session in ended:
            agent = self.floor.agents.get(session.login) if session.is_agent else None
            if agent is not None and not agent.engaged and not self.sessions.count(agent.login):
                self.agents.log_off(agent, now, by="session expired")

    def _happen(self, due: Due, now: float) -> None:
        call = self.floor.calls[due.call_id]
        match due:
            case ShowCall():
                self.calls.show(call, now)
            case PartyDue(transfer=number):
                self.transfers.party_due(call, number, now)
            case ConferenceDue(transfer=number):
                self.transfers.conference_due(call, number, now)
            case ReleaseLeg():
                self.floor.hang_up_leg(call)
            case WrapUpOver():
                self.calls.wrap_up_over(call, now)
