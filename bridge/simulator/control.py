"""The control endpoint of the simulator: place calls, set faults, play supervisor, read the ledger."""

import dataclasses
import typing
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from aiohttp import web

from bridge.simulator.customer_call import CustomerCall
from bridge.simulator.errors import CallNotPlaced, FaultUnusable, SimulationError
from bridge.simulator.faults import Faults, notes, parsed
from bridge.simulator.floor import Agent, Call
from bridge.simulator.injections import Injection
from bridge.simulator.platform import Platform

#: What the root of the endpoint says.
INDEX = {
    "POST /simulator/calls": "place a call: agent, service, caller, name, account, header_style, hang_up_after_s, "
    "digits, codec; all optional",
    "GET /simulator/calls": "all calls",
    "GET /simulator/calls/{id}": "one call with its lifecycle",
    "POST /simulator/calls/{id}/hangup": "the customer hangs up",
    "GET /simulator/agents": "all agents with their states",
    "POST /simulator/agents/{login}/not-ready": "a supervisor puts the agent into Not Ready",
    "POST /simulator/agents/{login}/log-off": "a supervisor logs the agent off",
    "POST /simulator/agents/{login}/expire-session": "its session is lost",
    "POST /simulator/agents/{login}/expire-wrap-up": "its wrap-up timer runs out now",
    "POST /simulator/agents/{login}/unlock": "its account is unlocked",
    "PATCH /simulator/agents/{login}": "wrap_up_s: seconds, or null for ever; from the next wrap-up on",
    "POST /simulator/sessions/expire": "all sessions are lost",
    "GET /simulator/faults": "all switches with their meanings, and the injections that wait",
    "PATCH /simulator/faults": "change switches: {name: value}",
    "DELETE /simulator/faults": "all switches as at first, no injections",
    "POST /simulator/faults/next": "a fault for the next requests: fault, endpoint, count, rate, skip, agent, status, "
    "delay_s, jitter_s",
    "DELETE /simulator/faults/next": "no injections any more",
    "PATCH /simulator/phonebook/{contact}": "outcome, answer_delay_s, needs_customer, place_call_on_hold",
    "GET /simulator/ledger": "the ledger as JSON; ?since=NUMBER, ?call=ID",
}
_CONTACT_FIELDS = frozenset({"outcome", "answer_delay_s", "needs_customer", "place_call_on_hold"})


class Simulator(Protocol):
    """What the control endpoint needs of the simulator."""

    platform: Platform

    def place_call(self, order: CustomerCall) -> str:
        """Place a call."""

    def customer_hangs_up(self, call_id: str) -> None:
        """The customer hangs up."""

    def set_faults(self, **changes: object) -> None:
        """Change switches."""

    def perform(self, do: Callable[[float], object]) -> None:
        """Do something to the platform."""


