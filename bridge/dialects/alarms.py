"""[sans-IO] The moments a dialect waits for, by name; the earliest is its deadline."""

from collections.abc import Callable
from typing import Generic, TypeVar

Name = TypeVar("Name")


class Alarms(Generic[Name]):
    """One time a name, in seconds, monotonic."""

    def __init__(self, armed: Callable[[float | None], None]) -> None:
        """`armed` is told the earliest time whenever that may have changed; None: there is none."""
        self._armed = armed
        self._at: dict[Name, float] = {}

    def set(self, name: Name, at: float) -> None:
        """Wait for this; an earlier time of the same name is forgotten."""
        self._at[name] = at
        self._arm()

    def drop(self, name: Name) -> None:
        """Do not wait for it any more."""
        if self._at.pop(name, None) is not None:
            self._arm()

    def due(self, now: float) -> list[Name]:
        """What has come, the earliest first; it is not waited for any more."""
        names = sorted((name for name, at in self._at.items() if at <= now), key=lambda name: self._at[name])
        for name in names:
            del self._at[name]
        self._arm()
        return names

    def _arm(self) -> None:
        self._armed(min(self._at.values(), default=None))
