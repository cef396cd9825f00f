"""The endpoints for operators: what the bridge is doing, agents paused and resumed, the order to stop."""

from collections.abc import Awaitable, Callable
from time import time

from aiohttp import web

from bridge.admin.access import Scope
from bridge.admin.audit import Audit
from bridge.admin.bodies import read_hurry, read_nothing
from bridge.admin.caller import caller_of
from bridge.admin.instants import instant
from bridge.admin.overview import Overview
from bridge.admin.route import Reply, Route
from bridge.errors import ApiRefused
from bridge.masks import without_customers
from sip.request_uri import agent_number

Find = Callable[[web.Request], Awaitable[Reply]]

#: Who the log says gave the order to stop.
OPERATOR = "operator"


class OperatorEndpoints:
    """All of them: to look needs the view token, and shows customers masked; to act needs the admin token."""

    def __init__(self, overview: Overview, audit: Audit, find: Find | None = None) -> None:
        """`find` answers for calls that are searched for, those that are over too."""
        self._overview = overview
        self._audit = audit
        self._find = find

    def routes(self) -> tuple[Route, ...]:
        """Where they are."""
        agent = "/v1/agents/{number}"
        return (
            Route("GET", "/v1/status", Scope.VIEW, self._status),
            Route("GET", "/v1/calls", Scope.VIEW, self._calls, page=True),  # the dashboard searches by it
            Route("GET", "/v1/agents", Scope.VIEW, self._agents),
            Route("GET", agent, Scope.VIEW, self._agent),
            Route("POST", f"{agent}/pause", Scope.ADMIN, self._pause),
            Route("POST", f"{agent}/resume", Scope.ADMIN, self._resume),
            Route("GET", "/v1/engines", Scope.VIEW, self._engines),
            Route("POST", "/v1/drain", Scope.ADMIN, self._drain),
        )

    async def _status(self, request: web.Request) -> Reply:
        only_parameters(request)
        return 200, self._overview.status()

    async def _calls(self, request: web.Request) -> Reply:
        if request.query and self._find is not None:
            return await self._find(request)
        only_parameters(request)
        body = {"at": instant(time()), "calls": self._overview.calls()}
        return 200, dict(body if caller_of(request).sees_all else without_customers(body))

    async def _agents(self, request: web.Request) -> Reply:
        only_parameters(request)
        return 200, {"at": instant(time()), "agents": self._overview.agents()}

    async def _agent(self, request: web.Request) -> Reply:
        only_parameters(request)
        return self._told(_number(request))

    async def _pause(self, request: web.Request) -> Reply:
        read_nothing(await request.read())
        number = self._known(request)
        self._overview.parts.agents.pause(number)
        self._audit.note(caller_of(request), "pause_agent", number)
        return self._told(number)

    async def _resume(self, request: web.Request) -> Reply:
        read_nothing(await request.read())
        number = self._known(request)
        self._overview.parts.agents.resume(number)
        self._audit.note(caller_of(request), "resume_agent", number)
        return self._told(number)

    async def _engines(self, request: web.Request) -> Reply:
        only_parameters(request)
        return 200, {"at": instant(time()), "engines": self._overview.engines()}

    async def _drain(self, request: web.Request) -> Reply:
        hurry = read_hurry(await request.read())
        draining = self._overview.parts.draining
        (draining.hurry if hurry else draining.ask)(OPERATOR)
        self._audit.note(caller_of(request), "drain", "in a hurry" if hurry else "")
        return 202, {"draining": self._overview.draining()}

    def _told(self, number: str) -> Reply:
        agent = self._overview.agent(number)
        if agent is None:
            raise ApiRefused(404, "unknown_agent", "no agent of the settings has this number")
        return 200, agent

    def _known(self, request: web.Request) -> str:
        number = _number(request)
        self._told(number)
        return number


def only_parameters(request: web.Request, *known: str) -> None:
    """Refuse query parameters that would have no effect: who asks for some calls must not be told of all."""
    unknown = [name for name in request.query if name not in known]
    if unknown:
        names = ", ".join(ascii(name[:40]) for name in unknown[:5])
        raise ApiRefused(400, "unknown_parameter", f"unknown here: {names}; known: {', '.join(known) or 'none'}")


def _number(request: web.Request) -> str:
    """The ten digits, however the path writes them."""
    said = request.match_info["number"]
    return agent_number(said) or said
