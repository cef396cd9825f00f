"""LiveVox as virtual agents see it, small and without sockets: sessions, states, and what can go wrong."""

import asyncio
import enum
from collections import Counter, deque
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import TypeVar

from pydantic import SecretStr

from bridge.livevox.agent_session import Features, Login
from bridge.livevox.agent_status import AgentStatus, CallOnLine, Line, LineState
from bridge.livevox.errors import (
    CredentialsRefused,
    LiveVoxRefused,
    LiveVoxUnreachable,
    LoginUnexplained,
    SessionLost,
    UnreadableAnswer,
)

T = TypeVar("T")
SESSION_S = 7200.0
RINGING_S = 20.0


class Mishap(enum.Enum):
    """What may happen to a request."""

    REFUSED = "400"
    BROKEN = "500"
    BROKEN_BUT_DONE = "500, and done"
    UNREACHED = "the request never arrives"
    UNANSWERED = "done, and the answer is lost"
    UNREADABLE = "done, and the answer is garbage"
    SESSION_LOST = "the session ends before the request"
    FALSE_401 = "401, and the session is good"


@dataclass
class LineOfAgent:
    """One agent at LiveVox."""

    state: LineState = LineState.LOGOFF
    since: float = 0.0
    transaction: int = 0
    passwords_refused: int = 0


@dataclass
class LiveVoxWorld:
    """A LiveVox with one service; `clock` is its time. Requests that make no sense are refused with 400."""

    clock: Callable[[], float]
    registration_s: float = 2.0
    wrap_up_limit_s: float | None = None
    ready_after_registration: bool = False
    right_password: str = "simulated"
    lines: dict[str, LineOfAgent] = field(default_factory=dict)
    sessions: dict[str, tuple[str, float]] = field(default_factory=dict)
    """Session id: login, last use."""
    mishaps: deque[Mishap | None] = field(default_factory=deque)
    """For the next requests; None: nothing happens to that one."""
    requests: list[tuple[float, str, str]] = field(default_factory=list)
    """Time, login, name."""
    made: int = 0

    def line(self, login: str) -> LineOfAgent:
        """The agent, as it is now."""
        line = self.lines.setdefault(login, LineOfAgent())
        for session, (owner, used) in list(self.sessions.items()):
            if owner == login and self.clock() - used > SESSION_S:
                self.end_session(session)
        age = self.clock() - line.since
        if line.state is LineState.REGISTERING and age >= self.registration_s:
            self._move(line, LineState.READY if self.ready_after_registration else LineState.NOTREADY)
        elif line.state is LineState.RESERVED and age >= RINGING_S:
            self._move(line, LineState.NOTREADY)
        elif line.state is LineState.WRAPUP and self.wrap_up_limit_s is not None and age >= self.wrap_up_limit_s:
            self._move(line, LineState.NOTREADY)
        return line

    def count(self, name: str) -> int:
        """How many requests of that name came."""
        return Counter(request[2] for request in self.requests)[name]

    # what happens at LiveVox

    def end_session(self, session: str) -> None:
        login, _ = self.sessions.pop(session)
        self._move(self.lines[login], LineState.LOGOFF)

    def end_sessions(self, login: str) -> None:
        for session in [session for session, (owner, _) in self.sessions.items() if owner == login]:
            self.end_session(session)

    def offer_call(self, login: str) -> bool:
        """The ACD picks the agent; the INVITE is the caller's business."""
        line = self.line(login)
        if line.state is not LineState.READY:
            return False
        line.transaction += 1
        self._move(line, LineState.RESERVED)
        return True

    def set_state(self, login: str, state: LineState) -> None:
        """A supervisor, a customer, a timer."""
        self._move(self.line(login), state)

    def save_term_code(self, login: str) -> None:
        if self.line(login).state is LineState.WRAPUP:
            self.set_state(login, LineState.READY)

    # requests

    def log_in(self, login: str, password: str) -> Login:
        mishap = self._arrives(login, "login")
        line = self.line(login)
        if mishap is Mishap.REFUSED:
            raise LoginUnexplained("POST session/login", 599, 599, "")
        self._fails_before(mishap, "POST session/login")
        if password != self.right_password:
            line.passwords_refused += 1
            raise CredentialsRefused("POST session/login", 401, 401, "")
        session = next((session for session, (owner, _) in self.sessions.items() if owner == login), None)
        if session is None:
            self.made += 1
            session = f"session-{self.made}"
        self.sessions[session] = (login, self.clock())
        self._fails_after(mishap, "POST session/login")
        return Login(session_id=session)

    def request(self, session: str, name: str) -> AgentStatus | None:
        """join, leave, ready, not_ready, status or logout."""
        login, _ = self.sessions.get(session, ("", 0.0))
        mishap = self._arrives(login, name)
        if mishap is Mishap.SESSION_LOST and session in self.sessions:
            self.end_session(session)
        if login:
            self.line(login)  # sessions end by themselves
        if session not in self.sessions or mishap is Mishap.FALSE_401:
            raise SessionLost(name, 401, 401, "")
        self._fails_before(mishap, name)
        self.sessions[session] = (login, self.clock())
        answer = self._carry_out(login, session, name)
        self._fails_after(mishap, name)
        return answer

    def _arrives(self, login: str, name: str) -> Mishap | None:
        self.requests.append((self.clock(), login, name))
        return self.mishaps.popleft() if self.mishaps else None

    def _fails_before(self, mishap: Mishap | None, name: str) -> None:
        if mishap is Mishap.REFUSED:
            raise LiveVoxRefused(name, 400, 400, "")
        if mishap is Mishap.BROKEN:
            raise LiveVoxRefused(name, 500, 500, "")
        if mishap is Mishap.UNREACHED:
            raise LiveVoxUnreachable(name, "connection refused", maybe_done=False)

    def _fails_after(self, mishap: Mishap | None, name: str) -> None:
        if mishap is Mishap.BROKEN_BUT_DONE:
            raise LiveVoxRefused(name, 500, 500, "")
        if mishap is Mishap.UNANSWERED:
            raise LiveVoxUnreachable(name, "time-out", maybe_done=True)
        if mishap is Mishap.UNREADABLE:
            raise UnreadableAnswer(name, 200, "12 bytes that are not JSON")

    def _carry_out(self, login: str, session: str, name: str) -> AgentStatus | None:
        line = self.line(login)
        match name, line.state:
            case "status", LineState.REGISTERING:
                raise LiveVoxRefused(name, 400, 400, "not in the system yet")
            case "status", _:
                return self._status(line)
            case "join", LineState.LOGOFF:
                self._move(line, LineState.REGISTERING)
            case "ready", LineState.NOTREADY | LineState.READY:
                self._move(line, LineState.READY)
            case "not_ready", LineState.READY | LineState.NOTREADY:
                self._move(line, LineState.NOTREADY)
            case "leave", _:
                self._move(line, LineState.LOGOFF)
            case "logout", _:
                self.end_session(session)
            case _:
                raise LiveVoxRefused(name, 400, 400, f"not while {line.state}")
        return None

    def _status(self, line: LineOfAgent) -> AgentStatus:
        with_call = line.state in (LineState.RESERVED, LineState.INCALL, LineState.WRAPUP)
        call = CallOnLine(call_transaction_id=str(line.transaction)) if with_call else None
        return AgentStatus(lines=(Line(state=line.state, call=call),))

    def _move(self, line: LineOfAgent, state: LineState) -> None:
        line.state, line.since = state, self.clock()


