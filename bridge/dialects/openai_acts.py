"""[sans-IO] What a Realtime model does beside speaking: end or transfer the call, press keys, use functions."""

import enum
import json
from collections.abc import Callable, Sequence

from bridge.dialects.dialect import Speaker
from bridge.dialects.kinds import DialectTerms
from bridge.dialects.openai_functions import Forward, FunctionCall, Press, Recording, Refusal, act_of
from bridge.dialects.openai_messages import function_output
from bridge.dialects.openai_section import OpenAISection
from bridge.verdicts import Complete, Transfer, Verdict

_FAREWELL = "farewell"


class Part(enum.Enum):
    """The bot's part in the call."""

    TALKING = enum.auto()
    HANDING_OVER = enum.auto()
    """It transfers the call; the customer still hears what it said to that."""
    TRANSFERRING = enum.auto()
    """The customer is on the way to a person; if that fails the bot talks on."""
    ENDED = enum.auto()
    """It has ended the call: nothing the model says matters any more."""


class Acts:
    """What the model did, and what has to be answered."""

    def __init__(self, section: OpenAISection, terms: DialectTerms, speaker: Speaker, owe: Callable[[], None]) -> None:
        """`owe` is called when the model must be asked for a response to what it was told."""
        self._section = section
        self._terms = terms
        self._speaker = speaker
        self._owe = owe
        self.part = Part.TALKING
        self._transfer: Transfer | None = None
        self._tools: set[str] = set()

    @property
    def waiting(self) -> bool:
        """Somebody's function has not answered yet."""
        return bool(self._tools)

    def carry_out(self, calls: Sequence[FunctionCall]) -> None:
        """The functions of a response that is over and was not interrupted.

        When the bot leaves the call, the customer hears what is queued first: the driver sees to that at the end of a
        call; a transfer begins when `marked` hears of it, or with `hand_over`.
        """
        for call in calls:
            match act_of(call, self._section, self._terms):
                case _ if self.part is not Part.TALKING:
                    self._answer(call.id, error="ignored: you have left the call already")
                case Refusal(reason):
                    self._answer(call.id, error=reason)
                case Press(digits):
                    self._speaker.press(digits)
                    self._answer(call.id, ok=True)
                case Recording(on):
                    self._speaker.record(on)
                    self._answer(call.id, ok=True)
                case Forward(arguments):
                    self._tools.add(call.id)
                    self._speaker.use_tool(call.id, call.name, arguments)
                case verdict:
                    self._answer(call.id, ok=True)
                    self._leave(verdict)
        if calls:
            self._owe_unless_waiting()

    def forsake(self, calls: Sequence[FunctionCall]) -> None:
        """The functions of a response that was interrupted, or came too late: they are not carried out."""
        for call in calls:
            self._answer(call.id, error="not carried out")

    def tool_answered(self, id: str, output: str) -> None:
        """Somebody's function has answered."""
        if id in self._tools:
            self._tools.discard(id)
            self._speaker.send(function_output(id, output))
            self._owe_unless_waiting()

    def marked(self, mark: str) -> None:
        """A mark was reached; only the farewell's counts."""
        if mark == _FAREWELL:
            self.hand_over()

    def hand_over(self) -> None:
        """Begin the transfer: the customer has heard what was said to it, or has listened to it for too long."""
        if self.part is Part.HANDING_OVER and self._transfer is not None:
            self.part = Part.TRANSFERRING
            self._speaker.say(self._transfer)

    def stay(self) -> bool:
        """A transfer failed: the bot has the customer again. False when it has ended the call itself."""
        if self.part is not Part.ENDED:
            self.part = Part.TALKING
        return self.part is Part.TALKING

    def lost(self) -> None:
        """The connection is lost, and with it who would hear what functions answer."""
        self._tools.clear()
        self.hand_over()

    def _leave(self, verdict: Verdict) -> None:
        if isinstance(verdict, Complete):
            self.part = Part.ENDED
            self._speaker.goodbye(verdict)
        else:
            self.part = Part.HANDING_OVER
            self._transfer = verdict
            self._speaker.mark(_FAREWELL)

    def _answer(self, id: str, **output: str | bool) -> None:
        self._speaker.send(function_output(id, json.dumps(output)))

    def _owe_unless_waiting(self) -> None:
        if not self._tools:
            self._owe()
