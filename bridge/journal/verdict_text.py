"""[sans-IO] A verdict as JSON text, and back."""

import json
from dataclasses import asdict
from typing import Any

from bridge.verdicts import Complete, Remarks, Transfer, Verdict

_OF_CUSTOMERS = ("contact", "context")


def text_of_verdict(verdict: Verdict | None) -> str | None:
    """None for none. Of what is to be written of the customer the names are kept, and no value."""
    if verdict is None:
        return None
    said = asdict(verdict)
    for name in _OF_CUSTOMERS:
        said["remarks"][name] = [(key, "") for key, _ in said["remarks"][name]]
    return json.dumps({"action": "transfer" if isinstance(verdict, Transfer) else "complete"} | said)


def verdict_of_text(text: str | None) -> Verdict | None:
    """Raises ValueError, KeyError or TypeError for what `text_of_verdict` did not write."""
    if text is None:
        return None
    said: dict[str, Any] = json.loads(text)
    told: dict[str, Any] = said["remarks"]
    contact, context = (tuple((key, value) for key, value in told.pop(name, ())) for name in _OF_CUSTOMERS)
    remarks = Remarks(**told, contact=contact, context=context)
    if said["action"] == "transfer":
        return Transfer(said["target"], said["outcome"], remarks)
    return Complete(said["outcome"], remarks)
