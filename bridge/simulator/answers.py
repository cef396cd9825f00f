"""[sans-IO] Answers REST requests: which endpoint does what, who may, and the faults that strike."""

import json
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from bridge.simulator.agent_answers import agent_answers
from bridge.simulator.endpoints import Endpoint
from bridge.simulator.errors import RequestRefused
from bridge.simulator.floor import Agent
from bridge.simulator.injections import Fault, Injection, distorted
from bridge.simulator.ledger import Kind
from bridge.simulator.platform import Platform
from bridge.simulator.requests import NO_CONTENT, Reply, Request
from bridge.simulator.rest_sessions import Login, Session

_E = Endpoint
_Answer = Callable[[Request, float], Reply]


@dataclass(frozen=True)
class Plan:
    """What will happen to a request."""

    delay_s: float
    """Seconds before it is handled."""
    strike: Injection | None
    """The fault that strikes it."""


class Answers:
    """Turns requests into answers."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._recent: deque[float] = deque()
        self._open: dict[Endpoint, _Answer] = {
            _E.LOGIN: self._log_in,
            _E.VALIDATE: self._validate,
            _E.LOGOUT: self._log_out,
            _E.PASSWORD: self._change_password,
        }
        self._agents = agent_answers(platform)
        self._records: dict[Endpoint, _Answer] = {
            _E.CONTACT_READ: lambda request, _: Reply.of(200, platform.contacts.read(request.path["account"])),
            _E.CONTACT_UPDATE: self._update_contact,
            _E.CONTACT_CREATE: lambda request, _: Reply.of(201, platform.contacts.create(request.object)),
            _E.CONTACT_SEARCH: self._search,
            _E.CONTEXT_READ: lambda request, _: Reply.of(200, platform.context.read(request.path)),
            _E.CONTEXT_READ_KEY: lambda request, _: Reply.of(200, platform.context.read(request.path)),
            _E.CONTEXT_WRITE: self._write_context,
            _E.CONTEXT_DELETE: self._delete_context,
            _E.CONTEXT_DELETE_KEY: self._delete_context,
        }

    def plan(self, request: Request, now: float) -> Plan:
        """How long the request must wait, and the fault that strikes it."""
        faults, injections = self._platform.faults, self._platform.injections
        delay_s = faults.latency_s + injections.chance(faults.latency_jitter_s)
        if faults.rate_limit_rps is not None and not self._within(faults.rate_limit_rps, now):
            return Plan(delay_s, Injection(Fault.STATUS, status=429))
        agent = self.agent_of(request)
        strike = injections.strike(request.endpoint, agent.login if agent else "")
        if strike is not None and strike.fault is Fault.SLOW:
            delay_s += strike.delay_s + injections.chance(strike.jitter_s)
        return Plan(delay_s, strike)

    def answer(self, request: Request, now: float, strike: Injection | None = None) -> Reply:
        """Carry a request out, unless the fault that strikes it forbids, and enter it in the ledger."""
        agent = self.agent_of(request)
        call = agent.call.id if agent is not None and agent.call is not None else ""
        name = agent.login if agent else ""
        reply = NO_CONTENT
        facts = request.facts | ({"fault": str(strike.fault)} if strike else {})

        def enter() -> None:
            self._platform.ledger.note(
                now, Kind.REQUEST, request.endpoint.short, agent=name, call=call, **facts, status=reply.status
            )

        with self._platform.ledger.under(enter):
            reply = self._struck(request, now, strike) if strike else self._done(request, now)
        return reply

    def agent_of(self, request: Request) -> Agent | None:
        """The agent a request comes from, if it can be told; no use of its session."""
        login = self._platform.sessions.login_of(request.session_id or request.path.get("session", ""))
        if not login and request.endpoint is Endpoint.LOGIN and isinstance(request.body, dict):
            login = str(request.body.get("userName", "")).upper()
        return self._platform.floor.agents.get(login)

    # Faults.

    def _struck(self, request: Request, now: float, strike: Injection) -> Reply:
        match strike.fault:
            case Fault.STATUS:
                return Reply.refusing(RequestRefused(strike.status, "This answer is an injected fault"))
            case Fault.HTML:
                page = b"<!DOCTYPE html><html><body><h1>Service unavailable</h1></body></html>"
                return Reply(strike.status, page, "text/html")
            case Fault.BODY_401:
                return Reply.of(200, {"code": 401, "message": "Session is not valid"})
            case Fault.DROP_BEFORE:
                return Reply(None)
            case Fault.EXPIRE:
                agent = self.agent_of(request)
                if agent is not None:
                    self._platform.expire_sessions(agent.login, now)
        return _spoilt(self._done(request, now), strike)

    def _within(self, limit: float, now: float) -> bool:
        """Whether one more request in the last second is within the limit; if so it counts."""
        while self._recent and self._recent[0] <= now - 1.0:
            self._recent.popleft()
        if len(self._recent) >= limit:
            return False
        self._recent.append(now)
        return True

    # Permission.

    def _done(self, request: Request, now: float) -> Reply:
        try:
            if self._platform.faults.json_required and not request.is_json:
                raise RequestRefused(400, "Content-Type must be application/json")
            return self._carried_out(request, now)
        except RequestRefused as refused:
            return Reply.refusing(refused)

    def _carried_out(self, request: Request, now: float) -> Reply:
        self._platform.expire_unused_sessions(now)
        if request.endpoint in self._open:
            return self._open[request.endpoint](request, now)
        session = self._platform.sessions.required(request.session_id, now)
        if request.endpoint in self._agents:
            return self._agents[request.endpoint](self._agent(session, request), request, now)
        if request.endpoint in self._records:
            if session.is_agent and self._platform.faults.contact_role_403 and "/contact/" in request.endpoint.path:
                raise RequestRefused(403, "The role Agent has no permission for this method")
            return self._records[request.endpoint](request, now)
        if not request.method_known:
            raise RequestRefused(405, "Method not supported")
        raise RequestRefused(404, "There is no such resource")

    def _agent(self, session: Session, request: Request) -> Agent:
        if not session.is_agent:
            raise RequestRefused(403, "This method is for agents")
        if request.query.get("lineNumber", "ACD") != "ACD":
            raise RequestRefused(400, "There is nothing on this line")
        return self._platform.floor.agents[session.login]

    # Sessions.

    def _log_in(self, request: Request, now: float) -> Reply:
        return Reply.of(200, self._platform.sessions.log_in(request.token, _login(request), now))

    def _validate(self, request: Request, now: float) -> Reply:
        if self._platform.sessions.find(request.path["session"], now) is None:
            raise RequestRefused(404, "Session does not exist")
        return NO_CONTENT if self._platform.faults.validate_status == 204 else Reply.of(200, {})

    def _log_out(self, request: Request, now: float) -> Reply:
        session = self._platform.sessions.log_out(request.path["session"], now)
        agent = self._platform.floor.agents.get(session.login) if session.is_agent else None
        if agent is not None and self._platform.faults.logout_leaves_service and not agent.engaged:
            self._platform.agents.log_off(agent, now, by="logout")
        return NO_CONTENT

    def _change_password(self, request: Request, now: float) -> Reply:
        self._platform.sessions.change_password(_login(request), request.text("newPassword"), now)
        return NO_CONTENT

    # Contacts and context.

    def _update_contact(self, request: Request, now: float) -> Reply:
        self._platform.contacts.update(request.path["account"], request.object)
        return NO_CONTENT

    def _write_context(self, request: Request, now: float) -> Reply:
        self._platform.context.write(request.path, request.object)
        return NO_CONTENT

    def _delete_context(self, request: Request, now: float) -> Reply:
        self._platform.context.delete(request.path)
        return NO_CONTENT

    def _search(self, request: Request, now: float) -> Reply:
        count, offset = request.asked("count", 100), request.asked("offset", 0)
        return Reply.of(200, self._platform.contacts.search(request.object, count, offset))


def _login(request: Request) -> Login:
    return Login(
        client_name=request.text("clientName"),
        user_name=request.text("userName"),
        password=request.text("password"),
        as_agent=request.flag("agent") is True,
    )


def _spoilt(reply: Reply, strike: Injection) -> Reply:
    """An answer after the fault has struck it."""
    match strike.fault:
        case Fault.DROP_AFTER:
            return Reply(None)
        case Fault.LATE:
            return Reply(reply.status, reply.payload, reply.content_type, strike.delay_s)
        case Fault.TRUNCATED:
            return Reply(reply.status, reply.payload[: len(reply.payload) // 2], reply.content_type)
        case Fault.WRONG_TYPES if reply.payload:
            return Reply.of(reply.status or 200, distorted(json.loads(reply.payload)))
        case Fault.EMPTY:
            return Reply(reply.status)
    return reply
