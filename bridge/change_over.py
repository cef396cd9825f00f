"""From one set of settings to the next while the bridge runs: each part is told what it is to go by.

Each has one method for that, `change`. None of them waits and none may fail: what can be wrong with settings was found
when they were read. What has begun goes on by the settings it began with, above all calls (`bridge.calls.terms`).
"""

from dataclasses import dataclass
from typing import Protocol

from bridge.admin.server import AdminServer
from bridge.agents.pool import AgentPool
from bridge.call_outfit import CallOutfit
from bridge.calls.stray_calls import StrayCalls
from bridge.controller import Controller
from bridge.journal import Journal
from bridge.livevox.client import LiveVoxClient
from bridge.media.client import MediaProcess
from bridge.part_settings import (
    admin_settings,
    agent_pool_settings,
    controller_settings,
    edge_settings,
    hooks,
    media_settings,
)
from bridge.recordings.recordings import Recordings
from bridge.settings import Settings
from bridge.webhooks.courier import Courier
from sip.edge import Edge
from sip.pool import WorkerPool


class Parts(Protocol):
    """Those of the service."""

    settings: Settings
    """Those that hold until now."""
    edge: Edge
    pool: WorkerPool
    media: MediaProcess
    agents: AgentPool
    controller: Controller
    admin: AdminServer
    journal: Journal
    recordings: Recordings
    courier: Courier


@dataclass(frozen=True)
class ChangeOver:
    """The parts of a running bridge that go by settings."""

    service: Parts
    client: LiveVoxClient
    outfit: CallOutfit
    strays: StrayCalls

    def change(self, settings: Settings) -> None:
        """Go on by these."""
        sip, livevox = settings.sip, settings.livevox
        parts = self.outfit.parts(settings)
        self.client.change(
            settings.token.get_secret_value(),
            rate=livevox.rate_per_s,
            burst=livevox.burst,
            timeout_s=livevox.timeout_s,
        )
        service = self.service
        service.media.change(media_settings(settings))
        service.pool.change(sip.spare_calls, sip.max_calls)
        service.controller.change(controller_settings(settings), parts)
        self.strays.change(parts.outcomes, parts.requests)
        another_token = service.settings.token != settings.token
        service.agents.change(agent_pool_settings(settings), another_token=another_token)
        service.edge.change(edge_settings(settings))
        service.admin.change(admin_settings(settings))
        service.journal.change(keep_days=settings.journal.keep_days)
        service.recordings.change(keep_days=settings.recording.keep_days)
        service.courier.change(hooks(settings))
