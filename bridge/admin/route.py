"""One endpoint of the API: where it is, who may use it, and what answers."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from bridge.admin.access import Scope

#: A status and a JSON object.
Reply = tuple[int, dict[str, Any]]


@dataclass(frozen=True)
class Route:
    """One endpoint."""

    method: str
    path: str
    """As aiohttp writes it: /v1/calls/{id}."""
    scope: Scope | None
    """None: the answer looks at the credentials itself."""
    answer: Callable[[web.Request], Awaitable[Reply]]
    """Raises ApiRefused."""
