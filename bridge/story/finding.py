"""[sans-IO] Something that went wrong on a call, in words, and what it is found in."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from bridge.journal.records import Fact


class Noted(Protocol):
    """An entry of a timeline, of a call that goes on or of the journal's."""

    @property
    def elapsed_ms(self) -> float:
        """Since the INVITE."""

    @property
    def what(self) -> str:
        """Its name."""

    @property
    def facts(self) -> Mapping[str, Fact]:
        """What it says."""


@dataclass(frozen=True)
class Finding:
    """Something that went wrong."""

    name: str
    """For lists and searches: dead_air."""
    grave: bool
    """The customer felt it, or LiveVox lacks something; else somebody should look when there is time."""
    at_ms: float | None
    """Since the INVITE; None: it is about the whole call."""
    sentence: str
    """What it means."""
    look_at: str
    """What to look at, or to do."""


class Seen:
    """What is known of a call: its timeline, and its canonical line once it is closed."""

    def __init__(self, entries: Sequence[Noted], line: Mapping[str, Fact]) -> None:
        self.entries = entries
        self.line = line

    def all(self, what: str, **facts: Fact) -> Iterator[Noted]:
        """The entries of that name that say this."""
        for entry in self.entries:
            if entry.what == what and all(entry.facts.get(name) == value for name, value in facts.items()):
                yield entry

    def first(self, what: str, **facts: Fact) -> Noted | None:
        """The first of them."""
        return next(self.all(what, **facts), None)

    def last(self, what: str) -> Noted | None:
        """The last entry of that name."""
        return next((entry for entry in reversed(self.entries) if entry.what == what), None)

    def at(self, what: str, **facts: Fact) -> float | None:
        """When the first of them was, in milliseconds since the INVITE."""
        entry = self.first(what, **facts)
        return None if entry is None else entry.elapsed_ms

    def number(self, name: str) -> float:
        """A number of the canonical line; 0: it is not there."""
        value = self.line.get(name)
        return float(value) if isinstance(value, int | float) else 0.0

    @property
    def last_ms(self) -> float:
        """When the latest entry was."""
        return self.entries[-1].elapsed_ms if self.entries else 0.0


def seconds(ms: float) -> str:
    """For a sentence: 0.4 s, 12 s, 1 min 5 s."""
    if ms < 9_950:
        return f"{ms / 1000:.1f} s"
    whole = round(ms / 1000)
    return f"{whole} s" if whole < 60 else f"{whole // 60} min {whole % 60} s"
