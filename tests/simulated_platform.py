"""A simulated platform without sockets or a clock, for unit tests: one agent, and a desk that asks for it."""

import json
from typing import Any

from bridge.simulator.answers import Answers
from bridge.simulator.customer_call import CustomerCall
from bridge.simulator.endpoints import Endpoint
from bridge.simulator.faults import Faults
from bridge.simulator.floor import Agent, Call
from bridge.simulator.platform import Platform
from bridge.simulator.requests import Request
from bridge.simulator.world import World

PASSWORD = "correct-horse"
TOKEN = "token-of-the-demo"
START = 1_700_000_000.0


class Desk:
    """One agent's desk; time stands still unless a test moves `now`."""

    def __init__(self, faults: Faults | None = None, world: World | None = None) -> None:
        self.platform = Platform(world or World.default(3, PASSWORD, token=TOKEN), faults or Faults())
        self.answers = Answers(self.platform)
        self.now = START
        self.session = ""

    @property
    def agent(self) -> Agent:
        """The agent the desk is of."""
        return self.platform.agent("VA0001")

    def ask(self, endpoint: Endpoint, body: Any = None, *, query: Any = None, **path: str) -> tuple[int | None, Any]:
        """Status and parsed body of a request's answer, faults included."""
        request = Request(endpoint, path, query or {}, body, token=TOKEN, session_id=self.session)
        reply = self.answers.answer(request, self.now, self.answers.plan(request, self.now).strike)
        return reply.status, json.loads(reply.payload) if reply.payload else None

    def log_in(self, login: str = "VA0001", password: str = PASSWORD) -> int | None:
        """The status of a login; keeps its session."""
        body = {"clientName": "Demo", "userName": login, "password": password, "agent": "true"}
        status, answer = self.ask(Endpoint.LOGIN, body)
        self.session = answer.get("sessionId", self.session)
        return status

    def go_ready(self, login: str = "VA0001") -> None:
        """Log in, join the service, go Ready."""
        self.log_in(login)
        self.ask(Endpoint.JOIN, query={"serviceId": "46014"})
        self.ask(Endpoint.READY)

    def receive_call(self, order: CustomerCall | None = None) -> Call:
        """A Ready agent gets a customer and answers."""
        call = self.platform.place(order or CustomerCall(), self.now)
        self.platform.commands()
        self.platform.calls.answered(call, self.now)
        return call

    def status(self) -> dict[str, Any]:
        """What agent/status says, unpacked."""
        _, answer = self.ask(Endpoint.STATUS, {})
        view: dict[str, Any] = answer["agentStatus"][0]
        return view

    def line(self) -> dict[str, Any]:
        """The agent's line."""
        line: dict[str, Any] = self.status()["lines"][0]
        return line

    def set_term_code(self, call: Call, code: str = "101416228", **changes: Any) -> tuple[int | None, Any]:
        """Set a term code for a call."""
        body = {
            "callTransactionId": call.transaction_id,
            "callSessionId": call.session_id,
            "termCodeId": code,
            "phoneDialed": call.caller_number,
            "moveAgentToNotReady": "false",
        }
        return self.ask(Endpoint.SET_TERM_CODE, body | changes)

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds
        self.platform.expire(self.now)


def ready_desk(faults: Faults | None = None, world: World | None = None) -> Desk:
    """The desk of an agent that is Ready."""
    desk = Desk(faults, world)
    desk.go_ready()
    return desk


def busy_desk(faults: Faults | None = None) -> tuple[Desk, Call]:
    """The desk of an agent that talks with a customer, and the call."""
    desk = ready_desk(faults)
    return desk, desk.receive_call()


def wrap_up_desk(faults: Faults | None = None) -> tuple[Desk, str]:
    """The desk of an agent whose call is over and not disposed of, and the call's id."""
    desk, call = busy_desk(faults)
    desk.platform.calls.ended(call, True, desk.now)
    return desk, call.id
