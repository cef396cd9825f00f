"""[sans-IO] What a simulated bot that is reached over HTTP does with its calls, and what it saw of them."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bridge.simulator.script_line import ScriptedBotSettings, WrittenScript
from bridge.simulator.speech import FRAME_BYTES, FRAME_MS, PROMPT, is_speech, recording
from sip.messages import Codec


class BotScript(enum.StrEnum):
    """What the bot does with a call; BOT_SCRIPT_HELP says it in words."""

    FINISH = "finish"
    TRANSFER = "transfer"
    FINISH_REST = "finish-rest"
    TRANSFER_REST = "transfer-rest"
    WAIT = "wait"
    BYE = "bye"
    DTMF = "dtmf"
    ECHO = "echo"
    MARKS = "marks"
    BARGE_IN = "barge-in"
    SLOW = "slow"
    REFUSE = "refuse"
    DROP = "drop"
    FLOOD = "flood"
    SILENT = "silent"
    NONSENSE = "nonsense"
    WRONG_FORMAT = "wrong-format"


#: Each script in words; an argument follows the name and a colon. The faults are the last seven.
BOT_SCRIPT_HELP: Mapping[BotScript, str] = {
    BotScript.FINISH: "Speak, then say the outcome. Argument: the outcome.",
    BotScript.TRANSFER: "Speak, ask for a transfer, wait; if it fails, speak and finish. Argument: the target.",
    BotScript.FINISH_REST: "As finish, by the REST API of the bridge.",
    BotScript.TRANSFER_REST: "As transfer, by the REST API of the bridge.",
    BotScript.WAIT: "Speak, then wait until the other side ends the call.",
    BotScript.BYE: "Speak, then close the connection without an outcome.",
    BotScript.DTMF: "Speak, press keys for the customer, then wait. Argument: the keys, 1234.",
    BotScript.ECHO: "Send back what is heard, in real time.",
    BotScript.MARKS: "Speak three pieces with a mark after each, then wait.",
    BotScript.BARGE_IN: "Speak on and on; be silent as soon as the customer speaks, then wait.",
    BotScript.SLOW: "Accept late, then finish. Argument: seconds, 3.",
    BotScript.REFUSE: "Refuse. Argument: the HTTP status, 503.",
    BotScript.DROP: "Vanish in the middle of a word, without a goodbye.",
    BotScript.FLOOD: "Send much speech at once, as fast as it goes, then wait. Argument: its seconds, 60.",
    BotScript.SILENT: "Accept and never say anything.",
    BotScript.NONSENSE: "Put messages that mean nothing between the others, then finish.",
    BotScript.WRONG_FORMAT: "Say that another audio format is spoken than was asked for.",
}

_BYTES_PER_MS = FRAME_BYTES // FRAME_MS


@dataclass(frozen=True)
class BotScriptLine(WrittenScript):
    """A script of a bot that is reached over HTTP."""

    script: BotScript

    scripts = BotScript
    finishing = frozenset({BotScript.FINISH, BotScript.FINISH_REST})
    lasting = {BotScript.SLOW: 3.0, BotScript.FLOOD: 60.0}
    refusing = BotScript.REFUSE
    statuses = range(400, 600)
    usual_status = 503
    pressing = BotScript.DTMF


@dataclass(frozen=True, kw_only=True)
class StreamBotSettings(ScriptedBotSettings[BotScriptLine]):
    """Where the bot listens and what it does with its calls. A WebSocket's speech is sent faster than it is heard."""

    script: BotScriptLine = BotScriptLine(BotScript.FINISH)
    secret: str = ""
    """What the bridge must prove to know; empty: not looked at."""
    rest_url: str = ""
    """The bridge's admin HTTP, for the scripts that use it."""
    token: str = "simulated"
    """The bridge's token for engines, where the bot uses its API as any bot may."""
    hasty: bool = False
    """Act as soon as the speech is sent, while the customer still hears it."""


@dataclass(frozen=True)
class BotEvent:
    """A message of the bridge that is no audio."""

    ms: int
    """Since the call began."""
    said: Mapping[str, Any]


