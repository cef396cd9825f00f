"""How one engine of the settings is reached by WebSocket."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from bridge.call_facts import CallFacts
from bridge.dialects.dialect import Dialect, Speaker
from bridge.dialects.kinds import DialectTerms, Kind
from bridge.dialects.section import DialectSection
from bridge.media.stream_messages import DefineEngine


@dataclass(frozen=True)
class EngineTerms:
    """What a stream works with."""

    name: str
    connect_timeout_s: float
    reconnect_s: float
    make: Callable[[CallFacts, Speaker], Dialect]
    """The dialect of one call."""


def engine_terms(command: DefineEngine, kind: Kind[Any]) -> EngineTerms:
    """What the settings of an engine say; raises pydantic's ValidationError."""
    section: DialectSection = kind.section.model_validate_json(command.settings)
    terms = DialectTerms(command.outcomes, command.targets, command.contact_fields, command.context_keys)
    make: Callable[[CallFacts, Speaker], Dialect] = partial(_make, kind, section, command.secret, terms)
    return EngineTerms(command.engine, section.connect_timeout_s, section.reconnect_s, make)


def _make(
    kind: Kind[Any], section: DialectSection, secret: str, terms: DialectTerms, facts: CallFacts, speaker: Speaker
) -> Dialect:
    return kind.make(section, secret, facts, terms, speaker)
