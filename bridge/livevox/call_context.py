"""[sans-IO] Call context: keys and values that stay with a call in LiveVox (livevox_api 2.10)."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import model_validator

from bridge.livevox.scalars import AnswerPart, Listed, Text


class ContextEntry(AnswerPart):
    """One key and its value."""

    key: Text = ""
    value: Text = ""


class CallContext(AnswerPart):
    """What a call's context holds; a bare list of entries, or one entry, is taken too."""

    entry: Annotated[tuple[ContextEntry, ...], Listed] = ()

    @model_validator(mode="before")
    @classmethod
    def _wrap(cls, body: Any) -> Any:
        if isinstance(body, list) or (isinstance(body, dict) and "key" in body):
            return {"entry": body}
        return body

    @property
    def values(self) -> dict[str, str]:
        """Values by key."""
        return {entry.key: entry.value for entry in self.entry}


def context_body(values: Mapping[str, str]) -> dict[str, Any]:
    """What a write of the context says."""
    return {"entry": [{"key": key, "value": value} for key, value in values.items()]}
