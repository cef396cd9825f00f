"""The composition root: builds every part from the settings, starts them in order, stops them in reverse."""

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from pathlib import Path
from time import time

import structlog

from bridge.admin.audit import Audit
from bridge.admin.health import HealthEndpoints
from bridge.admin.operators import OperatorEndpoints
from bridge.admin.overview import BridgeParts, Overview
from bridge.admin.recordings import RecordingEndpoints
from bridge.admin.reload import ReloadEndpoints
from bridge.admin.route import Route
from bridge.admin.server import AdminServer
from bridge.admin.stories import StoryEndpoints
from bridge.admin.webhooks import WebhookEndpoints
from bridge.admin.wrap_ups import WrapUpEndpoints
from bridge.agents.messages import AgentChanged, AgentStuck
from bridge.agents.pool import AgentPool
from bridge.call_outfit import CallOutfit
from bridge.calls.recovered_call import RecoveryParts
from bridge.calls.recovery import Recovery
from bridge.calls.repeats import Repeats
from bridge.calls.stray_calls import StrayCalls
from bridge.calls.timeline import Listener
from bridge.change_over import ChangeOver
from bridge.controller import Controller
from bridge.dashboard.endpoints import Dashboard
from bridge.draining import Draining
from bridge.engines.http_client import EngineHttp
from bridge.front_door import FrontDoor
from bridge.journal import Journal, OpenCall
from bridge.journal.reader import JournalReader
from bridge.livevox.reach import Reach
from bridge.livevox.transport import Exchange
from bridge.media.client import MediaProcess
from bridge.metrics.bridge_metrics import Watched
from bridge.metrics.endpoint import MetricsEndpoint
from bridge.observers import Observers
from bridge.part_settings import (
    admin_settings,
    agent_pool_settings,
    controller_settings,
    edge_settings,
    hooks,
    livevox_client,
    media_settings,
    pool_settings,
    story_zone,
)
from bridge.recordings.recordings import Recordings
from bridge.reload.reloader import Reloader
from bridge.settings import Settings, load
from bridge.webhooks.courier import Courier
from sip.dispatch import Dispatch
from sip.edge import Edge
from sip.pool import WorkerPool

log = structlog.get_logger()

#: How long ended calls may take to tell LiveVox before the agents leave, in seconds.
CLOSING_S = 30.0
#: How long agents may take to leave once the calls are over, before they are made to, in seconds.
LEAVING_S = 10.0


