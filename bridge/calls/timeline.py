"""[sans-IO] What happened to a call and when: the entries that the log, the demo and later the call's story read."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

#: A call that says more than this is in trouble; the first entries tell why.
MAX_ENTRIES = 500

Fact = str | int | float | bool | None


@dataclass(frozen=True)
class Entry:
    """One thing that happened."""

    call: str
    agent: str
    """The virtual agent's number."""
    at: float
    """Seconds on time.monotonic(); the loop's own clock would do, but uvloop's counts whole milliseconds."""
    elapsed_ms: float
    """Since the INVITE."""
    what: str
    """A snake_case name, for example invite_received."""
    facts: Mapping[str, Fact]


Listener = Callable[[Entry], None]


@dataclass
class Timeline:
    """The entries of one call, in order."""

    call: str
    agent: str
    started: float
    listeners: tuple[Listener, ...] = ()
    entries: list[Entry] = field(default_factory=list)
    dropped: int = 0
    last_ms: float = 0.0
    """Milliseconds from the INVITE to the latest entry, kept or not."""
    _firsts: dict[str, float] = field(default_factory=dict)

    def add(self, what: str, now: float, /, **facts: Fact) -> Entry:
        """Note that something happened."""
        entry = Entry(self.call, self.agent, now, round((now - self.started) * 1000, 1), what, facts)
        self._firsts.setdefault(what, entry.elapsed_ms)
        self.last_ms = entry.elapsed_ms
        if len(self.entries) < MAX_ENTRIES:
            self.entries.append(entry)
        else:
            self.dropped += 1
        for listener in self.listeners:
            listener(entry)
        return entry

    def first(self, what: str) -> float | None:
        """Milliseconds from the INVITE to the first entry of that name; None if there was none."""
        return self._firsts.get(what)
