"""[sans-IO] One webhook as the settings say it, and how its messages are signed: as Standard Webhooks has it.

https://www.standardwebhooks.com: HMAC-SHA256 over id, time and body; any of its libraries verifies it.
"""

import hashlib
import hmac
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field

from bridge.settings.webhooks import WebhookEvent, key_of


@dataclass(frozen=True)
class Hook:
    """Who is told what."""

    name: str
    url: str = field(repr=False)
    secret: str = field(repr=False)
    """Empty: nothing is signed."""
    events: frozenset[WebhookEvent]
    mask: bool
    timeout_s: float


def signed_headers(secret: str, message: str, timestamp: int, body: bytes) -> Mapping[str, str]:
    """The headers of one try; `timestamp` in Unix seconds. Receivers refuse what is older than a few minutes."""
    headers = {"content-type": "application/json", "webhook-id": message, "webhook-timestamp": str(timestamp)}
    if secret:
        signed = f"{message}.{timestamp}.".encode() + body
        digest = hmac.new(key_of(secret), signed, hashlib.sha256).digest()
        headers["webhook-signature"] = f"v1,{b64encode(digest).decode()}"
    return headers
