"""What the settings say of an engine that is spoken to as Twilio does."""

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from bridge.dialects.section import DialectSection
from bridge.section import EnvironmentName, Line, Text, text_of, unusable

_ACCOUNT_SID = re.compile(r"AC[0-9a-f]{32}")

#: customParameters that the bridge sets: name, and the field of CallFacts.
FACTS: Mapping[str, str] = {
    "from_number": "caller",
    "to_number": "agent_number",
    "call_id": "call",
    "agent_number": "agent_number",
    "caller_name": "caller_name",
    "transaction_id": "transaction_id",
    "session_id": "session_id",
    "service_id": "service_id",
}
#: A customParameter that says that an earlier connection of this call was lost.
RESUMED = "resumed"


def _account_sid(value: Any) -> str:
    text = text_of(value, "AC" + "0" * 32)
    if not _ACCOUNT_SID.fullmatch(text):
        raise unusable(f'"{text}" is not an account SID', 'write "AC" and 32 digits or letters from a to f')
    return text


def _further(parameters: Mapping[str, str]) -> Mapping[str, str]:
    for name in parameters:
        if name in FACTS or name == RESUMED:
            raise unusable(f'"{name}" is set by the bridge itself', "take another name")
    return parameters


class TwilioSection(DialectSection):
    """[engines.NAME] with kind = "twilio": a bot written for Twilio's Media Streams; the bridge takes Twilio's part."""

    kind: Literal["twilio"]
    """How the engine is reached."""
    account_sid: Annotated[str, BeforeValidator(_account_sid)] = "AC" + "0" * 32
    """The accountSid the bot is told, and its user at the bridge's Calls/SID.json."""
    secret_env: EnvironmentName = "TWILIO_AUTH_TOKEN"
    """Environment variable with the auth token: it signs the handshake and is the password at Calls/SID.json."""
    parameters: Annotated[Mapping[Text, Line], Field(max_length=50), AfterValidator(_further)] = {}
    """Further customParameters for the bot."""
    ready_on: Literal["open", "first_message"] = "open"
    """The bot can talk once the WebSocket is open, or once it has sent something."""
