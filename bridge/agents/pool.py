"""Driver of all virtual agents: open hours, calls coming and going, requests as an agent, start and stop."""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from random import Random
from typing import Generic

import structlog
from typing_extensions import TypeVar

from bridge.agents.messages import (
    Abandon,
    AgentChanged,
    AgentEvent,
    AgentIdentity,
    AgentPhase,
    AgentStuck,
    CallClosed,
    CallStarted,
    CallWrapping,
    Close,
    Open,
    Pause,
    Resume,
    SessionEnded,
    Stop,
)
from bridge.agents.open_hours import OpenHours
from bridge.agents.policy import AgentPolicy, LoginPace
from bridge.agents.portal import portal_faults
from bridge.agents.seat import AgentSeat, SeatParts
from bridge.agents.steps import AgentAccount, AgentClient, StepTexts
from bridge.agents.virtual_agent import VirtualAgent
from bridge.livevox.client import LiveVoxClient
from bridge.livevox.errors import LiveVoxError, NoAgentSession, SessionLost

log = structlog.get_logger()

#: The clock on the wall may be set while we run: the hours are looked at at least so often.
HOURS_LOOK_S = 60.0

T = TypeVar("T")
ClientT = TypeVar("ClientT", bound=AgentClient, default=LiveVoxClient)


@dataclass(frozen=True)
class AgentPoolSettings:
    """Who the virtual agents are and how they live."""

    client_name: str
    agents: tuple[AgentAccount, ...]
    policy: AgentPolicy = field(default_factory=AgentPolicy)
    hours: OpenHours | None = None
    """None: always open."""
    login_per_s: float = 2
    concurrency: int = 20
    """Steps made at once, all agents together; those a call waits for are not counted."""
    not_ready_reason: str = ""
    session_wait_s: float = 60
    """How long a request waits for an agent's session."""
    leave_s: float = 10
    """On stop, how long agents may take to leave once calls are no longer waited for."""


@dataclass(frozen=True)
class AgentView:
    """An agent as others see it."""

    number: str
    user_name: str
    state: AgentPhase
    session_id: str | None = field(repr=False)
    service_id: str
    call: str | None
    since: float
    """Epoch seconds at which this state began."""
    reason: str
    """Why it is in this state, or the last alarm in it."""
    days_until_password_expires: int | None
    steps: int
    """Requests made for its own life, not for calls."""


