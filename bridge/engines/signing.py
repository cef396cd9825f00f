"""[sans-IO] How an engine knows that an HTTP request is from the bridge: HMAC-SHA256 (RFC 2104) over time and body."""

import hashlib
import hmac
from collections.abc import Mapping

TIMESTAMP_HEADER = "X-Bridge-Timestamp"
SIGNATURE_HEADER = "X-Bridge-Signature"


def signature(secret: str, timestamp: int, body: bytes) -> str:
    """The value of X-Bridge-Signature: "sha256=" and the HMAC of "<timestamp>.<body>" in lower-case hex.

    `timestamp` is in Unix seconds, as X-Bridge-Timestamp has it. Whoever verifies refuses what is older than a few
    minutes, lest a request that was overheard be repeated.
    """
    signed = f"{timestamp}.".encode() + body
    return "sha256=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


def signed_headers(secret: str, timestamp: int, body: bytes) -> Mapping[str, str]:
    """The headers of a JSON request with this body. Without a secret there is no signature, just the time."""
    headers = {"Content-Type": "application/json", TIMESTAMP_HEADER: str(timestamp)}
    if secret:
        headers[SIGNATURE_HEADER] = signature(secret, timestamp, body)
    return headers
