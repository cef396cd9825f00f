"""[sans-IO] What names a dialect: its word in the settings, its table there, and how a call's dialect is made."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from bridge.call_facts import CallFacts
from bridge.dialects.dialect import Dialect, Speaker
from bridge.dialects.section import DialectSection

SectionType = TypeVar("SectionType", bound=DialectSection)


@dataclass(frozen=True)
class DialectTerms:
    """What a bot may name: outcomes and targets of the settings, and what it may write of the customer."""

    outcomes: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    contact_fields: tuple[str, ...] = ()
    context_keys: tuple[str, ...] = ()
    """None: any."""


@dataclass(frozen=True)
class Kind(Generic[SectionType]):
    """One dialect."""

    name: str
    """What `kind` says in [engines.NAME]."""
    section: type[SectionType]
    make: Callable[[SectionType, str, CallFacts, DialectTerms, Speaker], Dialect]
    """Settings, secret (empty: none), the call's facts, what the bot may name, and what it can do."""
