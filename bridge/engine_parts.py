"""From the settings to the engines: how each is reached, what its bot may say, when it gets no calls."""

import asyncio
from dataclasses import replace
from functools import partial
from weakref import ReferenceType, ref

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
from bridge.trace_context import traceparent


class Engines:
    """The engines of the settings, through all changes of these; make it inside the event loop.

    A call that goes on while an engine is changed may still try it as it was: to the media process the engine as it is
    now is another one, "bot#2" after "bot".
    """

    def __init__(self, media: MediaProcess, http: EngineHttp) -> None:
        self._media = media
        self._http = http
        self._circuits = Circuits({}, asyncio.get_running_loop().time)
        self._settings: Settings | None = None
        self._times = 0
        self._defined: dict[str, DefineEngine] = {}
        """What the media process was last told of each engine, by its name in the settings."""
        self._used: list[tuple[ReferenceType[EngineParts], frozenset[str]]] = []
        """The media process's names of engines, as long as there is somebody who may want them."""

    def parts(self, settings: Settings, outcomes: Outcomes) -> EngineParts:
        """What the engines of calls work with that come now; the media process is told of those it reaches."""
        self._times += 1
        self._defined = {
            name: self._define(settings, name, engine)
            for name, engine in settings.engines.items()
            if isinstance(engine, DialectSection)
        }
        policies = {name: _circuit_policy(engine) for name, engine in settings.engines.items()}
        self._circuits.change(policies, {name for name in settings.engines if self._is_same(settings, name)})
        self._settings = settings
        makers, trace = {name: self._maker(name) for name in settings.engines}, settings.tracing
        traced = {"traceparent": partial(traceparent, share=trace.sample)} if trace.endpoint else {}
        parts = EngineParts(makers, outcomes, self._circuits, **traced)
        self._forget_unused()
        self._used.append((ref(parts), frozenset(told.engine for told in self._defined.values())))
        return parts

    def _define(self, settings: Settings, name: str, engine: DialectSection) -> DefineEngine:
        wanted, told = _definition(settings, name, engine), self._defined.get(name)
        if told is not None:
            if replace(wanted, engine=told.engine) == told:
                return told
            wanted = replace(wanted, engine=f"{name}#{self._times}")
        self._media.define_engine(wanted)
        return wanted

    def _is_same(self, settings: Settings, name: str) -> bool:
        """The engine was there before, and nothing of it has changed."""
        return self._settings is not None and all(
            before.get(name) == now.get(name)
            for before, now in (
                (self._settings.engines, settings.engines),
                (self._settings.engine_secrets, settings.engine_secrets),
            )
        )

    def _maker(self, name: str) -> EngineMaker:
        assert self._settings is not None
        told = self._defined.get(name)
        return _maker(self._settings, name, told.engine if told else name, self._media, self._http)

    def _forget_unused(self) -> None:
        """What only calls knew that are over."""
        unused = {name for parts, names in self._used if parts() is None for name in names}
        self._used = [(parts, names) for parts, names in self._used if parts() is not None]
        needed = {told.engine for told in self._defined.values()}.union(*(names for _, names in self._used))
        for name in unused - needed:
            self._media.forget_engine(name)


def bot_outcomes(settings: Settings) -> tuple[str, ...]:
    """The outcomes that a bot can mean: those of the settings that are no fate of the bridge's own, and "finished"."""
    own = (name for name in settings.outcomes if name not in FATES and name != DEFAULT_OUTCOME)
    return (*own, "finished")


def _maker(settings: Settings, name: str, known_as: str, media: MediaProcess, http: EngineHttp) -> EngineMaker:
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
    return partial(StreamEngine, known_as, media, Tools(http, _tools(settings, name, engine)).use)


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
        contact_fields=tuple(settings.contact.fields),
        context_keys=settings.contact.context_keys,
    )


def _circuit_policy(engine: EngineSection) -> CircuitPolicy:
    return CircuitPolicy(
        failures=engine.circuit_failures,
        window_s=engine.circuit_window_s,
        open_s=engine.circuit_open_s,
        slow_connect_s=engine.slow_connect_s,
    )
