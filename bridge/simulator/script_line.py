"""[sans-IO] How the scripts of a simulated bot are written and chosen, whatever kind of bot it is."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Generic, Self, TypeVar

from bridge.errors import CommandUnusable
from bridge.simulator.rtp_packet import KEYS


@dataclass(frozen=True)
class WrittenScript:
    """A script and its argument: `finish:paid`, `slow:5`, `dtmf:12#`. A kind of bot derives its own from it."""

    script: enum.StrEnum
    argument: str = ""

    scripts: ClassVar[type[enum.StrEnum]]
    finishing: ClassVar[frozenset[enum.StrEnum]]
    """Scripts that take an outcome."""
    lasting: ClassVar[Mapping[enum.StrEnum, float]]
    """Scripts that take seconds, and how many unless they are told."""
    refusing: ClassVar[enum.StrEnum]
    """The script that takes a status."""
    statuses: ClassVar[range]
    """Those it may take."""
    usual_status: ClassVar[int]
    """The one it takes unless it is told."""
    pressing: ClassVar[enum.StrEnum]
    """The script that takes keys."""

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `NAME` or `NAME:ARGUMENT`; raises CommandUnusable."""
        name, _, argument = text.strip().partition(":")
        try:
            line = cls(cls.scripts(name.lower()), argument)
            line.check()
        except ValueError as exc:
            scripts = ", ".join(cls.scripts)
            raise CommandUnusable(f"{text!r} is no script of the bot ({exc}); use one of: {scripts}") from exc
        return line

    @property
    def outcome(self) -> str:
        """The argument of a script that takes an outcome; empty for others."""
        return self.argument if self.script in self.finishing else ""

    @property
    def seconds(self) -> float:
        """The argument of a script that takes seconds; 0 for others."""
        default = self.lasting.get(self.script, 0.0)
        return float(self.argument) if self.argument and default else default

    @property
    def status(self) -> int:
        """The argument of the script that refuses."""
        return int(self.argument) if self.argument else self.usual_status

    @property
    def keys(self) -> str:
        """The argument of the script that presses keys."""
        return self.argument.upper() or "1234"

    def check(self) -> None:
        """Raises ValueError when the argument does not fit the script."""
        if self.script in self.lasting and not 0 <= self.seconds < 3600:
            raise ValueError("seconds from 0 to 3600")
        if self.script is self.refusing and self.status not in self.statuses:
            raise ValueError(f"a status from {self.statuses[0]} to {self.statuses[-1]}")
        if self.script is self.pressing and not set(self.keys) <= set(KEYS):
            raise ValueError(f"keys of {KEYS}")


LineT = TypeVar("LineT", bound=WrittenScript)


@dataclass(frozen=True, kw_only=True)
class ScriptedBotSettings(Generic[LineT]):
    """Where a bot listens and what it does with its calls. A kind of bot derives its own from it."""

    listen_host: str = "127.0.0.1"
    listen_port: int = 0
    """0: any free one."""
    script: LineT
    """For every call that no other rule has a script for."""
    scripts: tuple[LineT, ...] = ()
    """For the first call, the second, and so on."""
    digits: Mapping[str, LineT] = field(default_factory=dict)
    """A key the customer presses while the bot waits starts this script."""
    outcome: str = "completed"
    notes: str = ""
    payment_amount: str = ""
    contact: Mapping[str, str] = field(default_factory=dict)
    """What it wants written of the customer's record; a BYE cannot say it."""
    context: Mapping[str, str] = field(default_factory=dict)
    """And kept with the call."""
    target: str = "collections"
    """Whom a transfer asks for."""
    speak_s: float = 2.0
    """How much of the prompt is said, over and over."""
    after_s: float = 1.0
    """From when the customer has heard the speech to the script's next act."""

    @property
    def lines(self) -> tuple[LineT, ...]:
        """Every script the bot may play by itself."""
        return (self.script, *self.scripts, *self.digits.values())

    def script_for(self, number: int, asked: str = "") -> LineT:
        """The script of the call with this number, from 0: the one asked for, by order, or by default.

        `asked` is the user part of the request URI, or stands in the URL; it need not be a script.
        """
        try:
            return type(self.script).parse(asked)
        except CommandUnusable:
            return self.scripts[number] if number < len(self.scripts) else self.script

    def verdict(self, line: LineT, outcome: str = "") -> dict[str, Any]:
        """What the script says of its call: `outcome` if given, else the script's own or the bot's; and the rest."""
        said: dict[str, Any] = {"outcome": outcome or line.outcome or self.outcome}
        if self.notes:
            said["notes"] = self.notes
        if self.payment_amount:
            said["payment_amount"] = self.payment_amount
        if self.contact:
            said["contact"] = dict(self.contact)
        if self.context:
            said["context"] = dict(self.context)
        return said