class WorldClient:
    """The requests of the agents, to that world."""

    def __init__(self, world: LiveVoxWorld, delay_s: float = 0.0) -> None:
        self.world = world
        self.delay_s = delay_s
        """How long each request is under way; 0: it is done without giving the event loop a turn."""
        self.most_at_once = 0
        self._at_once = 0
        self.features_answer = Features(
            service_id="46014", feature_code=7, term_code_enabled=True, phone_book_transfer_enabled=True
        )

    async def login(self, client_name: str, user_name: str, password: SecretStr, *, urgent: bool = False) -> Login:
        await self._travel()
        return self.world.log_in(user_name, password.get_secret_value())

    async def logout(self, session: str) -> None:
        await self._request(session, "logout")

    async def features(self, session: str, service_id: str) -> Features:
        self.world.requests.append((self.world.clock(), "", "features"))
        return self.features_answer

    async def join(self, session: str, service_id: str, phone_number: str | None = None) -> None:
        await self._request(session, "join")

    async def leave(self, session: str) -> None:
        await self._request(session, "leave")

    async def ready(self, session: str) -> None:
        await self._request(session, "ready")

    async def not_ready(self, session: str, reason_code: str | None = None) -> None:
        await self._request(session, "not_ready")

    async def status(self, session: str, *, urgent: bool = False) -> AgentStatus | None:
        return await self._request(session, "status")

    async def _request(self, session: str, name: str) -> AgentStatus | None:
        await self._travel()
        return self.world.request(session, name)

    async def _travel(self) -> None:
        self._at_once += 1
        self.most_at_once = max(self.most_at_once, self._at_once)
        try:
            if self.delay_s:
                await asyncio.sleep(self.delay_s)
        finally:
            self._at_once -= 1


def at_once(coroutine: Coroutine[object, None, T]) -> T:
    """Run a coroutine that waits for nothing."""
    try:
        coroutine.send(None)
    except StopIteration as stop:
        result: T = stop.value
        return result
    raise AssertionError("the coroutine waits for something")
