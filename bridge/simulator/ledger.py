"""[sans-IO] The append-only log of all the simulated platform saw and did; tests assert on it."""

import enum
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any


class Kind(enum.StrEnum):
    """What an entry is about."""

    REQUEST = "request"
    """A REST request, with its answer."""
    STATE = "state"
    """An agent's state changed."""
    CALL = "call"
    """A step in a call's life: placed, answered, audio, customer_hung_up, ..."""
    TRANSFER = "transfer"
    """A step of a transfer: started, answered, conferenced, failed, left, ..."""
    DISPOSITION = "disposition"
    """A call got its result, by a term code or by default; once a call."""
    SESSION = "session"
    """Opened, expired, closed."""
    CONTROL = "control"
    """Someone interfered: a supervisor, a test."""


@dataclass(frozen=True)
class Entry:
    """One line of the ledger."""

    number: int
    """From 1, without gaps."""
    at: float
    """Seconds since the epoch, on the simulator's clock."""
    kind: Kind
    name: str
    """What happened: an endpoint's short name, a state, an event."""
    agent: str = ""
    """The agent's login; empty when none is concerned."""
    call: str = ""
    """The simulator's id of the call; empty when none is concerned."""
    facts: dict[str, Any] = field(default_factory=dict)
    """What else is known. A REQUEST has method, path, query, body, status and, if it met one, fault."""

    @property
    def status(self) -> int | None:
        """The HTTP status a REQUEST was answered with; None for other entries and where the answer was dropped."""
        return self.facts.get("status")

    @property
    def step(self) -> str:
        """The entry in a few words: `set_term_code 204`, `READY`, `answered`."""
        match self.kind:
            case Kind.REQUEST:
                return f"{self.name} {self.status or 'dropped'}"
            case Kind.STATE | Kind.CALL:
                return self.name
            case _:
                return f"{self.kind} {self.name}"

    def to_json(self) -> dict[str, Any]:
        """The entry as the control endpoint gives it."""
        return {
            "number": self.number,
            "at": round(self.at, 4),
            "kind": str(self.kind),
            "name": self.name,
            "agent": self.agent,
            "call": self.call,
            "step": self.step,
            "facts": self.facts,
        }


#: Time, kind, name, agent, call and facts of an entry that waits.
_Held = tuple[float, Kind, str, str, str, dict[str, Any]]


class Ledger:
    """Holds the entries in order."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self._held: list[_Held] | None = None

    def note(self, now: float, kind: Kind, name: str, *, agent: str = "", call: str = "", **facts: Any) -> None:
        """Append an entry."""
        if self._held is not None:
            self._held.append((now, kind, name, agent, call, facts))
            return
        self.entries.append(Entry(len(self.entries) + 1, now, kind, name, agent, call, facts))

    @contextmanager
    def under(self, headline: Callable[[], None]) -> Iterator[None]:
        """Hold back what is noted inside, so that what `headline` notes afterwards stands before it.

        A request is entered with its answer, yet before the effects it had.
        """
        held: list[_Held] = []
        self._held = held
        try:
            yield
        finally:
            self._held = None
            headline()
            for now, kind, name, agent, call, facts in held:
                self.note(now, kind, name, agent=agent, call=call, **facts)

    def since(self, number: int) -> list[Entry]:
        """The entries after the one with this number."""
        return self.entries[max(number, 0) :]

    def of_call(self, call: str) -> list[Entry]:
        """The entries that concern a call."""
        return [entry for entry in self.entries if entry.call == call]

    def requests(self, name: str = "", agent: str = "") -> list[Entry]:
        """The REST requests, of one endpoint and one agent if named."""
        return [
            entry
            for entry in self.entries
            if entry.kind is Kind.REQUEST and name in ("", entry.name) and agent in ("", entry.agent)
        ]

    def dispositions(self, call: str = "") -> list[Entry]:
        """The results given to calls; each call must have exactly one."""
        return [entry for entry in self.entries if entry.kind is Kind.DISPOSITION and call in ("", entry.call)]

    def lifecycle(self, call: str, *, without: tuple[str, ...] = ("status", "audio")) -> list[str]:
        """The ordered steps of one call, each in a few words; a step repeated at once is named once.

        Entries whose name is in `without` are left out: how often status is polled and when the first audio comes
        differ from run to run.
        """
        steps: list[str] = []
        for entry in self.of_call(call):
            if entry.name not in without and (not steps or steps[-1] != entry.step):
                steps.append(entry.step)
        return steps