class Control:
    """Routes under /simulator/."""

    def __init__(self, simulator: Simulator) -> None:
        self._simulator = simulator
        self._platform = simulator.platform
        self._first_faults = simulator.platform.faults

    def add_routes(self, app: web.Application) -> None:
        """Add the routes to an application."""
        routes: dict[tuple[str, str], Callable[[web.Request], Awaitable[Any]]] = {
            ("GET", "/"): self._index,
            ("POST", "/calls"): self._place,
            ("GET", "/calls"): self._calls,
            ("GET", "/calls/{id}"): self._call,
            ("POST", "/calls/{id}/hangup"): self._hang_up,
            ("GET", "/agents"): self._agents,
            ("PATCH", "/agents/{login}"): self._change_agent,
            ("POST", "/agents/{login}/{action}"): self._interfere,
            ("POST", "/sessions/expire"): self._expire_sessions,
            ("GET", "/faults"): self._faults,
            ("PATCH", "/faults"): self._change_faults,
            ("DELETE", "/faults"): self._reset_faults,
            ("POST", "/faults/next"): self._inject,
            ("DELETE", "/faults/next"): self._clear_injections,
            ("PATCH", "/phonebook/{contact}"): self._change_contact,
            ("GET", "/ledger"): self._ledger,
        }
        for (method, path), answer in routes.items():
            app.router.add_route(method, f"/simulator{path}", _as_json(answer))

    async def _index(self, http: web.Request) -> Any:
        return INDEX

    # Calls.

    async def _place(self, http: web.Request) -> Any:
        kinds = typing.get_type_hints(CustomerCall)
        fields = {name: parsed(name, _kind(kinds, name), value) for name, value in (await _body(http)).items()}
        call_id = self._simulator.place_call(CustomerCall(**fields))
        return call_view(self._platform.call(call_id))

    async def _calls(self, http: web.Request) -> Any:
        return [call_view(call) for call in self._platform.floor.calls.values()]

    async def _call(self, http: web.Request) -> Any:
        call = self._platform.call(http.match_info["id"])
        return call_view(call) | {"lifecycle": self._platform.ledger.lifecycle(call.id)}

    async def _hang_up(self, http: web.Request) -> Any:
        self._simulator.customer_hangs_up(http.match_info["id"])
        return call_view(self._platform.call(http.match_info["id"]))

    # Agents.

    async def _agents(self, http: web.Request) -> Any:
        return [self._agent_view(agent) for agent in self._platform.floor.agents.values()]

    async def _change_agent(self, http: web.Request) -> Any:
        agent = self._platform.agent(http.match_info["login"])
        for name, value in (await _body(http)).items():
            if name != "wrap_up_s":
                raise FaultUnusable(name, "only wrap_up_s can be changed")
            agent.wrap_up_s = parsed(name, float | None, value)
        return self._agent_view(agent)

    async def _interfere(self, http: web.Request) -> Any:
        platform = self._platform
        actions: dict[str, Callable[[Agent, float], None]] = {
            "not-ready": platform.agents.supervisor_not_ready,
            "log-off": platform.agents.supervisor_log_off,
            "expire-session": lambda agent, now: platform.expire_sessions(agent.login, now),
            "expire-wrap-up": platform.agents.expire_wrap_up,
            "unlock": lambda agent, now: platform.sessions.unlock(agent.login),
        }
        agent = platform.agent(http.match_info["login"])
        action = actions.get(http.match_info["action"])
        if action is None:
            raise SimulationError("say one of: " + ", ".join(actions))
        self._simulator.perform(lambda now: action(agent, now))
        return self._agent_view(agent)

    async def _expire_sessions(self, http: web.Request) -> Any:
        self._simulator.perform(lambda now: self._platform.expire_sessions("", now))
        return {}

    def _agent_view(self, agent: Agent) -> dict[str, Any]:
        return {
            "login": agent.login,
            "number": agent.number,
            "state": str(agent.state),
            "changed_at": round(agent.changed_at, 3),
            "service": agent.service.id if agent.service else None,
            "call": agent.call.id if agent.call else None,
            "sessions": self._platform.sessions.count(agent.login),
            "wrap_up_s": agent.wrap_up_s,
        }

    # Faults.

    async def _faults(self, http: web.Request) -> Any:
        values = dataclasses.asdict(self._platform.faults)
        meanings = notes(Faults)
        return {
            "switches": {name: {"value": value, "meaning": meanings[name]} for name, value in values.items()},
            "injections": [
                injection.to_json() | {"left": left} for injection, left in self._platform.injections.pending
            ],
        }

    async def _change_faults(self, http: web.Request) -> Any:
        self._simulator.set_faults(**await _body(http))
        return dataclasses.asdict(self._platform.faults)

    async def _reset_faults(self, http: web.Request) -> Any:
        self._platform.injections.clear()
        self._simulator.set_faults(**vars(self._first_faults))
        return dataclasses.asdict(self._platform.faults)

    async def _inject(self, http: web.Request) -> Any:
        injection = Injection.parse(await _body(http))
        self._platform.injections.add(injection)
        return injection.to_json()

    async def _clear_injections(self, http: web.Request) -> Any:
        self._platform.injections.clear()
        return {}

    async def _change_contact(self, http: web.Request) -> Any:
        name = http.match_info["contact"]
        book = self._platform.floor.phonebook
        contact = next((c for c in book.values() if name in (str(c.id), c.name)), None)
        if contact is None:
            raise SimulationError(f"no phonebook contact has the id or name {name}")
        kinds = typing.get_type_hints(type(contact))
        changes = {}
        for key, value in (await _body(http)).items():
            if key not in _CONTACT_FIELDS:
                raise FaultUnusable(key, "say one of: " + ", ".join(sorted(_CONTACT_FIELDS)))
            changes[key] = parsed(key, kinds[key], value)
        book[contact.id] = dataclasses.replace(contact, **changes)
        return dataclasses.asdict(book[contact.id])

    async def _ledger(self, http: web.Request) -> Any:
        since = parsed("since", int, http.query.get("since", "0"))
        call = http.query.get("call", "")
        entries = self._platform.ledger.since(since)
        return [entry.to_json() for entry in entries if call in ("", entry.call)]


def call_view(call: Call) -> dict[str, Any]:
    """A call as the control endpoint gives it."""
    return {
        "call": call.id,
        "agent": call.agent,
        "transaction_id": call.transaction_id,
        "session_id": call.session_id,
        "service": call.service.id,
        "leg": call.leg.value,
        "customer": call.customer.value,
        "result": call.result,
        "over": call.over,
    }


def _as_json(answer: Callable[[web.Request], Awaitable[Any]]) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def handler(http: web.Request) -> web.Response:
        try:
            body = await answer(http)
        except SimulationError as error:
            status = 409 if isinstance(error, CallNotPlaced) else 400
            return web.json_response({"error": {"code": type(error).__name__, "message": str(error)}}, status=status)
        return web.json_response(body, status=201 if http.method == "POST" else 200)

    return handler


def _kind(kinds: dict[str, Any], name: str) -> Any:
    if name not in kinds:
        raise FaultUnusable(name, "a call has the fields " + ", ".join(kinds))
    return kinds[name]


async def _body(http: web.Request) -> dict[str, Any]:
    """The JSON object of a request; nothing is an empty one."""
    raw = await http.read()
    try:
        body = await http.json() if raw.strip() else {}
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):
        raise SimulationError("the body must be a JSON object")
    return body
