"""What the parts of the bridge are like at the moment they are asked: nothing is kept between two scrapes."""

import platform
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from time import time

from prometheus_client.core import Metric as Family
from prometheus_client.registry import Collector

from bridge import __version__
from bridge.admin.overview import BridgeParts, Overview
from bridge.admin.readiness import obstacles
from bridge.agents.messages import AgentPhase
from bridge.calls.audio_watch import BAD_MOS
from bridge.calls.states import CallState
from bridge.engines.circuit import CircuitState
from bridge.journal.announcements import Backlog
from bridge.media.messages import Side
from bridge.metrics import catalogue
from bridge.metrics.children import Taken
from bridge.metrics.metric import Metric
from bridge.metrics.sip_metrics import sip_families
from bridge.metrics.webhook_metrics import settings_families, webhook_families
from bridge.recordings.recordings import Recordings
from sip.edge import Edge
from sip.pool import WorkerPool
from sip.pool_size import DIALOGS_A_CALL

DAY_S = 86_400
#: Above every score.
NO_AUDIO = 5.0


@dataclass(frozen=True)
class Watched:
    """All that is asked."""

    overview: Overview
    edge: Edge
    pool: WorkerPool
    recordings: Recordings
    refused: Callable[[], Mapping[str, int]]
    """How many new calls were not taken, by reason."""
    log_left_out: Callable[[], int]
    """Log lines that were not written."""


class BridgeMetrics(Collector):
    """Asked in the event loop: it reads what the loop changes."""

    def __init__(self, watched: Watched) -> None:
        self._watched = watched
        self._parts: BridgeParts = watched.overview.parts
        self._started_at = time()
        self.children = Taken()
        """Read from /proc before each scrape, elsewhere: it takes time."""
        self.backlogs: Mapping[str, Backlog] = {}
        """Of webhooks, read from the journal before each scrape."""

    def describe(self) -> Iterator[Family]:
        """Nothing before it is asked: the parts may not be there yet."""
        return iter(())

    def collect(self) -> Iterator[Family]:
        """Everything, now."""
        yield from self._calls()
        yield from self._audio()
        yield from self._wrap_ups()
        yield from sip_families(self._watched.edge.counters)
        yield from self._engines()
        yield from self._agents()
        yield from self._bridge()
        yield from self._processes()

    def _calls(self) -> Iterator[Family]:
        controller = self._parts.controller
        states = Counter(live.call.state for live in controller.calls)
        yield _each(catalogue.CALLS_ACTIVE, {state.name.lower(): states[state] for state in CallState})
        yield catalogue.CALLS_ON_LINE.of(controller.on_line)
        yield catalogue.CALLS_MAX.of(controller.max_calls)
        yield _each(catalogue.CALLS_REFUSED, self._watched.refused())

    def _audio(self) -> Iterator[Family]:
        heard: dict[str, list[float]] = {side: [] for side in Side}
        for live in self._parts.controller.calls:
            for side, sample in live.quality.items():
                if sample.mos and not live.call.legs.over:
                    heard[side].append(sample.mos)
        yield _each(catalogue.MOS_WORST, {side: min(scores, default=NO_AUDIO) for side, scores in heard.items()})
        bad = {side: sum(score < BAD_MOS for score in scores) for side, scores in heard.items()}
        yield _each(catalogue.CALLS_AUDIO_BAD, bad)

    def _wrap_ups(self) -> Iterator[Family]:
        parts, now = self._parts, time()
        ending = [live for live in parts.controller.calls if live.call.legs.over]
        pending = {"calls": len(ending), "recovered": parts.recovery.pending, "strays": parts.strays.pending}
        pending["repeated"] = len(parts.repeats.wrap_ups)
        since = [live.view().since for live in ending] + [self._started_at] * (parts.recovery.pending > 0)
        yield _each(catalogue.WRAP_UPS_PENDING, pending)
        yield catalogue.WRAP_UP_OLDEST.of(max(now - min(since, default=now), 0.0))

    def _engines(self) -> Iterator[Family]:
        circuits, family = self._parts.controller.circuits, catalogue.ENGINE_CIRCUIT.family()
        for name in self._parts.settings().engines:
            for state in CircuitState:
                family.add_metric([name, state.name.lower()], circuits.state(name) is state)
        yield family
        yield catalogue.LIVEVOX_REACHABLE.of(self._parts.reach.lost_since is None)

    def _agents(self) -> Iterator[Family]:
        agents, now = self._parts.agents.snapshot(), time()
        states = Counter(agent.state for agent in agents)
        longest: dict[str, float] = dict.fromkeys(AgentPhase, 0.0)
        for agent in agents:
            longest[agent.state] = max(longest[agent.state], now - agent.since)
        yield _each(catalogue.AGENTS, {phase: states[phase] for phase in AgentPhase})
        yield catalogue.AGENTS_IN_SERVICE.of(sum(agent.takes_calls for agent in agents))
        yield _each(catalogue.AGENT_LONGEST, longest)
        days = [days for agent in agents if (days := agent.days_until_password_expires) is not None]
        if days:
            yield catalogue.PASSWORD_EXPIRES.of(min(days) * DAY_S)

    def _bridge(self) -> Iterator[Family]:
        parts = self._parts
        yield catalogue.READY.of(not obstacles(self._watched.overview.condition()))
        yield catalogue.DRAINING.of(parts.draining.since is not None)
        yield catalogue.JOURNAL_WAITING.of(parts.journal.lag)
        yield catalogue.JOURNAL_LEFT_OUT.of(parts.journal.left_out)
        yield catalogue.JOURNAL_FAILING.of(parts.journal.failing_s or 0.0)
        yield from settings_families(parts.reloader)
        yield from webhook_families(parts.courier, self.backlogs)
        yield from self._recordings()
        yield catalogue.LOG_LEFT_OUT.of(self._watched.log_left_out())
        build = catalogue.BUILD.family()
        build.add_metric([__version__, platform.python_version()], 1)
        yield build

    def _recordings(self) -> Iterator[Family]:
        recordings, free = self._watched.recordings, catalogue.RECORDINGS_FREE.family()
        if self._parts.settings().recording.enabled and recordings.free_bytes is not None:
            free.add_metric([], recordings.free_bytes)
        yield catalogue.RECORDINGS_BYTES.of(recordings.used_bytes)
        yield free

    def _processes(self) -> Iterator[Family]:
        parts, pool = self._parts, self._watched.pool
        yield catalogue.WORKERS.of(parts.dispatch.workers)
        yield catalogue.WORKERS_ROOM.of(parts.dispatch.room(DIALOGS_A_CALL))
        yield catalogue.WORKERS_STARTED.of(pool.started)
        yield catalogue.WORKERS_LOST.of(pool.lost)
        yield catalogue.MEDIA_UP.of(parts.media.pid is not None)
        yield catalogue.MEDIA_STARTS.of(parts.media.starts)
        yield _each(catalogue.CHILD_CPU, self.children.cpu_s)
        yield _each(catalogue.CHILD_MEMORY, self.children.memory)


def _each(metric: Metric, values: Mapping[str, float]) -> Family:
    """A series for each value of its one label."""
    family = metric.family()
    for label, value in values.items():
        family.add_metric([label], value)
    return family
