"""The bridge as operators see it: reads every part at the moment it is asked, and keeps nothing."""

from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass
from time import time
from typing import Any

from bridge import __version__
from bridge.admin.agent_words import waits_for
from bridge.admin.instants import instant
from bridge.admin.readiness import Condition, Reason, obstacles, warnings
from bridge.agents.pool import AgentPool
from bridge.agents.view import AgentView
from bridge.calls.pending_wrapup import Kind, PendingWrapUp
from bridge.calls.recovery import Recovery
from bridge.calls.repeats import Repeats
from bridge.calls.states import CallState
from bridge.calls.stray_calls import StrayCalls
from bridge.calls.view import CallView
from bridge.controller import Controller
from bridge.draining import Draining
from bridge.journal import Journal
from bridge.livevox.reach import Reach
from bridge.media.client import MediaProcess
from bridge.reload.reloader import Reloader
from bridge.settings import Settings
from bridge.settings.engines import engine_kind
from bridge.webhooks.courier import Courier
from sip.dispatch import Dispatch
from sip.pool_size import DIALOGS_A_CALL


@dataclass(frozen=True)
class BridgeParts:
    """All that is looked at."""

    settings: Callable[[], Settings]
    """Those that hold now."""
    started: Callable[[], bool]
    """The edge lets calls in."""
    controller: Controller
    agents: AgentPool
    media: MediaProcess
    dispatch: Dispatch
    journal: Journal
    recovery: Recovery
    strays: StrayCalls
    repeats: Repeats
    draining: Draining
    reach: Reach
    reloader: Reloader
    courier: Courier


class Overview:
    """What the endpoints for operators tell."""

    def __init__(self, parts: BridgeParts) -> None:
        self.parts = parts
        self._started_at = time()

    # health

    def condition(self) -> Condition:
        """What readiness is judged by."""
        parts, controller = self.parts, self.parts.controller
        agents = parts.agents.snapshot()
        return Condition(
            started=parts.started(),
            draining_since=parts.draining.since,
            workers=parts.dispatch.workers,
            media_runs=parts.media.pid is not None,
            agents=Counter(agent.state for agent in agents),
            agents_in_service=sum(agent.takes_calls for agent in agents),
            full=controller.on_line >= controller.max_calls,
            journal_failing_s=parts.journal.failing_s,
            livevox_lost_since=parts.reach.lost_since,
            webhooks_failing=self._webhooks_failing(),
            reload_missed=parts.reloader.missed,
            engines_out=[name for name in parts.settings().engines if not controller.circuits.allows(name)],
        )

    def readiness(self) -> dict[str, Any]:
        """Whether calls can be taken, why not, and what else is wrong."""
        return _readiness(self.condition())

    # the whole

    def status(self) -> dict[str, Any]:
        """The bridge in numbers."""
        parts, controller, dispatch, now = self.parts, self.parts.controller, self.parts.dispatch, time()
        seen = self.condition()
        return {
            "at": instant(now),
            "version": __version__,
            "started_at": instant(self._started_at),
            "uptime_s": round(now - self._started_at, 1),
            **_readiness(seen),
            "draining": self.draining(),
            "calls": {
                "on_line": controller.on_line,
                "max": controller.max_calls,
                "by_state": Counter(view.state for view in self.views()),
            },
            "agents": {"in_service": seen.agents_in_service, "by_state": seen.agents},
            "wrap_ups": {
                "pending": controller.wrapping_up,
                "recovered_pending": parts.recovery.pending,
                "stray_pending": parts.strays.pending,
                "repeated_pending": len(parts.repeats.wrap_ups),
                "unconfirmed": controller.undisposed,
            },
            "workers": {"running": dispatch.workers, "room_for_calls": dispatch.room(DIALOGS_A_CALL)},
            "media_process": {"pid": parts.media.pid},
            "journal": {"waiting": parts.journal.lag, "left_out": parts.journal.left_out},
            "webhooks": {"count": len(parts.courier.rounds), "failing": sorted(seen.webhooks_failing)},
            "settings": {
                "generation": parts.reloader.standing.generation,
                "since": instant(parts.reloader.standing.since),
                "reload_missed": parts.reloader.missed is not None,
            },
        }

    def _webhooks_failing(self) -> dict[str, float]:
        """For how many seconds each that fails has taken no message."""
        now, rounds = time(), self.parts.courier.rounds
        return {each.hook.name: now - since for each in rounds if (since := each.tally.failing_since) is not None}

    def draining(self) -> dict[str, Any] | None:
        """The order to stop; None: nobody has given it."""
        draining = self.parts.draining
        if draining.since is None:
            return None
        return {
            "since": instant(draining.since),
            "by": draining.by,
            "hurried": draining.hurried.is_set(),
            "limit_s": self.parts.settings().sip.drain_s,
            "calls": len(self.parts.controller.calls),
        }

    # its parts

    def calls(self) -> list[dict[str, Any]]:
        """The calls that are going on, the oldest first."""
        return [call_row(view) for view in sorted(self.views(), key=lambda view: view.started_at)]

    def views(self) -> list[CallView]:
        """The same, in no order."""
        return [live.view() for live in self.parts.controller.calls]

    def wrap_ups(self) -> list[dict[str, Any]]:
        """Those that are under way, the oldest first."""
        parts = self.parts
        ending = (
            PendingWrapUp(view.call, view.agent_number, view.caller, Kind.CALL, view.since, progress)
            for live in parts.controller.calls
            if live.call.state is CallState.ENDING and (progress := live.wrap_up.progress) is not None
            for view in (live.view(),)
        )
        pending = [*ending, *parts.recovery.wrap_ups, *parts.strays.wrap_ups, *parts.repeats.wrap_ups]
        return [wrap_up_row(each) for each in sorted(pending, key=lambda each: each.since)]

    def agents(self) -> list[dict[str, Any]]:
        """All agents, in the order of the settings."""
        opens_at = self.parts.agents.opens_at()
        return [agent_row(agent, opens_at) for agent in self.parts.agents.snapshot()]

    def agent(self, number: str) -> dict[str, Any] | None:
        """One agent; None: there is none of this number."""
        agent = self.parts.agents.find(number)
        return None if agent is None else agent_row(agent, self.parts.agents.opens_at())

    def engines(self) -> list[dict[str, Any]]:
        """All engines and their circuit breakers, in the order of the settings."""
        circuits, settings = self.parts.controller.circuits, self.parts.settings()
        return [
            {
                "name": name,
                "kind": engine_kind(engine),
                "circuit": circuits.state(name).name.lower(),
                "next_try_s": round(circuits.wait_s(name), 1),
                "agents": sum(name in agent.engines for agent in settings.agents),
                "calls": sum(live.engine.name == name for live in self.parts.controller.calls),
            }
            for name, engine in settings.engines.items()
        ]