class AgentPool(Generic[ClientT]):
    """All virtual agents. Its methods never raise but `request`; unknown numbers are nobody's business and ignored."""

    def __init__(
        self,
        settings: AgentPoolSettings,
        client: ClientT,
        on_change: Callable[[AgentChanged], None],
        on_stuck: Callable[[AgentStuck], None] | None = None,
        *,
        wall_clock: Callable[[], float] = time.time,
        chance: Random | None = None,
    ) -> None:
        """`on_stuck` is told of agents whom LiveVox shows in a call or wrap-up that is not ours, while it lasts."""
        self._settings = settings
        self._client = client
        self._on_change = on_change
        self._on_stuck = on_stuck
        self._wall_clock = wall_clock
        self._hours_timer: asyncio.TimerHandle | None = None
        self._open: bool | None = None
        self._checked_services: set[str] = set()
        self._checks: set[asyncio.Task[None]] = set()
        self._latest: dict[str, tuple[float, str]] = {}
        parts = SeatParts(
            client=client,
            texts=StepTexts(settings.client_name, settings.not_ready_reason),
            turns=asyncio.Semaphore(settings.concurrency),
            pace=LoginPace(settings.login_per_s),
            step_timeout_s=settings.policy.step_timeout_s,
            tell=self._told,
        )
        chance = chance or Random()
        self._seats: dict[str, AgentSeat] = {}
        for index, account in enumerate(settings.agents):
            spread = index / len(settings.agents)
            identity = AgentIdentity(account.number, account.user_name, account.service_id, spread)
            self._seats[account.number] = AgentSeat(VirtualAgent(identity, settings.policy, chance), account, parts)

    async def start(self) -> None:
        """Let the agents begin their day; returns at once."""
        now = self._wall_clock()
        self._latest = {number: (now, "started") for number in self._seats}
        self._look_at_hours()

    async def stop(self, drain_s: float = 10) -> None:
        """Not Ready, calls finished, service left, logged out.

        After `drain_s` nothing is waited for: agents that still have a call stay logged in at LiveVox, so that the next
        start can dispose of it.
        """
        if self._hours_timer:
            self._hours_timer.cancel()
        for seat in self._seats.values():
            seat.feed(Stop())
        await self._all_resting(drain_s)
        for seat in self._seats.values():
            if not seat.agent.resting:
                seat.feed(Abandon())
        await self._all_resting(self._settings.leave_s)
        for seat in self._seats.values():
            await seat.close()
        for check in self._checks:
            check.cancel()
        if self._checks:
            await asyncio.wait(self._checks)

    # agents as others see them

    def find(self, number: str) -> AgentView | None:
        """The agent with this number."""
        seat = self._seats.get(number)
        return self._view(seat) if seat else None

    def snapshot(self) -> tuple[AgentView, ...]:
        """All agents, in the order of the settings."""
        return tuple(self._view(seat) for seat in self._seats.values())

    def refusal(self, number: str) -> int | None:
        """The SIP status that refuses a call for this number: 404 nobody's, 480 not in service; None: it may be taken.

        Whether an earlier call still has the agent's line is known to who has the calls.
        """
        seat = self._seats.get(number)
        if seat is None:
            return 404
        return None if seat.agent.takes_calls else 480

    # calls

    def call_started(self, number: str, call: str) -> None:
        """An INVITE for the agent was taken; or the journal has a call of it that is not wrapped up yet."""
        self._feed(number, CallStarted(call))

    def call_wrapping(self, number: str, call: str) -> None:
        """The customer has left the call and its disposition is being set."""
        self._feed(number, CallWrapping(call))

    def call_closed(self, number: str, call: str, state: str | None) -> None:
        """Nothing more is to be done for the call; `state` is the line's state that wrap-up saw last."""
        self._feed(number, CallClosed(call, state))

    async def request(self, number: str, do: Callable[[ClientT, str], Awaitable[T]]) -> T:
        """Run `do(client, session)` as the agent; if its session is lost, log in, restore the state and run it again.

        However many requests find the session lost, there is one log-in.
        Raises NoAgentSession, and whatever `do` raises.
        """
        seat = self._seats.get(number)
        if seat is None:
            raise NoAgentSession(number, "unknown", retryable=False)
        session = await seat.session(self._settings.session_wait_s)
        try:
            return await do(self._client, session)
        except SessionLost:
            seat.feed(SessionEnded(session))
        session = await seat.session(self._settings.session_wait_s)
        return await do(self._client, session)

    # operators

    def pause(self, number: str) -> None:
        """Take the agent out of service, after its call; it stays logged in."""
        self._feed(number, Pause())

    def resume(self, number: str) -> None:
        """Put the agent back into service, or let it log in again after its credentials were refused."""
        self._feed(number, Resume())

    # inside

    def _feed(self, number: str, event: AgentEvent) -> None:
        seat = self._seats.get(number)
        if seat:
            seat.feed(event)

    def _view(self, seat: AgentSeat) -> AgentView:
        agent, account = seat.agent, seat.account
        since, reason = self._latest.get(account.number, (0.0, ""))
        return AgentView(
            number=account.number,
            user_name=account.user_name,
            state=agent.phase,
            session_id=agent.session,
            service_id=account.service_id,
            call=agent.call,
            since=since,
            reason=reason,
            days_until_password_expires=agent.days_until_password_expires,
            steps=seat.steps,
        )

    def _look_at_hours(self) -> None:
        hours, now = self._settings.hours, self._wall_clock()
        is_open = hours is None or hours.is_open(now)
        if is_open is not self._open:
            self._open = is_open
            log.info("hours_open" if is_open else "hours_closed", agents=len(self._seats))
            for seat in self._seats.values():
                seat.feed(Open() if is_open else Close())
        if hours is not None:
            change = hours.next_change(now)
            wait = HOURS_LOOK_S if change is None else min(max(change - now, 0.0), HOURS_LOOK_S)
            self._hours_timer = asyncio.get_running_loop().call_later(wait, self._look_at_hours)

    async def _all_resting(self, limit_s: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(limit_s):
                for seat in self._seats.values():
                    await seat.until(lambda agent: agent.resting)

    def _told(self, news: AgentChanged | AgentStuck) -> None:
        if isinstance(news, AgentStuck):
            if self._on_stuck:
                self._on_stuck(news)
            return
        since, _ = self._latest.get(news.number, (0.0, ""))
        since = since if news.new is news.old else self._wall_clock()
        self._latest[news.number] = (since, news.reason)
        say = log.warning if news.alarm else log.debug
        say(
            "agent_alarm" if news.alarm else "agent_changed",
            agent=news.number,
            old=news.old,
            new=news.new,
            reason=news.reason,
        )
        if news.new in (AgentPhase.NOT_READY, AgentPhase.READY):
            self._check_service(self._seats[news.number])
        self._on_change(news)

    def _check_service(self, seat: AgentSeat) -> None:
        """Once a service: does the portal have what virtual agents need?"""
        service = seat.account.service_id
        if service not in self._checked_services:
            self._checked_services.add(service)
            check = asyncio.create_task(self._read_features(seat.account), name=f"features of service {service}")
            self._checks.add(check)
            check.add_done_callback(self._checks.discard)

    async def _read_features(self, account: AgentAccount) -> None:
        service = account.service_id
        try:
            features = await self.request(account.number, lambda client, session: client.features(session, service))
        except LiveVoxError as exc:
            if exc.retryable:
                self._checked_services.discard(service)
            log.warning("service_not_checked", service=service, reason=str(exc))
            return
        for fault in portal_faults(features):
            log.warning("service_unsuitable", service=service, remedy=fault)
