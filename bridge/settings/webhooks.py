"""[webhooks.NAME]: who is told of calls by HTTP."""

import binascii
import enum
from base64 import b64decode
from typing import Annotated

from pydantic import Field

from bridge.section import EnvironmentName, Flag, HttpUrl, Seconds, Section

#: How a secret begins whose rest is base64 (https://www.standardwebhooks.com).
PREFIX = "whsec_"


class WebhookEvent(enum.StrEnum):
    """What a webhook can be told of."""

    STARTED = "call.started"
    """An INVITE was taken."""
    ANSWERED = "call.answered"
    """200 went to LiveVox."""
    SCREEN_POP = "call.screen_pop"
    """LiveVox has shown who the customer is."""
    ENDED = "call.ended"
    """Nothing is left to be done: with the disposition, and whether LiveVox has confirmed it."""


class WebhookSection(Section):
    """[webhooks.NAME]: a URL that gets a signed POST for each event."""

    url: HttpUrl
    """Where the POSTs go."""
    secret_env: EnvironmentName = ""
    """Environment variable with the secret (or NAME_FILE with a file) that signs them; empty: they are not signed."""
    events: Annotated[tuple[WebhookEvent, ...], Field(min_length=1)] = tuple(WebhookEvent)
    """Of what it is told."""
    mask: Flag = True
    """Customers' numbers are masked, and of the screen pop only the names of the fields are told."""
    timeout_s: Seconds = 10
    """A POST without an answer by then has failed."""


def key_of(secret: str) -> bytes:
    """The key that a secret is: behind "whsec_" it is base64, else the text itself. Raises ValueError."""
    if not secret.startswith(PREFIX):
        return secret.encode()
    try:
        return b64decode(secret.removeprefix(PREFIX), validate=True)
    except binascii.Error as exc:
        raise ValueError(f"what follows {PREFIX} is not base64") from exc