@dataclass
class StreamBotRecord:
    """One call as the bot saw it; times are milliseconds since the bridge's request came."""

    number: int
    """Counts the bot's calls from 0."""
    began_at: float
    """On the event loop's clock, in seconds."""
    script: BotScriptLine = BotScriptLine(BotScript.FINISH)
    headers: Mapping[str, str] = field(default_factory=dict)
    """Of the bridge's HTTP request, names in lower case."""
    facts: dict[str, str] = field(default_factory=dict)
    """What the bot learned of the call, by the dialect's own names."""
    screen_pop: Mapping[str, str] | None = None
    """The screen pop's fields, once they came."""
    heard: bytearray = field(default_factory=bytearray)
    """The customer's audio, µ-law, in the order it came."""
    spoken: bytearray = field(default_factory=bytearray)
    """The audio that was sent for the customer, µ-law."""
    events: list[BotEvent] = field(default_factory=list)
    """What the bridge said beside audio."""
    marks: list[tuple[int, str]] = field(default_factory=list)
    """Marks the bridge echoed: when, and the name."""
    keys: str = ""
    """Keys the customer pressed."""
    heard_from_ms: int | None = None
    """When the first audio came."""
    speech_from_ms: int | None = None
    """When the customer's first speech came."""
    spoke_from_ms: int | None = None
    """When the first audio was sent."""
    cleared_ms: list[int] = field(default_factory=list)
    """When the bot asked for silence."""
    answers_to_us: list[tuple[str, int]] = field(default_factory=list)
    """What the bridge answered to the script's HTTP requests: method and status."""
    ended_ms: int | None = None
    ended_by_bridge: bool = False
    goodbye: bool = False
    """The bridge said that the call is over, before the connection closed."""
    faults: list[str] = field(default_factory=list)
    """What the bridge did that the dialect does not allow."""

    def ms(self, now: float) -> int:
        """Milliseconds since the call began."""
        return round((now - self.began_at) * 1000)

    def hear(self, audio: bytes, now: float) -> None:
        """Keep the customer's audio."""
        self.heard += audio
        if self.heard_from_ms is None:
            self.heard_from_ms = self.ms(now)
        if self.speech_from_ms is None and audio and is_speech(audio, Codec.PCMU):
            self.speech_from_ms = self.ms(now)

    def speak(self, audio: bytes, now: float) -> None:
        """Keep what is sent for the customer."""
        self.spoken += audio
        if self.spoke_from_ms is None:
            self.spoke_from_ms = self.ms(now)

    def event(self, said: Mapping[str, Any], now: float) -> None:
        """Keep a message of the bridge."""
        self.events.append(BotEvent(self.ms(now), said))

    def said(self, key: str, value: str) -> list[Mapping[str, Any]]:
        """The bridge's messages that have this value under this key."""
        return [event.said for event in self.events if event.said.get(key) == value]

    def summary(self) -> Mapping[str, Any]:
        """The call in a line of a log. Facts of the customer stay out of it."""
        return {
            "number": self.number,
            "script": str(self.script.script),
            "ended_ms": self.ended_ms,
            "by_bridge": self.ended_by_bridge,
            "heard_ms": len(self.heard) // _BYTES_PER_MS,
            "spoken_ms": len(self.spoken) // _BYTES_PER_MS,
            "keys": len(self.keys),
            "screen_pop": self.screen_pop is not None,
            "faults": self.faults,
        }


def prompt(seconds: float, start_ms: int = 0) -> bytes:
    """So much of the recorded prompt, µ-law, over and over; whole frames, from this place of the recording on."""
    frames = recording(PROMPT, Codec.PCMU)
    first = start_ms // FRAME_MS
    return b"".join(frames[(first + each) % len(frames)] for each in range(round(seconds * 1000 / FRAME_MS)))


def pieces(audio: bytes, piece_ms: int) -> list[bytes]:
    """The audio in pieces of so many milliseconds, the last one shorter."""
    size = piece_ms * FRAME_BYTES // FRAME_MS
    return [audio[start : start + size] for start in range(0, len(audio), size)]
