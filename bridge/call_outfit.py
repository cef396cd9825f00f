"""What calls are fitted out with by the settings, those of the start and all that follow."""

from bridge.agents.pool import AgentPool
from bridge.calls.customer_data import CustomerData
from bridge.calls.customer_records import CustomerRecords
from bridge.calls.outcomes import Outcomes
from bridge.calls.parts import CallParts
from bridge.calls.wrapup_requests import WrapUpRequests
from bridge.engine_parts import Engines
from bridge.engines.http_client import EngineHttp
from bridge.journal import Journal
from bridge.livevox.client import LiveVoxClient
from bridge.livevox.user_session import User, UserSession
from bridge.media.client import MediaProcess
from bridge.part_settings import contact_user, recording_terms
from bridge.settings import Settings
from sip.pool import WorkerPool

#: How long a step of a wrap-up may wait for its agent's session, in seconds.
SESSION_S = 10.0


class CallOutfit:
    """One for the whole bridge; make it inside the event loop."""

    def __init__(
        self,
        pool: WorkerPool,
        media: MediaProcess,
        agents: AgentPool,
        client: LiveVoxClient,
        journal: Journal,
        http: EngineHttp,
    ) -> None:
        self._pool = pool
        self._media = media
        self._agents = agents
        self._journal = journal
        self._engines = Engines(media, http)
        self._requests = WrapUpRequests()
        self._client = client
        self._records = CustomerRecords(agents)
        self._user: User | None = None

    def parts(self, settings: Settings) -> CallParts:
        """For calls that come now; the media process is told of their engines."""
        outcomes, limit_s = Outcomes(settings), settings.livevox.timeout_s + SESSION_S
        if self._requests.limit_s != limit_s:  # else what it has read of LiveVox's lists is still good
            self._requests = WrapUpRequests(limit_s=limit_s)
        return CallParts(
            pool=self._pool,
            media=self._media,
            agents=self._agents,
            outcomes=outcomes,
            customer_data=CustomerData(self._agents, settings.livevox.screen_pop_timeout_s),
            customer_records=self._customer_records(settings),
            requests=self._requests,
            engines=self._engines.parts(settings, outcomes),
            journal=self._journal,
            retry_after_s=settings.sip.retry_after_s,
            transcripts=settings.journal.transcripts,
            recording=recording_terms(settings),
        )

    def _customer_records(self, settings: Settings) -> CustomerRecords:
        user = contact_user(settings)
        if user != self._user:  # else the session that there is goes on
            self._user = user
            self._records = CustomerRecords(self._agents, UserSession(self._client, user) if user else None)
        return self._records
