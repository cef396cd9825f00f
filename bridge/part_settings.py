"""From the settings to what each part is told."""

from collections.abc import Callable
from datetime import UTC, tzinfo
from zoneinfo import ZoneInfo

from bridge.admin.access import Access, TwilioAccount
from bridge.admin.server import AdminSettings
from bridge.agents.policy import AgentPolicy
from bridge.agents.pool import AgentPoolSettings
from bridge.agents.steps import AgentAccount
from bridge.calls.controller_settings import ControllerSettings
from bridge.calls.states import CallPolicy, EngineChoice
from bridge.dialects.kinds import DialectTerms
from bridge.dialects.twilio_section import TwilioSection
from bridge.hep.sender import HepServer
from bridge.livevox.client import LiveVoxClient
from bridge.livevox.transport import Exchange
from bridge.livevox.user_session import User
from bridge.media.messages import Follow, MediaSettings
from bridge.recordings.terms import RecordingTerms
from bridge.settings import Agent, Settings
from bridge.settings.engines import SipEngine
from bridge.webhooks.hook import Hook
from sip.edge import Edge
from sip.edge_settings import EdgeSettings
from sip.pool import PoolSettings


def edge_settings(settings: Settings) -> EdgeSettings:
    """What the edge is told."""
    sip = settings.sip
    return EdgeSettings(
        listen_host=sip.listen.host,
        listen_port=sip.listen.port,
        public_address=sip.public_address,
        allow=sip.allow,
        refuse_strangers=sip.strangers == "refuse",
        rate_per_s=sip.rate_per_s,
        burst=sip.burst,
        retry_after=sip.retry_after_s,
    )


def hep_settings(settings: Settings) -> tuple[HepServer, tuple[str, int]]:
    """The HEP server, and our address on the outside."""
    (host, port), hep = settings.hep.address, settings.hep
    key = settings.export_secrets["hep"].get_secret_value().encode()
    server = HepServer(host, port, hep.transport == "tcp", hep.capture_id, key)
    return server, (settings.sip.public_address, settings.sip.listen.port)


def pool_settings(settings: Settings, edge: Edge) -> PoolSettings:
    """What the workers are told."""
    sip = settings.sip
    return PoolSettings(
        inside_port=edge.inside_port,
        contact=f"{sip.public_address}:{edge.public_port}",
        spare_calls=sip.spare_calls,
        max_calls=sip.max_calls,
        session_expires_s=sip.session_expires_s,
        min_se_s=sip.min_se_s,
        transaction_timeout_s=sip.transaction_timeout_s,
    )


def media_settings(settings: Settings) -> MediaSettings:
    """What the media process is told."""
    media = settings.media
    return MediaSettings(
        listen_address=media.listen_address,
        public_address=media.public_address,
        first_port=media.ports.first,
        last_port=media.ports.last,
        rtp_timeout_s=media.rtp_timeout_s,
        port_rest_s=media.port_rest_s,
        follow=Follow(media.follow),
        dead_air_s=media.dead_air_s,
        wait_prompt=media.wait_prompt,
        unavailable_prompt=media.unavailable_prompt,
    )


def recording_terms(settings: Settings) -> RecordingTerms:
    """Which calls are recorded."""
    said = settings.recording
    return RecordingTerms(said.enabled, said.folder, frozenset(said.agents), frozenset(said.engines))


def livevox_client(
    settings: Settings,
    on_exchange: Callable[[Exchange], None] | None = None,
    gives_way: Callable[[float], bool] = lambda now: False,
) -> LiveVoxClient:
    """The one client for all agents; `on_exchange` is told of every request's end.

    Requests wait a second at most while `gives_way` says so.
    """
    livevox = settings.livevox
    return LiveVoxClient(
        livevox.url,
        settings.token.get_secret_value(),
        rate=livevox.rate_per_s,
        burst=livevox.burst,
        timeout_s=livevox.timeout_s,
        api_version=livevox.api_version or None,
        on_exchange=on_exchange,
        gives_way=gives_way,
    )


def contact_user(settings: Settings) -> User | None:
    """Who writes contacts where agents may not; None: nobody."""
    name = settings.contact.user_name
    return User(settings.livevox.client_name, name, settings.contact_password) if name else None


def agent_pool_settings(settings: Settings) -> AgentPoolSettings:
    """What the virtual agents are told."""
    livevox = settings.livevox
    return AgentPoolSettings(
        client_name=livevox.client_name,
        agents=tuple(
            AgentAccount(agent.number, agent.user_name, agent.password, agent.service_id, phone_number=agent.number)
            for agent in settings.agents
        ),
        policy=AgentPolicy(cycle_s=livevox.cycle_s, reconcile_s=livevox.reconcile_s),
        hours=livevox.hours.open_hours() if livevox.hours else None,
        login_per_s=livevox.login_per_s,
        not_ready_reason=livevox.not_ready_reason,
    )


def hooks(settings: Settings) -> list[Hook]:
    """The webhooks."""
    return [
        Hook(
            name=name,
            url=webhook.url,
            secret=settings.webhook_secrets[name].get_secret_value(),
            events=frozenset(webhook.events),
            mask=webhook.mask,
            timeout_s=webhook.timeout_s,
        )
        for name, webhook in settings.webhooks.items()
    ]


def admin_settings(settings: Settings) -> AdminSettings:
    """What the HTTP API is told."""
    return AdminSettings(
        host=settings.admin.listen.host,
        port=settings.admin.listen.port,
        access=Access(
            settings.engine_token.get_secret_value(),
            settings.admin_token.get_secret_value(),
            settings.view_token.get_secret_value(),
        ),
        accounts=tuple(
            TwilioAccount(name, engine.account_sid, settings.engine_secrets[name].get_secret_value())
            for name, engine in settings.engines.items()
            if isinstance(engine, TwilioSection)
        ),
        names=DialectTerms(
            tuple(settings.outcomes),
            tuple(settings.targets),
            tuple(settings.contact.fields),
            settings.contact.context_keys,
        ),
    )


def controller_settings(settings: Settings) -> ControllerSettings:
    """What the controller decides by."""
    livevox = settings.livevox
    timeouts = {name: engine.connect_timeout_s for name, engine in settings.engines.items()}
    return ControllerSettings(
        max_calls=settings.sip.max_calls,
        codecs=settings.media.codecs,
        media_address=settings.media.public_address,
        policy=CallPolicy(
            failure_target=livevox.on_failure,
            answer_without_engine=livevox.on_engine_unavailable == "transfer" and livevox.on_failure != "",
        ),
        engines={
            agent.number: tuple(EngineChoice(name, timeouts[name]) for name in agent.engines)
            for agent in settings.agents
        },
        dialogs={agent.number: _dialogs(settings, agent) for agent in settings.agents},
    )


def story_zone(settings: Settings) -> tzinfo:
    """In which the stories of calls write moments: that of the open hours."""
    hours = settings.livevox.hours
    return ZoneInfo(hours.timezone) if hours else UTC


def _dialogs(settings: Settings, agent: Agent) -> int:
    """LiveVox's leg, and one for an engine that is reached by SIP."""
    return 2 if any(isinstance(settings.engines[name], SipEngine) for name in agent.engines) else 1
