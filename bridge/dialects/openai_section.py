"""[engines.NAME] of an engine that speaks OpenAI's Realtime API (GA) over WebSocket."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, Strict, model_validator

from bridge.dialects.forwarded_tool import ForwardedTool, JsonTable
from bridge.dialects.section import DialectSection
from bridge.dialects.verdict_functions import VERDICT_FUNCTIONS
from bridge.errors import InvalidSettingsFile
from bridge.section import EnvironmentName, Flag, Line, SecondsOrNever, WebSocketUrl, file_text, unusable

#: Characters of a text for the model.
MAX_INSTRUCTIONS = 32_000

SEND_DIGITS = "send_digits"
PAUSE_RECORDING, RESUME_RECORDING = "pause_recording", "resume_recording"
#: Functions of ours; a forwarded one cannot have these names.
OWN_FUNCTIONS = (*VERDICT_FUNCTIONS, SEND_DIGITS, PAUSE_RECORDING, RESUME_RECORDING)

#: What the dialect itself says of a session.
_OURS = frozenset({"type", "instructions", "audio", "output_modalities", "tools", "tool_choice"})

Prose = Annotated[str, Field(max_length=MAX_INSTRUCTIONS)]
Speed = Annotated[float, Strict(), Field(ge=0.25, le=1.5)]


def _turn_detection(value: Mapping[str, Any]) -> Mapping[str, Any]:
    if value.get("type") not in ("server_vad", "semantic_vad"):
        raise unusable("names no way to detect turns", 'write { type = "server_vad" } or { type = "semantic_vad" }')
    return value


def _session(value: Mapping[str, Any]) -> Mapping[str, Any]:
    for name in sorted(_OURS & value.keys()):
        raise unusable(f'"{name}" is said by the bridge itself', "use the settings for it, or leave it out")
    return value


class OpenAISection(DialectSection):
    """A Realtime session per call, µ-law both ways: at OpenAI, or by URL at Azure, xAI and servers of one's own."""

    kind: Literal["openai"]
    url: WebSocketUrl = "wss://api.openai.com/v1/realtime?model=gpt-realtime-2.1"
    """Where the API is, with the model; Azure: wss://NAME.openai.azure.com/openai/v1/realtime?model=DEPLOYMENT."""
    secret_env: EnvironmentName = "OPENAI_API_KEY"
    authorization: Literal["bearer", "api-key"] = "bearer"
    """How the secret is shown: Authorization: Bearer, or the header api-key (Azure)."""
    reconnect_s: SecondsOrNever = 5
    instructions: Prose = ""
    """What the model is told; {caller}, {agent_number} and fields of the screen pop like {First Name} are filled in.

    When they name fields, the screen pop fills them as soon as it is there; when they name none, all of its rows are
    given to the model as a system message.
    """
    instructions_file: Line = ""
    """A text file with the instructions instead, relative to the settings file."""
    greet_first: Flag = True
    """The bot speaks first."""
    greeting: Prose = ""
    """How the first response shall be, in words for the model ("Greet {First Name} and ask how to help")."""
    greeting_wait_s: SecondsOrNever = 1
    """How long after the answer a greeting waits for a screen pop whose fields the texts name."""
    voice: Line = "marin"
    """Empty: the server's own."""
    speed: Speed | None = None
    """Of the speech, 0.25 to 1.5; unset: the server's own."""
    turn_detection: Annotated[JsonTable, AfterValidator(_turn_detection)] = {
        "type": "server_vad",
        "create_response": True,
        "interrupt_response": True,
    }
    """How the server knows that the customer speaks: passed on as it is."""
    noise_reduction: Literal["", "near_field", "far_field"] = ""
    """Of what the customer says; empty: not asked for."""
    transcription: Line = "gpt-transcribe"
    """The model that writes down what the customer says, for the call's record and for a session that is renewed; it is
    billed on its own. Empty: none, for servers that do not have it."""
    send_digits: Flag = False
    """The bot may press keys for the customer's side."""
    pause_recording: Flag = False
    """The bot may pause the recording of the call, and go on with it."""
    tools: Annotated[tuple[ForwardedTool, ...], Field(max_length=100)] = ()
    """Further functions, answered by HTTP."""
    session: Annotated[JsonTable, AfterValidator(_session)] = {}
    """Further fields of the session, passed on as they are: max_output_tokens, reasoning, truncation, …"""
    session_limit_s: SecondsOrNever = 3600
    """The server ends a session after so long: the bridge opens another one before, in a pause. 0: it does not."""

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        if self.instructions and self.instructions_file:
            raise unusable("has both instructions and instructions_file", "keep one of them")
        taken = [*OWN_FUNCTIONS]
        for tool in self.tools:
            if tool.name in taken:
                raise unusable(f'has two functions named "{tool.name}"', "rename the one under tools")
            taken.append(tool.name)
        return self

    def with_files(self, folder: Path) -> Self:
        """With the text of instructions_file as the instructions."""
        if not self.instructions_file:
            return self
        key = "instructions_file"
        text = file_text(folder, key, self.instructions_file)
        if len(text) > MAX_INSTRUCTIONS:
            what = f"{folder / self.instructions_file} has {len(text)} characters, more than {MAX_INSTRUCTIONS}"
            raise InvalidSettingsFile(key, what, "shorten it")
        return self.model_copy(update={"instructions": text, "instructions_file": ""})

    @property
    def forwarded(self) -> tuple[ForwardedTool, ...]:
        """The functions that are answered by HTTP."""
        return self.tools

    @property
    def server_answers(self) -> bool:
        """The server makes a response by itself when the customer has spoken."""
        return self.turn_detection.get("create_response", True) is not False

    @property
    def server_interrupts(self) -> bool:
        """The server cancels its response by itself when the customer speaks."""
        return self.turn_detection.get("interrupt_response", True) is not False
