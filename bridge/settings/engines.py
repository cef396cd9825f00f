"""[engines.NAME]: what may stand in the table of each kind of speech engine, and where such an engine is."""

from collections.abc import Mapping
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field

from bridge.dialects.registry import KINDS
from bridge.dialects.section import DialectSection
from bridge.section import EngineSection, EnvironmentName, HttpHeaderName, HttpUrl, Line, is_loopback
from bridge.settings.values import EngineUri, HeaderName, HeaderValue, engine_endpoint

_PLAIN = {"ws": 80, "http": 80}
_ENCRYPTED = {"wss": 443, "https": 443}


class SipEngine(EngineSection):
    """[engines.NAME] with kind = "sip": a second SIP leg, RTP relayed untouched."""

    kind: Literal["sip"]
    """How the engine is reached."""
    uri: EngineUri
    """Where its INVITE goes, for example "sip:bot@127.0.0.1:5092"."""
    headers: Mapping[HeaderName, HeaderValue] = Field(default={}, repr=False)
    """Further headers of its INVITE."""


class RtpEngine(EngineSection):
    """[engines.NAME] with kind = "rtp": told by HTTP where the bridge's RTP endpoint is, answers with its own."""

    kind: Literal["rtp"]
    """How the engine is reached."""
    url: HttpUrl
    """Where the POST goes that says a call is there."""
    secret_env: EnvironmentName = "RTP_ENGINE_SECRET"
    """Environment variable with the secret (or NAME_FILE with a file) that signs the POST; empty: it is not signed."""
    headers: Mapping[HttpHeaderName, Line] = Field(default={}, repr=False)
    """Further headers of the POST."""


Engine = SipEngine | RtpEngine | DialectSection
#: What `kind` may say, and the table that goes with it.
ENGINE_KINDS: Mapping[str, type[Engine]] = {
    "sip": SipEngine,
    "rtp": RtpEngine,
    **{kind.name: kind.section for kind in KINDS.values()},
}


def engine_kind(engine: Engine) -> str:
    """The word of its `kind`."""
    return next(name for name, section in ENGINE_KINDS.items() if type(engine) is section)


def engine_url(engine: Engine) -> str:
    """The URI or URL it is reached at."""
    return engine.uri if isinstance(engine, SipEngine) else engine.url


def engine_address(engine: Engine) -> tuple[str, int]:
    """Host and port it is reached at."""
    if isinstance(engine, SipEngine):
        return engine_endpoint(engine.uri)
    parts = urlsplit(engine.url)
    return (parts.hostname or "").lower(), parts.port or (_PLAIN | _ENCRYPTED)[parts.scheme]


def sends_rtp(engine: Engine) -> bool:
    """It sends RTP to us, so it must know our address; others are reached by WebSocket only."""
    return isinstance(engine, SipEngine | RtpEngine)


def engine_secret_env(engine: Engine) -> str:
    """The variable of its secret; empty: it has none."""
    return "" if isinstance(engine, SipEngine) else engine.secret_env


def is_local(engine: Engine) -> bool:
    """It is reached unencrypted on this machine: a bot that is being tried, or simulated."""
    if isinstance(engine, SipEngine):
        return is_loopback(engine_endpoint(engine.uri)[0])
    return is_local_url(engine.url)


def is_local_url(url: str) -> bool:
    """The URL leads to this machine, and nothing is encrypted."""
    parts = urlsplit(url)
    return parts.scheme in _PLAIN and is_loopback(parts.hostname or "")
