"""[sans-IO] One span of a call: what took how long, and how it ended. Times in seconds since the epoch."""

from collections.abc import Mapping
from dataclasses import dataclass, field

Value = str | int | float | bool


@dataclass
class Span:
    """It is filled until it ends."""

    call: str
    """Its trace."""
    name: str
    id: int
    parent: int | None
    """None: the call itself."""
    start: float
    end: float = 0.0
    client: bool = False
    """Somebody else was asked."""
    error: str = ""
    """Why it did not go as it should; empty: it did."""
    attributes: dict[str, Value] = field(default_factory=dict)
    events: list[tuple[float, str, Mapping[str, Value]]] = field(default_factory=list)

    def add(self, **attributes: Value | None) -> None:
        """What is known of it; None is nothing."""
        self.attributes |= {f"livevox_bridge.{name}": value for name, value in attributes.items() if value is not None}
