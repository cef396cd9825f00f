"""A wrap-up played against the simulated platform, without sockets or a clock: time jumps to whatever comes next."""

import json
import random
from collections.abc import Callable
from typing import Any

from bridge.livevox.agent_status import AgentStatusAnswer
from bridge.livevox.answers import RawAnswer, judged
from bridge.livevox.errors import LiveVoxError, LiveVoxUnreachable
from bridge.livevox.phonebook import Phonebook
from bridge.livevox.requests import Request as RestRequest
from bridge.livevox.term_codes import TermCodes
from bridge.simulator.endpoints import Endpoint
from bridge.simulator.faults import Faults
from bridge.simulator.floor import HangUpLeg
from bridge.simulator.states import BridgeLeg
from bridge.wrapup import (
    Answer,
    CallIds,
    CustomerLeg,
    Disposition,
    EndCall,
    EndCallBy,
    Failure,
    Finished,
    HangUpCustomer,
    JoinCustomer,
    LeaveConference,
    Limits,
    ListPhonebook,
    ListTermCodes,
    Plan,
    ReadStatus,
    ReadyAgent,
    Reconnect,
    Request,
    SetTermCode,
    StartTransfer,
    Step,
    WrapUp,
)
from tests.simulated_platform import Desk, busy_desk

DONE = Disposition("done", "Completed", notes="all said")
HUNG_UP = Disposition("customer_hung_up", "Customer Hung Up")
NOT_TRANSFERRED = Disposition("transfer_failed", "Transfer Failed")

#: What a network does to a request: whether LiveVox carries it out, and the error seen instead of its answer.
LOST_BEFORE = (False, LiveVoxUnreachable("X", "time-out", maybe_done=True))
LOST_AFTER = (True, LiveVoxUnreachable("X", "time-out", maybe_done=True))
NOT_SENT = (False, LiveVoxUnreachable("X", "no route", maybe_done=False))
Weather = Callable[[Request], "tuple[bool, LiveVoxError] | None"]


def a_plan(desk: Desk, **changes: Any) -> Plan:
    """A plan for the call of a busy desk; its ids are known from the INVITE."""
    call = desk.agent.call
    assert call is not None
    settings: dict[str, Any] = {
        "agent": desk.agent.number,
        "ids": CallIds(call.transaction_id, call.session_id, None),
        "disposition": DONE,
        "customer_hung_up": HUNG_UP,
        "transfer_failed": NOT_TRANSFERRED,
        "default_term_code": "System Failure",
        "limits": Limits(give_up_s=600.0),
    }
    return Plan(**settings | changes)


