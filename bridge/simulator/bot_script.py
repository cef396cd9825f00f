"""[sans-IO] What the SIP bot does with a call: its scripts, and its settings."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass

from bridge.simulator.script_line import ScriptedBotSettings, WrittenScript
from bridge.simulator.speech import Voice
from bridge.simulator.transactions import Timers


class Script(enum.StrEnum):
    """What the bot does with a call; SCRIPT_HELP says it in words."""

    FINISH = "finish"
    FINISH_INFO = "finish-info"
    TRANSFER_REFER = "transfer-refer"
    TRANSFER_INFO = "transfer-info"
    WAIT = "wait"
    BYE = "bye"
    HOLD = "hold"
    DTMF = "dtmf"
    SILENT = "silent"
    DROP = "drop"
    CRASH = "crash"
    BUSY = "busy"
    DECLINE = "decline"
    NO_ANSWER = "no-answer"
    SLOW = "slow"


#: Each script in words; an argument follows the name and a colon.
SCRIPT_HELP: Mapping[Script, str] = {
    Script.FINISH: "Speak, then BYE with X-Outcome and X-Notes. Argument: the outcome.",
    Script.FINISH_INFO: "Speak, say the outcome by INFO, wait for BYE. Argument: the outcome.",
    Script.TRANSFER_REFER: "Speak, REFER; BYE once a NOTIFY says 200, else speak and finish. Argument: the target.",
    Script.TRANSFER_INFO: "Speak, ask for a transfer by INFO, wait for BYE. Argument: the target.",
    Script.WAIT: "Speak, then wait until the other side hangs up.",
    Script.BYE: "Speak, then a BYE that says nothing.",
    Script.HOLD: "Speak, hold by re-INVITE, resume, then finish. Argument: seconds on hold, 2.",
    Script.DTMF: "Speak, press keys, then wait. Argument: the keys, 1234.",
    Script.SILENT: "Answer and never send RTP.",
    Script.DROP: "Speak, then go away without BYE: this call is not answered any more, SIP or RTP.",
    Script.CRASH: "Speak, then close every socket, as a process that dies does: all calls are lost.",
    Script.BUSY: "Refuse with 486.",
    Script.DECLINE: "Refuse. Argument: the status, 603.",
    Script.NO_ANSWER: "Ring until the other side gives up.",
    Script.SLOW: "Answer late, then finish. Argument: seconds, 3.",
}


@dataclass(frozen=True)
class ScriptLine(WrittenScript):
    """A script of the SIP bot."""

    script: Script

    scripts = Script
    finishing = frozenset({Script.FINISH, Script.FINISH_INFO})
    lasting = {Script.HOLD: 2.0, Script.SLOW: 3.0}
    refusing = Script.DECLINE
    statuses = range(300, 700)
    usual_status = 603
    pressing = Script.DTMF


@dataclass(frozen=True, kw_only=True)
class BotSettings(ScriptedBotSettings[ScriptLine]):
    """Where the SIP bot listens and what it does with its calls."""

    script: ScriptLine = ScriptLine(Script.FINISH)
    answer_after_s: float = 0.0
    rings: bool = True
    """180 before 200."""
    afterwards: Voice = Voice.ECHO
    """What the bot says when it has spoken: what it hears, or silence."""
    transfer_timeout_s: float = 60.0
    """How long it waits for the final NOTIFY."""
    timers: Timers = Timers()
