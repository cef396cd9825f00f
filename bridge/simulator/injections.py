"""[sans-IO] Faults that strike single requests: the next N of an endpoint, or some of them by chance."""

import enum
import random
import typing
from dataclasses import asdict, dataclass
from typing import Any

from bridge.simulator.endpoints import Endpoint
from bridge.simulator.errors import FaultUnusable
from bridge.simulator.faults import parsed


class Fault(enum.StrEnum):
    """What happens to a request that is struck."""

    STATUS = "status"
    """An error status with a body {code, message}; nothing is done."""
    HTML = "html"
    """A web page with the status; nothing is done."""
    BODY_401 = "body_401"
    """HTTP 200 with code 401 in the body; nothing is done."""
    EXPIRE = "expire"
    """The session is lost, then the request is handled."""
    DROP_BEFORE = "drop_before"
    """The connection is cut; nothing is done."""
    DROP_AFTER = "drop_after"
    """The request is carried out and the connection cut: the answer is lost."""
    LATE = "late"
    """The request is carried out at once, the answer comes after delay_s."""
    SLOW = "slow"
    """The request is carried out and answered after delay_s."""
    TRUNCATED = "truncated"
    """Carried out; half of the answer's JSON arrives."""
    WRONG_TYPES = "wrong_types"
    """Carried out; the values in the answer have other types."""
    EMPTY = "empty"
    """Carried out; the answer has its status and no body."""


@dataclass(frozen=True)
class Injection:
    """One fault for some of the requests to come."""

    fault: Fault
    endpoint: str = "any"
    """Short name of an endpoint, or `any`."""
    count: int | None = 1
    """How many requests it strikes; None: all, until it is cleared."""
    rate: float = 1.0
    """The share of matching requests that are struck, by chance (seeded)."""
    skip: int = 0
    """So many matching requests pass first."""
    agent: str = ""
    """Only requests of the agent with this login; empty: of all."""
    status: int = 500
    """The HTTP status, for STATUS and HTML."""
    delay_s: float = 0.0
    """Seconds, for LATE and SLOW."""
    jitter_s: float = 0.0
    """Random seconds on top, for SLOW."""

    @classmethod
    def parse(cls, fields: dict[str, Any]) -> "Injection":
        """An injection from JSON. Raises FaultUnusable."""
        kinds = typing.get_type_hints(cls)
        for name in fields:
            if name not in kinds:
                raise FaultUnusable(name, f"an injection has the fields {', '.join(kinds)}")
        if "fault" not in fields:
            raise FaultUnusable("fault", "say one of: " + ", ".join(Fault))
        values = {name: parsed(name, kinds[name], value) for name, value in fields.items()}
        injection = cls(**values)
        if injection.endpoint not in _ENDPOINTS:
            raise FaultUnusable("endpoint", "say one of: " + ", ".join(_ENDPOINTS))
        if injection.count is not None and injection.count < 1:
            raise FaultUnusable("count", "say a number from 1, or nothing for all")
        if not 200 <= injection.status <= 599:
            raise FaultUnusable("status", "say a status from 200 to 599")
        return injection

    def to_json(self) -> dict[str, Any]:
        """The injection as the control endpoint gives it."""
        return asdict(self)


_ENDPOINTS = ("any", *(endpoint.short for endpoint in Endpoint))


@dataclass
class _Loaded:
    injection: Injection
    to_skip: int
    left: int | None


class Injections:
    """Decides for each request whether a fault strikes it; the oldest that matches does."""

    def __init__(self, seed: int = 1) -> None:
        self._random = random.Random(seed)
        self._loaded: list[_Loaded] = []

    def add(self, injection: Injection) -> None:
        """Let a fault strike from now on."""
        self._loaded.append(_Loaded(injection, injection.skip, injection.count))

    def clear(self) -> None:
        """Let no fault strike any more."""
        self._loaded.clear()

    def reseed(self, seed: int) -> None:
        """Begin the random numbers anew."""
        self._random.seed(seed)

    @property
    def pending(self) -> list[tuple[Injection, int | None]]:
        """The injections that may still strike, each with the number of strikes left (None: no end)."""
        return [(loaded.injection, loaded.left) for loaded in self._loaded]

    def strike(self, endpoint: Endpoint, agent: str) -> Injection | None:
        """The fault that strikes this request, if one does; it is used up by that."""
        for loaded in self._loaded:
            if self._matches(loaded, endpoint, agent):
                if loaded.left is not None:
                    loaded.left -= 1
                    if loaded.left <= 0:
                        self._loaded.remove(loaded)
                return loaded.injection
        return None

    def chance(self, span: float) -> float:
        """A random number from 0 to span."""
        return self._random.uniform(0.0, span)

    def _matches(self, loaded: _Loaded, endpoint: Endpoint, agent: str) -> bool:
        injection = loaded.injection
        if injection.endpoint not in ("any", endpoint.short) or injection.agent not in ("", agent):
            return False
        if loaded.to_skip > 0:
            loaded.to_skip -= 1
            return False
        return injection.rate >= 1.0 or self._random.random() < injection.rate


def distorted(value: Any) -> Any:
    """The same JSON with other types: objects become arrays of their values, text becomes numbers and so on."""
    match value:
        case dict():
            return {name: distorted(inner) for name, inner in value.items()}
        case list():
            return {str(index): distorted(inner) for index, inner in enumerate(value)}
        case bool():
            return {"value": value}
        case str():
            return len(value)
        case None:
            return []
        case _:
            return [value]
