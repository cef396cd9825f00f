"""Driver of all virtual agents: open hours, calls coming and going, requests as an agent, start and stop."""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
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
from bridge.agents.roster import Roster
from bridge.agents.seat import AgentSeat, SeatParts
from bridge.agents.service_checks import ServiceChecks
from bridge.agents.steps import AgentAccount, AgentClient, StepTexts
from bridge.agents.view import AgentView, Latest, seen
from bridge.agents.virtual_agent import VirtualAgent
from bridge.livevox.client import LiveVoxClient
from bridge.livevox.errors import NoAgentSession, SessionLost

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
        self._services = ServiceChecks(self.request)
        self._latest: dict[str, Latest] = {}
        self._chance = chance or Random()
        self._seat_parts = SeatParts(
            client=client,
            texts=StepTexts(settings.client_name, settings.not_ready_reason),
            turns=asyncio.Semaphore(settings.concurrency),
            pace=LoginPace(settings.login_per_s),
            step_timeout_s=settings.policy.step_timeout_s,
            tell=self._told,
        )
        self._roster = Roster(self._make_seat, self._begin)
        self._roster.seat_first(settings.agents)

    async def start(self) -> None:
        """Let the agents begin their day; returns at once."""
        now = self._wall_clock()
        self._latest = {seat.account.number: Latest(now, "started") for seat in self._roster}
        self._look_at_hours()

    def change(self, settings: AgentPoolSettings, *, another_token: bool = False) -> None:
        """Live by other settings. Agents that are the same in both are not touched; see Roster for the others.

        `another_token`: the client logs in with another API token from now on.
        """
        self._settings = settings
        self._seat_parts.pace.change(settings.login_per_s)
        self._seat_parts = replace(
            self._seat_parts,
            texts=StepTexts(settings.client_name, settings.not_ready_reason),
            step_timeout_s=settings.policy.step_timeout_s,
        )
        self._roster.change(settings.agents)
        for seat in self._roster:
            seat.agent.adopt(settings.policy)
            account = self._roster.account(seat.account.number) or seat.account
            seat.adopt(account, self._seat_parts, another_token=another_token)
        if self._open is not None:
            self._look_at_hours()

    async def stop(self, drain_s: float = 10) -> None:
        """Not Ready, calls finished, service left, logged out.

        After `drain_s` nothing is waited for: agents that still have a call stay logged in at LiveVox, so that the next
        start can dispose of it.
        """
        if self._hours_timer:
            self._hours_timer.cancel()
        await self._roster.freeze()
        for seat in self._roster:
            seat.feed(Stop())
        await self._all_resting(drain_s)
        for seat in self._roster:
            if not seat.agent.resting:
                seat.feed(Abandon())
        await self._all_resting(self._settings.leave_s)
        for seat in self._roster:
            await seat.close()
        await self._services.stop()

    # agents as others see them

    def find(self, number: str) -> AgentView | None:
        """The agent with this number."""
        seat = self._roster.seat(number)
        return self._view(seat) if seat else None

    def snapshot(self) -> tuple[AgentView, ...]:
        """All agents, in the order of the settings; then those that leave because they are no longer in them."""
        return tuple(self._view(seat) for seat in self._roster)

    def refusal(self, number: str) -> int | None:
        """The SIP status that refuses a call for this number: 404 nobody's, 480 not in service; None: it may be taken.

        Whether an earlier call still has the agent's line is known to who has the calls.
        """
        seat = self._roster.seat(number)
        if seat is None:
            return 404
        return None if seat.agent.takes_calls else 480

    def is_arriving(self, number: str) -> bool:
        """The agent has had no session since the start, and is being logged in."""
        seat = self._roster.seat(number)
        return seat is not None and seat.agent.is_arriving

    async def arrival(self, number: str) -> None:
        """Return once that has an end; a call waits for it."""
        seat = self._roster.seat(number)
        if seat is not None and seat.agent.is_arriving:
            await seat.arrival()

    def leaves(self, number: str) -> bool:
        """The agent is wanted out of service after its call: paused, out of hours, or the bridge stops."""
        seat = self._roster.seat(number)
        return seat is not None and seat.agent.is_held

    def opens_at(self) -> float | None:
        """When the open hours begin, in epoch seconds; None: it is open, or never again."""
        hours, now = self._settings.hours, self._wall_clock()
        return None if hours is None or hours.is_open(now) else hours.next_change(now)

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
        seat = self._roster.seat(number)
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
        seat = self._roster.seat(number)
        if seat:
            seat.feed(event)

    def _make_seat(self, account: AgentAccount, spread: float) -> AgentSeat:
        identity = AgentIdentity(account.number, account.user_name, account.service_id, spread)
        return AgentSeat(VirtualAgent(identity, self._settings.policy, self._chance), account, self._seat_parts)

    def _begin(self, seat: AgentSeat) -> None:
        """One that has come since the start."""
        self._latest[seat.account.number] = Latest(self._wall_clock(), "new in the settings")
        if self._open:
            seat.feed(Open())

    def _view(self, seat: AgentSeat) -> AgentView:
        latest = self._latest.get(seat.account.number, Latest(0.0, ""))
        return seen(seat.agent, seat.account.user_name, latest, seat.steps, asyncio.get_running_loop().time())

    def _look_at_hours(self) -> None:
        hours, now = self._settings.hours, self._wall_clock()
        is_open = hours is None or hours.is_open(now)
        if is_open is not self._open:
            self._open = is_open
            log.info("hours_open" if is_open else "hours_closed", agents=len(self._roster))
            for seat in self._roster:
                seat.feed(Open() if is_open else Close())
        if self._hours_timer:
            self._hours_timer.cancel()
            self._hours_timer = None
        if hours is not None:
            change = hours.next_change(now)
            wait = HOURS_LOOK_S if change is None else min(max(change - now, 0.0), HOURS_LOOK_S)
            self._hours_timer = asyncio.get_running_loop().call_later(wait, self._look_at_hours)

    async def _all_resting(self, limit_s: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(limit_s):
                for seat in self._roster:
                    await seat.until(lambda agent: agent.resting)

    def _told(self, news: AgentChanged | AgentStuck) -> None:
        if isinstance(news, AgentStuck):
            if self._on_stuck:
                self._on_stuck(news)
            return
        latest = self._latest.get(news.number, Latest(0.0, ""))
        since = latest.since if news.new is news.old else self._wall_clock()
        self._latest[news.number] = Latest(since, news.reason)
        say = log.warning if news.alarm else log.debug
        say(
            "agent_alarm" if news.alarm else "agent_changed",
            agent=news.number,
            old=news.old,
            new=news.new,
            reason=news.reason,
        )
        seat = self._roster.seat(news.number)
        if seat is not None and news.new in (AgentPhase.NOT_READY, AgentPhase.READY):
            self._services.look(seat.account)
        self._on_change(news)
