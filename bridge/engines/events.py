"""[sans-IO] What an engine's connection reports of a call, and the fates a call can meet."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass

from bridge.verdicts import Complete, Verdict
from sip.messages import Codec


class Fate(enum.StrEnum):
    """Why a call ended, where the bot said nothing better; each is a name of [outcomes]."""

    FINISHED = "finished"
    #: The bot hung up without an outcome.
    TRANSFERRED = "transferred"
    #: A human has the customer.
    TRANSFER_FAILED = "transfer_failed"
    CUSTOMER_HUNG_UP = "customer_hung_up"
    ENGINE_LOST = "engine_lost"
    ENGINE_UNAVAILABLE = "engine_unavailable"
    RTP_TIMEOUT = "rtp_timeout"
    DEAD_AIR = "dead_air"
    #: Nobody said anything for too long.
    BRIDGE_FAILURE = "bridge_failure"
    DRAINED = "drained"


@dataclass(frozen=True)
class EngineReady:
    """The engine can talk."""


@dataclass(frozen=True)
class EngineFailed:
    """The engine could not be had."""

    reason: str


@dataclass(frozen=True)
class EngineEnded:
    """The engine that was ready is gone."""

    verdict: Complete | None
    lost: bool
    """It did not say goodbye."""
    reason: str


@dataclass(frozen=True)
class VerdictGiven:
    """The bot said what should become of the call; it is still there."""

    verdict: Verdict


@dataclass(frozen=True)
class RecordingWanted:
    """The bot wants the recording paused, or to go on."""

    paused: bool


@dataclass(frozen=True)
class EngineMedia:
    """Where an engine without SDP has its RTP; a SIP engine's is said by its leg."""

    address: str
    port: int
    codec: Codec
    telephone_event: int | None


@dataclass(frozen=True)
class EngineNote:
    """An entry for the call's timeline."""

    what: str
    facts: Mapping[str, str | int | float | bool | None]


@dataclass(frozen=True)
class EngineTranscript:
    """What was said, by "bot" or "customer"; kept with the call, never logged."""

    role: str
    text: str


EngineEvent = (
    EngineReady
    | EngineFailed
    | EngineEnded
    | VerdictGiven
    | RecordingWanted
    | EngineMedia
    | EngineNote
    | EngineTranscript
)
