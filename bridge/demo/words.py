"""[sans-IO] What the demo prints of the engine, in the words of its dialect."""

from collections.abc import Mapping
from dataclasses import dataclass

from bridge.demo.text import LINES, Facts, Write


@dataclass(frozen=True)
class Words:
    """How one dialect names what happens."""

    dialled: str
    ready: str
    finished: str
    """The bot is done."""
    transfer: str
    """The bot asks for a human."""
    hung_up_on: str
    """We end the engine's part."""
    over: str
    """It has ended."""
    said: str = ""
    """The bot is done, and waits for us to end its part; empty: as `finished`."""


WORDS: Mapping[str, Words] = {
    "sip": Words(
        dialled="INVITE to the engine",
        ready="200 OK from the engine",
        finished="BYE from the engine, X-Outcome",
        transfer="REFER from the engine to",
        hung_up_on="BYE to the engine",
        over="the engine's leg is over",
        said="INFO from the engine, outcome",
    ),
    "rtp": Words(
        dialled="POST to the engine",
        ready="200 from the engine, with its RTP endpoint",
        finished="goodbye of the engine, outcome",
        transfer="the engine asks for",
        hung_up_on='POST of the event "ended" to the engine',
        over="the engine's part is over",
    ),
    "twilio": Words(
        dialled="WebSocket to the engine",
        ready="the WebSocket is open, start is sent",
        finished='event "complete" from the engine, outcome',
        transfer='event "transfer" from the engine, target',
        hung_up_on='event "stop" to the engine',
        over="the WebSocket is closed",
    ),
    "openai": Words(
        dialled="WebSocket to the engine",
        ready="session.updated from the engine, audio/pcmu both ways",
        finished="function end_call from the engine, outcome",
        transfer="function transfer_call from the engine, target",
        hung_up_on="the WebSocket to the engine is closed",
        over="the session is over",
    ),
    "deepgram": Words(
        dialled="WebSocket to the engine",
        ready="SettingsApplied from the engine",
        finished="function end_call from the engine, outcome",
        transfer="function transfer_call from the engine, target",
        hung_up_on="the WebSocket to the engine is closed",
        over="the session is over",
    ),
}


def lines_of(dialect: str) -> Mapping[str, Write]:
    """The demo's lines with those of the engine, whose dialect is one of WORDS."""
    words = WORDS[dialect]

    def ended(facts: Facts) -> str:
        if facts["lost"]:
            return f"the engine is lost: {facts['reason']}"
        if facts["by_us"]:
            return words.over
        return f'{words.finished} "{facts["outcome"]}"' if facts["outcome"] else words.over

    return {
        **LINES,
        "engine_dialled": lambda facts: f'{words.dialled} "{facts["engine"]}"',
        "engine_answered": lambda facts: f"{words.ready}: it can talk",
        "transfer_asked": lambda facts: f'{words.transfer} "{facts["target"]}"',
        "verdict_given": lambda facts: f'{words.said or words.finished} "{facts["outcome"]}"',
        "engine_leg_ended": ended,
        "engine_hung_up_on": lambda facts: words.hung_up_on,
    }
