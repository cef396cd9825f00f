"""Driver of one virtual agent: feeds it, performs its commands, re-arms its one timer."""

import asyncio
import contextlib
import contextvars
import secrets
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from bridge.agents.messages import (
    AgentChanged,
    AgentCommand,
    AgentEvent,
    AgentOutput,
    AgentStuck,
    CallClosed,
    CallStarted,
    LogIn,
    LoginRefused,
    NewPassword,
    StepDropped,
    StepFailed,
    StepResult,
)
from bridge.agents.policy import LoginPace
from bridge.agents.steps import AgentAccount, AgentClient, StepTexts, carry_out
from bridge.agents.virtual_agent import VirtualAgent
from bridge.livevox.errors import NoAgentSession

log = structlog.get_logger()


@dataclass(frozen=True)
class SeatParts:
    """What all seats share."""

    client: AgentClient
    texts: StepTexts
    turns: asyncio.Semaphore
    """Bounds the steps that are made at once."""
    pace: LoginPace
    step_timeout_s: float
    tell: Callable[[AgentChanged | AgentStuck], None]


class AgentSeat:
    """One virtual agent at work."""

    def __init__(self, agent: VirtualAgent, account: AgentAccount, parts: SeatParts) -> None:
        self.agent = agent
        self.account = account
        self.steps = 0
        """Requests made for the agent's own life, not those of its calls."""
        self._parts = parts
        self._credentials = 1
        """Counts those that were used: what LiveVox says of earlier ones does not matter."""
        self._context = contextvars.copy_context()
        """Of the agent's own life: what is bound to the log of the call that feeds it ends with that call."""
        self._timer: asyncio.TimerHandle | None = None
        self._turn: asyncio.TimerHandle | None = None
        """A log-in that waits for its slot."""
        self._step: asyncio.Task[None] | None = None
        self._waiting: set[asyncio.Future[None]] = set()

    def feed(self, event: AgentEvent) -> None:
        """Something happened."""
        self._perform(self.agent.handle(event, asyncio.get_running_loop().time()))

    def adopt(self, account: AgentAccount, parts: SeatParts, *, another_token: bool) -> None:
        """Go on with another password or API token, perhaps, other texts and limits; who the agent is stays."""
        before, self.account, self._parts = self.account, account, parts
        if another_token or account.password != before.password:
            self._credentials += 1
            self.feed(NewPassword())

    async def until(self, condition: Callable[[VirtualAgent], bool]) -> None:
        """Return once it holds; looked at whenever something has happened to the agent."""
        while not condition(self.agent):
            news: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiting.add(news)
            try:
                await news
            finally:
                self._waiting.discard(news)

    async def session(self, limit_s: float) -> str:
        """The agent's session, awaited while it is being made. Raises NoAgentSession."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(limit_s):
                await self.until(lambda agent: agent.usable_session is not None or agent.resting)
        session = self.agent.usable_session
        if session is None:
            raise NoAgentSession(self.account.number, self.agent.phase, retryable=not self.agent.locked)
        return session

    async def arrival(self) -> None:
        """Return once the agent's first log-in has succeeded, or will not; it goes before those nobody waits for."""
        caller = secrets.token_hex(10)
        if self.agent.call is None:
            self.feed(CallStarted(caller))
        try:
            await self.until(lambda agent: not agent.is_arriving)
        finally:
            self.feed(CallClosed(caller, None))

    async def close(self) -> None:
        """Stop at once, whatever is under way."""
        for handle in (self._timer, self._turn):
            if handle:
                handle.cancel()
        if self._step:
            self._step.cancel()
            await asyncio.wait([self._step])

    # performing

    def _expire(self) -> None:
        self._perform(self.agent.expire(asyncio.get_running_loop().time()))

    def _perform(self, outputs: list[AgentOutput]) -> None:
        told: list[AgentChanged | AgentStuck] = []
        for output in outputs:
            match output:
                case AgentChanged() | AgentStuck():
                    told.append(output)
                case command:
                    self._begin(command)
        self._arm()
        for news in self._waiting:
            if not news.done():
                news.set_result(None)
        # Last, as whoever is told may feed this agent again.
        for output in told:
            self._parts.tell(output)
        self._look_at_turn()

    def _look_at_turn(self) -> None:
        """A log-in that waits for its slot: is it still wanted, or does a call wait for it now?"""
        if self._turn is None:
            return
        if not self.agent.still_wants(LogIn()):
            self._turn.cancel()
            self._turn = None
            self.feed(StepDropped())
        elif self.agent.call is not None:
            self._turn.cancel()
            self._start(LogIn())

    def _arm(self) -> None:
        if self._timer:
            self._timer.cancel()
        loop, deadline = asyncio.get_running_loop(), self.agent.deadline
        self._timer = None if deadline is None else loop.call_at(deadline, self._expire, context=self._context)

    def _begin(self, command: AgentCommand) -> None:
        if not isinstance(command, LogIn):
            self._start(command)
            return
        loop = asyncio.get_running_loop()
        slot = self._parts.pace.slot(loop.time(), urgent=self.agent.call is not None)
        self._turn = loop.call_at(slot, self._start, command, context=self._context)

    def _start(self, command: AgentCommand) -> None:
        self._turn = None
        name = f"agent {self.account.number} {type(command).__name__}"
        self._step = asyncio.create_task(self._run(command), name=name, context=self._context)

    async def _run(self, command: AgentCommand) -> None:
        try:
            result = await self._result(command)
        except Exception as exc:  # noqa: BLE001  # the step's outermost level: a fault must not cost the agent
            log.exception("agent_step_crashed", agent=self.account.number, step=type(command).__name__)
            result = StepFailed(retryable=True, maybe_done=True, session_lost=False, detail=type(exc).__name__)
        self._step = None
        self.feed(result)

    async def _result(self, command: AgentCommand) -> StepResult:
        urgent = self.agent.call is not None
        async with contextlib.nullcontext() if urgent else self._parts.turns:
            if not self.agent.still_wants(command):
                return StepDropped()
            self.steps += 1
            session, account, credentials = self.agent.session or "", self.account, self._credentials
            limit_s = self._parts.step_timeout_s
            try:
                async with asyncio.timeout(limit_s):
                    result = await carry_out(
                        self._parts.client, account, self._parts.texts, command, session, urgent=urgent
                    )
                outdated = isinstance(result, LoginRefused) and credentials != self._credentials
                return StepDropped() if outdated else result
            except TimeoutError:
                detail = f"{type(command).__name__} had no result in {limit_s:g} s"
                return StepFailed(retryable=True, maybe_done=True, session_lost=False, detail=detail)
