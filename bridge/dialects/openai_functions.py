"""[sans-IO] The functions a Realtime model may call: how it is told of them, and what a call of one means."""

from dataclasses import asdict, dataclass
from typing import Any

from bridge.dialects.bounded_set import BoundedSet
from bridge.dialects.incoming import json_object
from bridge.dialects.kinds import DialectTerms
from bridge.dialects.openai_events import Event, name_in, words_in
from bridge.dialects.openai_section import PAUSE_RECORDING, RESUME_RECORDING, SEND_DIGITS, OpenAISection
from bridge.dialects.verdict_functions import VERDICT_FUNCTIONS, verdict_functions, verdict_of_function
from bridge.errors import InvalidEngineMessage, InvalidVerdict
from bridge.verdicts import MAX_BODY, Verdict

_KEYS = frozenset("0123456789*#ABCD")
_MAX_KEYS = 50
#: Responses at a time, and calls of one response; more are left out.
_MAX_RESPONSES, _MAX_CALLS = 8, 32


@dataclass(frozen=True)
class FunctionCall:
    """A function the model calls."""

    id: str
    name: str
    arguments: str
    """Should be a JSON object."""


@dataclass(frozen=True)
class Press:
    """Keys for the customer's side."""

    digits: str


@dataclass(frozen=True)
class Recording:
    """The recording of the call is paused, or goes on."""

    on: bool


@dataclass(frozen=True)
class Forward:
    """A function that is answered by HTTP."""

    arguments: str
    """A JSON object as text."""


@dataclass(frozen=True)
class Refusal:
    """A call that cannot be carried out, and why, for the model to do better."""

    reason: str


Act = Verdict | Press | Recording | Forward | Refusal


def functions(section: OpenAISection, terms: DialectTerms) -> list[dict[str, Any]]:
    """What the model is told of its functions."""
    told = [{"type": "function", **asdict(function)} for function in verdict_functions(terms)]
    if section.send_digits:
        told.append({"type": "function", **_SEND_DIGITS})
    if section.pause_recording:
        told += [{"type": "function", **_NOTHING_TO_SAY, **function} for function in _RECORDING]
    for tool in section.tools:
        about = {"type": "function", "name": tool.name, "description": tool.description}
        told.append(about | {"parameters": dict(tool.parameters)})
    return told


_SEND_DIGITS = {
    "name": SEND_DIGITS,
    "description": "Press keys on the phone, for a machine at the customer's side.",
    "parameters": {
        "type": "object",
        "properties": {"digits": {"type": "string", "description": "The keys, in order: 0-9, *, #, A-D."}},
        "required": ["digits"],
    },
}


_NOTHING_TO_SAY = {"parameters": {"type": "object", "properties": {}, "required": []}}
_RECORDING = (
    {
        "name": PAUSE_RECORDING,
        "description": "Pause the recording of the call, before the customer says a card number or the like.",
    },
    {"name": RESUME_RECORDING, "description": "Go on recording the call, once that is over."},
)


def act_of(call: FunctionCall, section: OpenAISection, terms: DialectTerms) -> Act:
    """What a call of a function means."""
    if len(call.arguments) > MAX_BODY:
        return Refusal(f"the arguments are longer than {MAX_BODY} characters")
    if call.name in VERDICT_FUNCTIONS:
        try:
            return verdict_of_function(call.name, call.arguments, terms)
        except InvalidVerdict as exc:
            return Refusal(exc.detail)
    try:
        said = json_object(call.arguments or "{}")
    except InvalidEngineMessage as exc:
        return Refusal(f"the arguments cannot be used: {exc.detail}")
    if call.name == SEND_DIGITS and section.send_digits:
        return _press(said.get("digits"))
    if call.name in (PAUSE_RECORDING, RESUME_RECORDING) and section.pause_recording:
        return Recording(on=call.name == RESUME_RECORDING)
    if any(call.name == tool.name for tool in section.tools):
        return Forward(call.arguments or "{}")
    return Refusal("there is no such function")


def _press(digits: Any) -> Act:
    keys = "".join(digits.upper().split()) if isinstance(digits, str) else ""
    if not keys or len(keys) > _MAX_KEYS or not set(keys) <= _KEYS:
        return Refusal(f"digits must be 1 to {_MAX_KEYS} of the keys 0-9, *, #, A-D")
    return Press(keys)


class FunctionCalls:
    """The calls of each response, until it is over and they may be carried out.

    The server says each of them up to three times: `response.function_call_arguments.done`, `response.output_item.done`
    and in `response.done`. The first two come for a call that was cut short, too, so the item's status decides.
    """

    def __init__(self) -> None:
        self._calls: dict[str, dict[str, FunctionCall]] = {}
        self._taken = BoundedSet()

    def add(self, response: str, item: Event) -> None:
        """A function call, in an event of its own or as an item."""
        id, status = name_in(item, "call_id"), words_in(item, "status")
        if not id or id in self._taken or (response not in self._calls and len(self._calls) >= _MAX_RESPONSES):
            return
        calls = self._calls.setdefault(response, {})
        if status in ("incomplete", "in_progress"):
            calls.pop(id, None)
            return
        known = calls.get(id, FunctionCall(id, "", ""))
        name = name_in(item, "name") or known.name
        call = FunctionCall(id, name, words_in(item, "arguments")[: MAX_BODY + 1] or known.arguments)
        if id in calls or len(calls) < _MAX_CALLS:
            calls[id] = call

    def take(self, response: str) -> list[FunctionCall]:
        """The calls of a response that is over; each comes once."""
        calls = list(self._calls.pop(response, {}).values())
        self._calls.clear()  # of responses that never ended
        return [call for call in calls if self._taken.add(call.id)]
