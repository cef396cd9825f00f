"""From the settings to the engines: how each is reached, what its bot may say, when it gets no calls."""

import asyncio
from functools import partial

from bridge.calls.engine import EngineParts
from bridge.calls.outcomes import Outcomes
from bridge.dialects.section import DialectSection
from bridge.engines.circuit import CircuitPolicy
from bridge.engines.circuits import Circuits
from bridge.engines.connection import EngineMaker
from bridge.engines.http_client import EngineHttp
from bridge.engines.rtp import RtpEngine, RtpEngineSettings
from bridge.engines.sip import SipEngine, SipEngineSettings
from bridge.engines.stream import StreamEngine
from bridge.engines.tools import Tool, Tools
from bridge.media.client import MediaProcess
from bridge.media.stream_messages import DefineEngine
from bridge.section import EngineSection
from bridge.settings import Settings
from bridge.settings.engines import RtpEngine as RtpSection
from bridge.settings.engines import SipEngine as SipSection
from bridge.settings.engines import engine_kind
from bridge.settings.sections import DEFAULT_OUTCOME, FATES


def engine_parts(settings: Settings, outcomes: Outcomes, media: MediaProcess, http: EngineHttp) -> EngineParts:
    """What the engines of all calls work with; the media process is told of those it reaches."""
    makers: dict[str, EngineMaker] = {}
    for name, engine in settings.engines.items():
        if isinstance(engine, DialectSection):
            media.define_engine(_definition(settings, name, engine))
        makers[name] = _maker(settings, name, media, http)
    policies = {name: _circuit_policy(engine) for name, engine in settings.engines.items()}
    return EngineParts(makers, outcomes, Circuits(policies, asyncio.get_running_loop().time))


def bot_outcomes(settings: Settings) -> tuple[str, ...]:
    """The outcomes that a bot can mean: those of the settings that are no fate of the bridge's own, and "finished"."""
    own = (name for name in settings.outcomes if name not in FATES and name != DEFAULT_OUTCOME)
    return (*own, "finished")


def _maker(settings: Settings, name: str, media: MediaProcess, http: EngineHttp) -> EngineMaker:
    engine, secret = settings.engines[name], settings.engine_secrets.get(name)
    if isinstance(engine, SipSection):
        return partial(SipEngine, SipEngineSettings(engine.uri, settings.sip.public_address, engine.headers))
    if isinstance(engine, RtpSection):
        told = RtpEngineSettings(
            url=engine.url,
            secret=secret.get_secret_value() if secret else "",
            api_url=settings.admin.public_url,
            timeout_s=engine.connect_timeout_s,
            headers=engine.headers,
        )
        return partial(RtpEngine, told, http)
    return partial(StreamEngine, name, media, Tools(http, _tools(settings, name, engine)).use)


def _tools(settings: Settings, name: str, engine: DialectSection) -> list[Tool]:
    secrets = settings.tool_secrets.get(name, {})
    return [
        Tool(
            name=tool.name,
            url=tool.url,
            timeout_s=tool.timeout_s,
            secret=secrets[tool.name].get_secret_value() if tool.name in secrets else "",
            headers=tool.headers,
        )
        for tool in engine.forwarded
    ]


def _definition(settings: Settings, name: str, engine: DialectSection) -> DefineEngine:
    secret = settings.engine_secrets.get(name)
    return DefineEngine(
        engine=name,
        kind=engine_kind(engine),
        settings=engine.model_dump_json(),
        secret=secret.get_secret_value() if secret else "",
        outcomes=bot_outcomes(settings),
        targets=tuple(settings.targets),
    )


def _circuit_policy(engine: EngineSection) -> CircuitPolicy:
    return CircuitPolicy(
        failures=engine.circuit_failures,
        window_s=engine.circuit_window_s,
        open_s=engine.circuit_open_s,
        slow_connect_s=engine.slow_connect_s,
    )
