"""[sans-IO] A call as others may see it: facts, state, and what was said."""

from dataclasses import dataclass

from bridge.call_facts import ScreenPopRows


@dataclass(frozen=True)
class CallView:
    """One call at one moment."""

    call: str
    agent_number: str
    caller: str
    caller_name: str
    transaction_id: str
    session_id: str
    service_id: str
    state: str
    """The name of its CallState, in lower case."""
    engine: str
    """The name of the engine it has, or had last; empty before the first."""
    screen_pop: ScreenPopRows | None
    """None: not come yet, or never."""
    transcript: tuple[tuple[str, str], ...]
    """Who, "bot" or "customer", said what."""
    started_at: float = 0.0
    """When its INVITE came, in seconds since the epoch."""
