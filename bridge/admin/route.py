"""One endpoint of the API: where it is, who may use it, and what answers."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from bridge.admin.access import Scope

#: A status and a JSON object, or what is no JSON.
Reply = tuple[int, dict[str, Any]] | web.StreamResponse


@dataclass(frozen=True)
class Route:
    """One endpoint."""

    method: str
    path: str
    """As aiohttp writes it: /v1/calls/{id}."""
    scope: Scope | None
    """Who may ask: `caller_of` tells the answer who it was. None: it looks at the credentials itself."""
    answer: Callable[[web.Request], Awaitable[Reply]]
    """Raises ApiRefused."""
    page: bool = False
    """People open it in a browser, which shows the token as the password of basic auth. It must change nothing:
    browsers show it on whatever site's behalf."""
