"""The composition root: builds every part from the settings, starts them in order, stops them in reverse."""

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path

import structlog

from bridge.admin.server import AdminServer
from bridge.agents.messages import AgentChanged, AgentStuck
from bridge.agents.pool import AgentPool
from bridge.calls.customer_data import CustomerData
from bridge.calls.outcomes import Outcomes
from bridge.calls.parts import CallParts
from bridge.calls.recovered_call import RecoveryParts
from bridge.calls.recovery import Recovery
from bridge.calls.stray_calls import StrayCalls
from bridge.calls.timeline import Listener
from bridge.calls.wrapup_requests import WrapUpRequests
from bridge.controller import Controller
from bridge.engine_parts import engine_parts
from bridge.engines.http_client import EngineHttp
from bridge.journal import Journal, OpenCall
from bridge.media.client import MediaProcess
from bridge.part_settings import (
    admin_settings,
    agent_pool_settings,
    controller_settings,
    edge_settings,
    livevox_client,
    media_settings,
    pool_settings,
)
from bridge.settings import Settings
from sip.admission import Admitted, Invite, Refused
from sip.dispatch import Dispatch
from sip.edge import Edge
from sip.messages import EdgeEvent, LegEnded
from sip.pool import WorkerPool

log = structlog.get_logger()

#: How long calls may go on after the first signal, in seconds.
DRAIN_S = 300.0
#: How long ended calls may take to tell LiveVox before the agents leave, in seconds.
CLOSING_S = 30.0
#: How long agents may take to leave once the calls are over, before they are made to, in seconds.
LEAVING_S = 10.0
#: How long a step of a wrap-up may wait for its agent's session, in seconds.
SESSION_S = 10.0


class FrontDoor:
    """What the edge asks about calls before and after there is a controller: closed until then."""

    def __init__(self, retry_after_s: int) -> None:
        self.controller: Controller | None = None
        self._retry_after_s = retry_after_s

    @property
    def accepts_calls(self) -> bool:
        """False while starting and while draining."""
        return self.controller is not None and self.controller.accepts_calls

    async def admit(self, invite: Invite) -> Admitted | Refused:
        """Ask the controller."""
        if self.controller is None:
            return Refused(503, "Starting", self._retry_after_s)
        return await self.controller.admit(invite)

    def sip_event(self, event: EdgeEvent | LegEnded) -> None:
        """Tell the controller."""
        if self.controller is not None:
            self.controller.sip_event(event)


