"""[sans-IO] Finds the endpoint a method and a path mean."""

import re
from dataclasses import dataclass, field
from urllib.parse import unquote

from bridge.simulator.endpoints import Endpoint

_VERSION = re.compile(r"^(/[A-Za-z]+)/v\d+(?:\.\d+)?(?=/)")
_PARAMETER = re.compile(r"\\\{(\w+)\\\}")


@dataclass(frozen=True)
class Route:
    """Where a request goes."""

    endpoint: Endpoint
    """UNKNOWN when nothing is there, or not for this method."""
    parameters: dict[str, str] = field(default_factory=dict)
    """The path's parameters, unquoted."""
    allowed: tuple[str, ...] = ()
    """The methods this path knows, where the request's is none of them."""


def find(method: str, raw_path: str) -> Route:
    """The route of a request; the raw path is still percent-encoded and may have a version after its category."""
    path = _VERSION.sub(r"\1", raw_path)
    allowed = []
    for endpoint, pattern in _PATTERNS:
        found = pattern.fullmatch(path)
        if found is not None and endpoint.method == method:
            return Route(endpoint, {name: unquote(value) for name, value in found.groupdict().items()})
        if found is not None:
            allowed.append(endpoint.method)
    return Route(Endpoint.UNKNOWN, {"path": unquote(path)}, tuple(allowed))


def _pattern(endpoint: Endpoint) -> re.Pattern[str]:
    return re.compile(_PARAMETER.sub(r"(?P<\1>[^/]+)", re.escape(endpoint.path)))


# Paths without parameters first: /contact/contacts/search is no account.
_PATTERNS = sorted(
    ((endpoint, _pattern(endpoint)) for endpoint in Endpoint if endpoint is not Endpoint.UNKNOWN),
    key=lambda pair: "{" in pair[0].path,
)
