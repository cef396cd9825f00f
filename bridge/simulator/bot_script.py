"""[sans-IO] What the bot does with a call: its scripts, and how they are written on a command line."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

from bridge.errors import BridgeError, CommandUnusable
from bridge.simulator.rtp_packet import KEYS
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

_SECONDS = {Script.HOLD: 2.0, Script.SLOW: 3.0}


@dataclass(frozen=True)
class ScriptLine:
    """A script and its argument: `finish:paid`, `slow:5`, `dtmf:12#`."""

    script: Script
    argument: str = ""

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `NAME` or `NAME:ARGUMENT`; raises CommandUnusable."""
        name, _, argument = text.strip().partition(":")
        try:
            line = cls(Script(name.lower()), argument)
            line.check()
        except ValueError as exc:
            scripts = ", ".join(Script)
            raise CommandUnusable(f"{text!r} is no script of the bot ({exc}); use one of: {scripts}") from exc
        return line

    @property
    def seconds(self) -> float:
        """The argument of HOLD and SLOW."""
        return float(self.argument) if self.argument else _SECONDS[self.script]

    @property
    def status(self) -> int:
        """The argument of DECLINE."""
        return int(self.argument or "603")

    @property
    def keys(self) -> str:
        """The argument of DTMF."""
        return self.argument.upper() or "1234"

    def check(self) -> None:
        """Raises ValueError when the argument does not fit the script."""
        if self.script in _SECONDS and not 0 <= self.seconds < 3600:
            raise ValueError("seconds from 0 to 3600")
        if self.script is Script.DECLINE and not 300 <= self.status < 700:
            raise ValueError("a status from 300 to 699")
        if self.script is Script.DTMF and not set(self.keys) <= set(KEYS):
            raise ValueError(f"keys of {KEYS}")


@dataclass(frozen=True)
class BotSettings:
    """Where the bot listens and what it does with its calls."""

    listen_host: str = "127.0.0.1"
    listen_port: int = 0
    """0: any free one."""
    script: ScriptLine = ScriptLine(Script.FINISH)
    """For every call that no other rule has a script for."""
    scripts: tuple[ScriptLine, ...] = ()
    """For the first call, the second, and so on."""
    digits: Mapping[str, ScriptLine] = field(default_factory=dict)
    """A key the customer presses while the bot waits starts this script."""
    outcome: str = "completed"
    notes: str = ""
    payment_amount: str = ""
    target: str = "collections"
    """Whom a transfer asks for."""
    answer_after_s: float = 0.0
    rings: bool = True
    """180 before 200."""
    speak_s: float = 2.0
    after_s: float = 1.0
    """From the end of the speech to the script's next act."""
    afterwards: Voice = Voice.ECHO
    """What the bot says when it has spoken: what it hears, or silence."""
    transfer_timeout_s: float = 60.0
    """How long it waits for the final NOTIFY."""
    timers: Timers = Timers()

    def script_for(self, number: int, user: str) -> ScriptLine:
        """The script of the call with this number, from 0, to this user: by user part, by order, by default."""
        try:
            return ScriptLine.parse(user)
        except BridgeError:
            return self.scripts[number] if number < len(self.scripts) else self.script
