"""[sans-IO] A verdict as JSON text, and back."""

import json
from dataclasses import asdict
from typing import Any

from bridge.verdicts import Complete, Remarks, Transfer, Verdict


def text_of_verdict(verdict: Verdict | None) -> str | None:
    """None for none."""
    if verdict is None:
        return None
    return json.dumps({"action": "transfer" if isinstance(verdict, Transfer) else "complete"} | asdict(verdict))


def verdict_of_text(text: str | None) -> Verdict | None:
    """Raises ValueError, KeyError or TypeError for what `text_of_verdict` did not write."""
    if text is None:
        return None
    said: dict[str, Any] = json.loads(text)
    remarks = Remarks(**said["remarks"])
    if said["action"] == "transfer":
        return Transfer(said["target"], said["outcome"], remarks)
    return Complete(said["outcome"], remarks)