class Service:
    """The whole bridge. Use `running()`."""

    def __init__(
        self,
        settings: Settings,
        listeners: Sequence[Listener] = (),
        on_agent_change: Callable[[AgentChanged], None] = lambda change: None,
    ) -> None:
        """`listeners` hear every entry of every call's timeline, `on_agent_change` the agents' states."""
        self.settings = settings
        self._listeners = tuple(listeners)
        self._on_agent_change = on_agent_change
        self._door = FrontDoor(settings.sip.retry_after_s)
        self._dispatch = Dispatch()

    controller: Controller
    edge: Edge
    agents: AgentPool
    pool: WorkerPool
    media: MediaProcess
    admin: AdminServer
    journal: Journal
    _strays: StrayCalls
    _recovery: Recovery

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator["Service"]:
        """Start everything; on leaving, calls get no more time: drain before."""
        async with contextlib.AsyncExitStack() as stack:
            await self._start(stack)
            yield self

    async def _start(self, stack: contextlib.AsyncExitStack) -> None:
        settings = self.settings
        self.edge = await Edge.open(edge_settings(settings), self._dispatch, self._door)
        stack.callback(self.edge.close)
        open_calls = await self._open_journal(stack)
        self.media = MediaProcess(media_settings(settings), lambda event: self.controller.media_event(event))
        await self.media.start()
        stack.push_async_callback(self.media.stop)
        self.pool = WorkerPool(
            pool_settings(settings, self.edge),
            self._dispatch,
            lambda event: self.controller.sip_event(event),
            self._workers_lost,
        )
        client = await stack.enter_async_context(livevox_client(settings))
        self.agents = AgentPool(agent_pool_settings(settings), client, self._on_agent_change, self._agent_stuck)
        http = EngineHttp()
        stack.push_async_callback(http.close)
        self._put_together(http)
        stack.push_async_callback(self._strays.stop)
        stack.push_async_callback(self.controller.stop)
        self.admin = await stack.enter_async_context(AdminServer(admin_settings(settings), self.controller))
        await self.pool.start()
        stack.push_async_callback(self.pool.stop)
        self._recovery.start(open_calls)
        await self.agents.start()
        stack.push_async_callback(self.agents.stop)
        stack.push_async_callback(self._recovery.stop)
        self._door.controller = self.controller
        log.info(
            "bridge_started",
            sip=f"{settings.sip.listen.host}:{self.edge.public_port}",
            agents=len(settings.agents),
            max_calls=settings.sip.max_calls,
        )

    async def _open_journal(self, stack: contextlib.AsyncExitStack) -> Sequence[OpenCall]:
        """The calls that the bridge died with."""
        settings = self.settings.journal
        self.journal = await stack.enter_async_context(Journal(Path(settings.path), keep_days=settings.keep_days))
        return await self.journal.open_calls()

    def _put_together(self, http: EngineHttp) -> None:
        """Who has calls: new ones, strays, and those of before the start."""
        settings = self.settings
        outcomes, requests = Outcomes(settings), WrapUpRequests(limit_s=settings.livevox.timeout_s + SESSION_S)
        self._strays = StrayCalls(self.agents, outcomes, requests, self.journal)
        self._recovery = Recovery(
            RecoveryParts(
                agents=self.agents,
                outcomes=outcomes,
                requests=requests,
                journal=self.journal,
                listeners=self._listeners,
                failure_target=settings.livevox.on_failure,
            )
        )
        parts = CallParts(
            pool=self.pool,
            media=self.media,
            agents=self.agents,
            outcomes=outcomes,
            customer_data=CustomerData(self.agents, settings.livevox.screen_pop_timeout_s),
            requests=requests,
            engines=engine_parts(settings, outcomes, self.media, http),
            journal=self.journal,
            retry_after_s=settings.sip.retry_after_s,
        )
        self.controller = Controller(
            controller_settings(settings),
            parts,
            self._dispatch.forget,
            self._listeners,
            self._recovery.next_call_came,
        )

    async def drain(self, hurry: asyncio.Event) -> bool:
        """Take no more calls, bring those there are to their end, and let each agent leave as soon as it has none.

        The agents go Not Ready at once: LiveVox would send them calls that we refuse. `hurry` ends the waiting.
        True: all calls ended by themselves and LiveVox has confirmed their dispositions.
        """
        before = self.controller.undisposed
        leaving = asyncio.create_task(self.agents.stop(DRAIN_S + CLOSING_S), name="agents leave")
        try:
            drained = await self.controller.drain(DRAIN_S, hurry)
            settled = all(
                await asyncio.gather(self.controller.wait_idle(CLOSING_S), self._recovery.wait_idle(CLOSING_S))
            )
            await asyncio.wait({leaving}, timeout=LEAVING_S if settled else 0)
        finally:
            leaving.cancel()
            await asyncio.wait({leaving})
        disposed = self.controller.undisposed == before
        log.info("bridge_drained", drained=drained, settled=settled, disposed=disposed)
        return drained and settled and disposed

    def _agent_stuck(self, news: AgentStuck) -> None:
        self._strays.stuck(news)

    def _workers_lost(self, calls: list[str]) -> None:
        self.edge.worker_lost(calls)
        self.controller.workers_lost(calls)


async def run(settings: Settings) -> int:
    """Serve until SIGTERM or SIGINT, then drain; a second signal hurries.

    Returns the exit code: 0 when all calls ended by themselves and LiveVox has their dispositions.
    """
    stopping, hurrying = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()

    def on_signal() -> None:
        (hurrying if stopping.is_set() else stopping).set()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, on_signal)
    async with Service(settings).running() as service:
        await stopping.wait()
        log.info("bridge_draining", calls=len(service.controller.calls))
        good = await service.drain(hurrying)
    log.info("bridge_stopped", good=good)
    return 0 if good else 1