class Service:
    """The whole bridge. Use `running()`."""

    def __init__(
        self,
        settings: Settings,
        listeners: Sequence[Listener] = (),
        on_agent_change: Callable[[AgentChanged], None] = lambda change: None,
        log_left_out: Callable[[], int] = lambda: 0,
        environ: Mapping[str, str] = os.environ,
    ) -> None:
        """`listeners` hear every entry of every call's timeline, `on_agent_change` the agents' states.

        `log_left_out` tells how many log lines were not written; `environ` has the secrets when they are read again.
        """
        self.settings = settings
        self.draining = Draining()
        self.dashboard = Dashboard()
        self._log_left_out = log_left_out
        self.reloader = Reloader(
            lambda: self.settings,
            lambda: load(settings.path, environ),
            self._change,
            self.draining,
            lambda who, result: Audit(self.journal).note(who, "reload", result=result),
        )
        self._on_agent_change = on_agent_change
        self._door = FrontDoor(settings.sip.retry_after_s, settings.sip.max_calls)
        self._dispatch = Dispatch()
        self._reach = Reach()
        self._observers = Observers(
            lambda: self.settings, lambda record: self.journal.note(record), self._dispatch.dialog
        )
        self._listeners = (*listeners, *self._observers.listeners, self.dashboard.heard)

    controller: Controller
    edge: Edge
    agents: AgentPool
    pool: WorkerPool
    media: MediaProcess
    admin: AdminServer
    journal: Journal
    recordings: Recordings
    courier: Courier
    overview: Overview
    _outfit: CallOutfit
    _change_over: ChangeOver
    _strays: StrayCalls
    _recovery: Recovery
    _repeats: Repeats

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator["Service"]:
        """Start everything; on leaving, calls get no more time: drain before."""
        async with contextlib.AsyncExitStack() as stack:
            await self._start(stack)
            yield self

    async def _start(self, stack: contextlib.AsyncExitStack) -> None:
        open_calls = await self._start_below_calls(stack)
        await self._start_calls(stack)
        await self._let_calls_in(stack, open_calls)

    async def _start_below_calls(self, stack: contextlib.AsyncExitStack) -> Sequence[OpenCall]:
        """What carries calls: sockets, journal, audio. Returns the calls that the bridge died with."""
        settings = self.settings
        tap = await stack.enter_async_context(self._observers.running())
        self.edge = await Edge.open(edge_settings(settings), self._dispatch, self._door, tap)
        stack.callback(self.edge.close)
        open_calls = await self._open_journal(stack)
        self.recordings = await stack.enter_async_context(
            Recordings(settings.recording.folder, keep_days=settings.recording.keep_days)
        )
        self.media = MediaProcess(media_settings(settings), lambda event: self.controller.media_event(event))
        await self.media.start()
        stack.push_async_callback(self.media.stop)
        self.pool = WorkerPool(
            pool_settings(settings, self.edge),
            self._dispatch,
            lambda event: self.controller.sip_event(event),
            self._workers_lost,
        )
        return open_calls

    async def _start_calls(self, stack: contextlib.AsyncExitStack) -> None:
        """Who has calls and who may ask about them; none comes yet."""
        settings = self.settings
        client = await stack.enter_async_context(
            livevox_client(settings, self._livevox_answered, self._door.burst.goes_on)
        )
        self.agents = AgentPool(agent_pool_settings(settings), client, self._on_agent_change, self._agent_stuck)
        http = EngineHttp()
        stack.push_async_callback(http.close)
        self.courier = Courier(self.journal, http.post)
        stack.push_async_callback(self.courier.stop)
        self.courier.change(hooks(settings))
        self._outfit = CallOutfit(self.pool, self.media, self.agents, client, self.journal, http)
        self._put_together()
        stack.push_async_callback(self._strays.stop)
        stack.push_async_callback(self._repeats.stop)
        stack.push_async_callback(self.controller.stop)
        self.admin = AdminServer(admin_settings(settings), self.controller, Audit(self.journal), self._endpoints())
        await stack.enter_async_context(self.admin)
        self._change_over = ChangeOver(self, client, self._outfit, self._strays)

    async def _let_calls_in(self, stack: contextlib.AsyncExitStack, open_calls: Sequence[OpenCall]) -> None:
        """SIP workers, the calls of before the start, agents, and at last the door."""
        await self.pool.start()
        stack.push_async_callback(self.pool.stop)
        self._recovery.start(open_calls)
        await self.agents.start()
        stack.push_async_callback(self.agents.stop)
        stack.push_async_callback(self._recovery.stop)
        self.reloader.start()
        stack.push_async_callback(self.reloader.stop)
        self._door.open(self.controller, self.agents)
        log.info(
            "bridge_started",
            sip=f"{self.settings.sip.listen.host}:{self.edge.public_port}",
            agents=len(self.settings.agents),
            max_calls=self.settings.sip.max_calls,
        )

    def _endpoints(self) -> list[Route]:
        """Those of the API that are not about one call."""
        self.overview = Overview(
            BridgeParts(
                settings=lambda: self.settings,
                started=lambda: self._door.is_open,
                controller=self.controller,
                agents=self.agents,
                media=self.media,
                dispatch=self._dispatch,
                journal=self.journal,
                recovery=self._recovery,
                strays=self._strays,
                repeats=self._repeats,
                draining=self.draining,
                reach=self._reach,
                reloader=self.reloader,
                courier=self.courier,
            )
        )
        watched = self.overview, self.edge, self.pool, self.recordings
        self._observers.metrics.watch(Watched(*watched, lambda: self._door.refused, self._log_left_out))
        metrics = MetricsEndpoint(self._observers.metrics, self.settings.admin)
        audit, reload, webhooks = Audit(self.journal), ReloadEndpoints(self.reloader), WebhookEndpoints(self.courier)
        stories = StoryEndpoints(self._reader, audit, lambda: story_zone(self.settings), self.recordings.find)
        operators = OperatorEndpoints(self.overview, audit, stories.find)
        wrap_ups = WrapUpEndpoints(self.overview, audit)
        recordings = RecordingEndpoints(self.controller, self.recordings, audit)
        endpoints = HealthEndpoints(self.overview), operators, wrap_ups, reload, metrics, recordings, stories, webhooks
        return [*(route for each in endpoints for route in each.routes()), *self.dashboard.routes(self.overview)]

    async def _open_journal(self, stack: contextlib.AsyncExitStack) -> Sequence[OpenCall]:
        """The calls that the bridge died with."""
        settings = self.settings.journal
        self.journal = await stack.enter_async_context(Journal(Path(settings.path), keep_days=settings.keep_days))
        self._reader = JournalReader(Path(settings.path))
        stack.push_async_callback(self._reader.close)
        return await self.journal.open_calls()

    def _put_together(self) -> None:
        """Who has calls: new ones, strays, and those of before the start."""
        settings = self.settings
        parts = self._outfit.parts(settings)
        common = self.agents, parts.outcomes, parts.requests, self.journal
        self._strays = StrayCalls(*common, lambda news: self._repeats.take(news))
        self._recovery = Recovery(RecoveryParts(*common, self._listeners, settings.livevox.on_failure))
        self._repeats = Repeats(lambda: self.controller, self._reader, self._strays.has, self.dashboard.heard)
        next_call_came = self._recovery.next_call_came, self._repeats.next_call_came
        self.controller = Controller(
            controller_settings(settings), parts, self._dispatch.forget, self._listeners, *next_call_came
        )

    async def serve(self) -> bool:
        """Until somebody asks `draining` for the end, which then comes: see `drain`."""
        await self.draining.asked.wait()
        log.info("bridge_draining", by=self.draining.by, calls=len(self.controller.calls))
        return await self.drain()

    async def drain(self) -> bool:
        """Take no more calls, bring those there are to their end, and let each agent leave as soon as it has none.

        The agents go Not Ready at once: LiveVox would send them calls that we refuse. After `sip.drain_s`, or when
        `draining` hurries, customers who still talk go to a human.
        True: all calls ended by themselves and LiveVox has confirmed their dispositions.
        """
        before = self.controller.undisposed
        limit_s, handing_s = self.settings.sip.drain_s, self._handing_s()
        leaving = asyncio.create_task(self.agents.stop(limit_s + handing_s + CLOSING_S), name="agents leave")
        try:
            drained = await self.controller.drain(limit_s, self.draining.hurried)
            await self.controller.wait_quiet(handing_s)
            settled = all(
                await asyncio.gather(self.controller.wait_idle(CLOSING_S), self._recovery.wait_idle(CLOSING_S))
            )
            await asyncio.wait({leaving}, timeout=LEAVING_S if settled else 0)
        finally:
            leaving.cancel()
            await asyncio.wait({leaving})
        disposed = self.controller.undisposed <= before
        log.info("bridge_drained", drained=drained, settled=settled, disposed=disposed)
        return drained and settled and disposed

    def _handing_s(self) -> float:
        """How long humans may take to answer: those of a transfer that runs, then those of `livevox.on_failure`."""
        contacts = max((len(target.contacts) for target in self.settings.targets.values()), default=0)
        return 2 * contacts * self.settings.livevox.transfer_timeout_s + CLOSING_S

    def _change(self, settings: Settings) -> None:
        """Go on by other settings."""
        self._change_over.change(settings)
        self.settings = settings

    def _livevox_answered(self, exchange: Exchange) -> None:
        self._reach.heard(exchange.status, exchange.error, time())
        self._observers.livevox_answered(exchange)

    def _agent_stuck(self, news: AgentStuck) -> None:
        self._strays.stuck(news)

    def _workers_lost(self, calls: list[str]) -> None:
        self.edge.worker_lost(calls)
        self.controller.workers_lost(calls)