def call_row(view: CallView) -> dict[str, Any]:
    """A call in a list."""
    return {
        "call": view.call,
        "agent_number": view.agent_number,
        "caller": view.caller,
        "caller_name": view.caller_name,
        "transaction_id": view.transaction_id,
        "state": view.state,
        "engine": view.engine,
        "started_at": instant(view.started_at),
        "since": instant(view.since),
        "quality": {side: asdict(sample) for side, sample in view.quality.items()},
    }


def wrap_up_row(pending: PendingWrapUp) -> dict[str, Any]:
    """A wrap-up in a list."""
    wait = pending.progress.next_try_s
    return {
        "call": pending.call,
        "agent_number": pending.agent,
        "caller": pending.caller,
        "kind": pending.kind,
        "since": instant(pending.since),
        "next_try_s": None if wait is None else round(wait, 1),
        "failing": pending.progress.failing,
    }


def agent_row(agent: AgentView, opens_at: float | None) -> dict[str, Any]:
    """An agent in a list, or alone."""
    return {
        "number": agent.number,
        "user_name": agent.user_name,
        "service_id": agent.service_id,
        "state": agent.state,
        "since": instant(agent.since),
        "waits_for": waits_for(agent, opens_at),
        "reason": agent.reason,
        "call": agent.call,
        "paused": agent.paused,
        "takes_calls": agent.takes_calls,
        "password_expires_in_days": agent.days_until_password_expires,
    }


def _readiness(seen: Condition) -> dict[str, Any]:
    reasons = obstacles(seen)
    return {"ready": not reasons, "reasons": _told(reasons), "warnings": _told(warnings(seen))}


def _told(reasons: list[Reason]) -> list[dict[str, str]]:
    return [{"code": reason.code, "message": reason.message} for reason in reasons]
