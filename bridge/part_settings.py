"""From the settings to what each part is told."""

from functools import partial

from bridge.agents.policy import AgentPolicy
from bridge.agents.pool import AgentPoolSettings
from bridge.agents.steps import AgentAccount
from bridge.calls.states import CallPolicy, EngineChoice
from bridge.controller import ControllerSettings
from bridge.engines.connection import EngineMaker
from bridge.engines.sip import SipEngine, SipEngineSettings
from bridge.livevox.client import LiveVoxClient
from bridge.media.messages import Follow, MediaSettings
from bridge.settings import Settings
from sip.edge import Edge
from sip.edge_settings import EdgeSettings
from sip.pool import PoolSettings

#: A SIP engine's call has two dialogs in its worker.
DIALOGS_PER_CALL = 2


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
    )


def livevox_client(settings: Settings) -> LiveVoxClient:
    """The one client for all agents."""
    livevox = settings.livevox
    return LiveVoxClient(
        livevox.url,
        settings.token.get_secret_value(),
        rate=livevox.rate_per_s,
        burst=livevox.burst,
        timeout_s=livevox.timeout_s,
        api_version=livevox.api_version or None,
    )


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


def controller_settings(settings: Settings) -> ControllerSettings:
    """What the controller decides by."""
    timeouts = {name: engine.connect_timeout_s for name, engine in settings.engines.items()}
    return ControllerSettings(
        max_calls=settings.sip.max_calls,
        codecs=settings.media.codecs,
        media_address=settings.media.public_address,
        policy=CallPolicy(failure_target=settings.livevox.on_failure),
        engines={
            agent.number: tuple(EngineChoice(name, timeouts[name]) for name in agent.engines)
            for agent in settings.agents
        },
        dialogs_per_call=DIALOGS_PER_CALL,
    )


def engine_makers(settings: Settings) -> dict[str, EngineMaker]:
    """How to reach each engine of the settings."""
    public = settings.sip.public_address
    return {
        name: partial(SipEngine, SipEngineSettings(engine.uri, public, engine.headers))
        for name, engine in settings.engines.items()
    }
