"""Who asks: what an endpoint's answer may show depends on it, and the audit table names it."""

from dataclasses import dataclass

from aiohttp import web

from bridge.admin.access import Scope


@dataclass(frozen=True)
class Caller:
    """Who sent a request that was let in."""

    scope: Scope
    """Of the token that was shown."""
    source: str
    """The address the request came from; a proxy's when there is one."""

    @property
    def sees_all(self) -> bool:
        """Customers' numbers, names and words as they are; others get them masked."""
        return self.scope is Scope.ADMIN

    def __str__(self) -> str:
        return f"{self.scope} from {self.source}"


_CALLER = web.RequestKey("caller", Caller)


def let_in(request: web.Request, scope: Scope) -> None:
    """Note that the request showed a token of this scope."""
    request[_CALLER] = Caller(scope, request.remote or "unknown")


def caller_of(request: web.Request) -> Caller:
    """Who sent a request of a route that has a scope."""
    return request[_CALLER]
