"""[sans-IO] A REST request as the simulated platform reads it, leniently, and its answer."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bridge.simulator.endpoints import Endpoint
from bridge.simulator.errors import RequestRefused

#: Fields whose values never reach the ledger.
SECRETS = frozenset({"password", "newPassword"})


@dataclass(frozen=True)
class Request:
    """One request after the border; accessors raise RequestRefused with status 400."""

    endpoint: Endpoint
    path: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    """The parsed JSON; None without a body."""
    readable: bool = True
    """False: there is a body and it is not JSON."""
    is_json: bool = True
    """Content-Type was application/json."""
    method_known: bool = True
    """False: the path exists, but not for this method."""
    token: str = field(default="", repr=False)
    """LV-Access."""
    session_id: str = field(default="", repr=False)
    """LV-Session."""

    @property
    def object(self) -> Mapping[str, Any]:
        """The body, which must be a JSON object."""
        if not self.readable or not isinstance(self.body, Mapping):
            raise RequestRefused(400, "The body must be a JSON object")
        return self.body

    def text(self, name: str, default: str | None = None) -> str:
        """A field of the body; numbers are taken as text. Without a default it is mandatory."""
        return _text(self.object.get(name), name, default)

    def flag(self, name: str) -> bool | None:
        """A boolean of the body, as itself or as text; None: missing."""
        value = self.object.get(name)
        if value is None:
            return None
        known = {"true": True, "false": False}.get(str(value).lower())
        if known is None:
            raise RequestRefused(400, f"{name} must be true or false")
        return known

    def integer(self, name: str) -> int | None:
        """A whole number of the body, as itself or as text; None: missing."""
        value = self.object.get(name)
        return None if value is None or value == "" else _integer(value, name)

    def amount(self, name: str) -> float | None:
        """A number of the body, as itself or as text; None: missing."""
        value = self.object.get(name)
        if value is None or value == "":
            return None
        try:
            amount = float(value)
        except (TypeError, ValueError):
            raise RequestRefused(400, f"{name} must be a number") from None
        if not math.isfinite(amount):
            raise RequestRefused(400, f"{name} must be a number")
        return amount

    def asked(self, name: str, default: int | None = None) -> int:
        """A whole number of the query. Without a default it is mandatory."""
        value = self.query.get(name, "")
        if value == "" and default is not None:
            return default
        return _integer(value, name)

    @property
    def facts(self) -> dict[str, Any]:
        """What the ledger keeps of it: no passwords, no session ids."""
        path = {} if self.endpoint.path.startswith("/session/") else dict(self.path)
        facts: dict[str, Any] = {"method": self.endpoint.method, "path": self.endpoint.path}
        body = self.body
        if isinstance(body, Mapping):
            body = {name: value for name, value in body.items() if name not in SECRETS}
        parts = {"parameters": path, "query": dict(self.query), "body": body if self.readable else "(not JSON)"}
        return facts | {name: value for name, value in parts.items() if value not in (None, {})}


@dataclass(frozen=True)
class Reply:
    """An answer, or the lack of one."""

    status: int | None
    """None: the connection is cut instead."""
    payload: bytes = b""
    content_type: str = "application/json"
    delay_s: float = 0.0
    """Seconds to wait before it is sent."""

    @classmethod
    def of(cls, status: int, body: Any) -> "Reply":
        """An answer with a JSON body."""
        return cls(status, json.dumps(body).encode())

    @classmethod
    def refusing(cls, refused: RequestRefused) -> "Reply":
        """The error answer: {code, message}."""
        return cls.of(refused.status, {"code": refused.code, "message": refused.message})


#: Done, nothing to say: the usual answer to a POST or PUT.
NO_CONTENT = Reply(204)


def _text(value: Any, name: str, default: str | None) -> str:
    if value is None and default is not None:
        return default
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise RequestRefused(400, f"{name} is missing" if value is None else f"{name} must be text")
    return str(value)


def _integer(value: Any, name: str) -> int:
    text = str(value)
    if isinstance(value, bool) or not (text.isascii() and text.isdigit()) or len(text) > 18:
        raise RequestRefused(400, f"{name} must be a whole number")
    return int(text)