class Stage:
    """One call on the simulated platform, and its wrap-up."""

    def __init__(
        self,
        faults: Faults | None = None,
        *,
        desk: Desk | None = None,
        weather: Weather = lambda _: None,
        bye_works: bool = True,
        latency_s: float = 0.0,
        **plan: Any,
    ) -> None:
        self.desk = desk or busy_desk(faults)[0]
        call = self.desk.agent.call
        assert call is not None
        self.call = call
        self.plan = a_plan(self.desk, **plan)
        self.wrap_up = WrapUp(self.plan, self.desk.now, random.Random(1))
        self.steps: list[Step] = []
        self.times: list[float] = []
        self.errors: list[LiveVoxError | None] = []
        """What each step failed with."""
        self.leg = self.plan.customer
        """Our leg, as the controller knows it."""
        self.began = self.desk.now
        self.weather = weather
        self.script: list[tuple[float, Callable[[], None]]] = []
        """What happens at which second, beside the wrap-up."""
        self._bye_works = bye_works
        self._latency_s = latency_s

    def __repr__(self) -> str:
        story = [
            f"{at:7.2f} {type(step).__name__}" + (f" ✗ {error}" if error else "")
            for at, step, error in zip(self.times, self.steps, self.errors, strict=True)
        ]
        switches = vars(self.desk.platform.faults).items()
        changed = {name: value for name, value in switches if value != getattr(Faults(), name)}
        end = f"customer {self.call.customer}, written down: {self.dispositions}"
        return "\n".join([repr(self.plan), repr(changed), *story, end])

    # what happens beside the wrap-up

    def at(self, second: float, event: Callable[[], None]) -> None:
        """Let something happen so many seconds after the start."""
        self.script.append((self.began + second, event))
        self.script.sort(key=lambda entry: entry[0])

    def customer_hangs_up(self) -> None:
        """The customer puts the telephone down."""
        self.desk.platform.calls.customer_hangs_up(self.call, self.desk.now)

    def bot_leaves(self) -> None:
        """The bot goes away."""
        self.wrap_up.bot_gone(self.desk.now)

    def worker_dies(self) -> None:
        """Nobody holds our leg any more; LiveVox knows nothing of it."""
        self._bye_works = False
        self.wrap_up.bot_gone(self.desk.now)
        if self.call.leg is BridgeLeg.UP:
            self.leg = CustomerLeg.LOST
            self.wrap_up.customer_lost(self.desk.now)

    # the play

    def play(self, *, limit: int = 3000) -> Finished | None:
        """Until the wrap-up is over; the result, None when the bot has the call again."""
        for _ in range(limit):
            self.obey_platform()
            if self.wrap_up.is_over:
                return self.steps[-1] if isinstance(self.steps[-1], Finished) else None
            step = self.wrap_up.next(self.desk.now)
            if step is None:
                self._wait()
            else:
                self.steps.append(step)
                self.times.append(self.desk.now - self.began)
                self._perform(step)
        raise AssertionError(f"not over after {limit} rounds: {self.names}")

    @property
    def names(self) -> list[str]:
        """The steps' names without the looks at the status."""
        return [type(step).__name__ for step in self.steps if not isinstance(step, ReadStatus)]

    @property
    def told(self) -> list[tuple[Step, LiveVoxError | None]]:
        """Each step with what it failed with."""
        return list(zip(self.steps, self.errors, strict=True))

    @property
    def dispositions(self) -> list[str]:
        """What the platform has written down of the call."""
        return [entry.name for entry in self.desk.platform.ledger.dispositions(self.call.id)]

    def _wait(self) -> None:
        deadline = self.wrap_up.deadline
        self.pass_time(deadline if deadline is not None else self.desk.now + 1.0, once=True)

    def pass_time(self, until: float, *, once: bool = False) -> None:
        """Let happen what happens until then, or only what happens first."""
        while self.desk.now < until:
            script = self.script[0][0] if self.script else None
            due = [at for at in (self.desk.platform.deadline, script, until) if at is not None]
            self.desk.now = max(self.desk.now, min(due))
            self.desk.platform.expire(self.desk.now)
            while self.script and self.script[0][0] <= self.desk.now:
                self.script.pop(0)[1]()
            self.obey_platform()
            if once:
                return

    def obey_platform(self) -> None:
        """What LiveVox does in SIP."""
        for command in self.desk.platform.commands():
            if command == HangUpLeg(self.call.id):
                self.desk.platform.calls.ended(self.call, False, self.desk.now)
                self.leg = CustomerLeg.GONE
                self.wrap_up.customer_gone(self.desk.now)

    def _perform(self, step: Step) -> None:
        self.errors.append(None)
        if not isinstance(step, Request):
            self.wrap_up.done(step, None, self.desk.now)
            if isinstance(step, HangUpCustomer):
                assert self.leg is CustomerLeg.UP
                self.leg = CustomerLeg.GONE
            if isinstance(step, HangUpCustomer) and self._bye_works:
                self.desk.platform.calls.ended(self.call, True, self.desk.now)
                self.wrap_up.customer_gone(self.desk.now)
            return
        reaches, error = self.weather(step) or (True, None)
        self.pass_time(self.desk.now + self._latency_s / 2)
        try:
            answer = self.ask(step) if reaches else None
            if error:
                raise error
        except LiveVoxError as exc:
            self.errors[-1] = exc
            self.pass_time(self.desk.now + self._latency_s / 2)
            self.wrap_up.failed(step, Failure.of(exc), self.desk.now)
        else:
            self.pass_time(self.desk.now + self._latency_s / 2)
            self.wrap_up.done(step, answer, self.desk.now)

    def ask(self, step: Request) -> Answer:
        """LiveVox's answer; raises LiveVoxError."""
        match step:
            case ReadStatus():
                status = self._raw(Endpoint.STATUS, {}).read_or(AgentStatusAnswer())
                return next(iter(status.agent_status), None)
            case ListTermCodes(service_id):
                return self._raw(Endpoint.TERM_CODES, query={"serviceId": service_id}).find(TermCodes.read)
            case ListPhonebook(service_id):
                return self._raw(Endpoint.PHONEBOOK_EXT, query={"serviceId": service_id}).find(Phonebook.read)
            case SetTermCode(choice=choice):
                self._raw(Endpoint.SET_TERM_CODE, choice.body())
            case StartTransfer(book_id, contact_id):
                ids = {"phoneBookId": book_id, "phoneBookContactId": contact_id}
                self._raw(Endpoint.CONFERENCE_PHONEBOOK, ids)
            case _:
                self._raw(ORDERS[type(step)])
        return None

    def _raw(self, endpoint: Endpoint, body: Any = None, query: Any = None) -> RawAnswer:
        status, answer = self.desk.ask(endpoint, body, query=query)
        if status is None:
            raise LiveVoxUnreachable(endpoint.short, "the connection broke", maybe_done=True)
        content = b"" if answer is None else json.dumps(answer).encode()
        return judged(RestRequest(endpoint.method, endpoint.path), status, content, None)


ORDERS: dict[type, Endpoint] = {
    EndCall: Endpoint.CALL_END,
    ReadyAgent: Endpoint.READY,
    JoinCustomer: Endpoint.CONFERENCE_CUSTOMER,
    LeaveConference: Endpoint.CONFERENCE_LEAVE,
    Reconnect: Endpoint.CONFERENCE_RECONNECT,
}

__all__ = [
    "DONE",
    "HUNG_UP",
    "LOST_AFTER",
    "LOST_BEFORE",
    "NOT_SENT",
    "NOT_TRANSFERRED",
    "CustomerLeg",
    "EndCallBy",
    "Stage",
    "a_plan",
]
