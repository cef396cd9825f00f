"""[sans-IO] Moments as the API writes them."""

from datetime import UTC, datetime


def instant(epoch: float) -> str:
    """Seconds since the epoch as ISO 8601, UTC, to the millisecond: 2026-03-01T14:03:00.250Z."""
    return datetime.fromtimestamp(epoch, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
