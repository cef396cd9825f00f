"""[sans-IO] Call context data: keys and values attached to a call (livevox_api section 2.10)."""

from collections.abc import Mapping
from typing import Any

from bridge.simulator.errors import RequestRefused
from bridge.simulator.floor import Call, Floor


class CallContext:
    """Reads, writes and deletes the entries of a call."""

    def __init__(self, floor: Floor) -> None:
        self._floor = floor

    def write(self, path: Mapping[str, str], body: Mapping[str, Any]) -> None:
        """Set the entries that are given. Raises RequestRefused."""
        call = self._call(path)
        entries = body.get("entry")
        if not isinstance(entries, list) or not all(isinstance(entry, Mapping) for entry in entries):
            raise RequestRefused(400, "the body must be an object with an array `entry`")
        for entry in entries:
            key = entry.get("key")
            if not isinstance(key, str) or not key:
                raise RequestRefused(400, "an entry must have a key")
            call.context[key] = str(entry.get("value", ""))

    def read(self, path: Mapping[str, str]) -> dict[str, Any]:
        """All entries, or the one the path names. Raises RequestRefused."""
        call = self._call(path)
        key = path.get("key")
        if key is not None and key not in call.context:
            raise RequestRefused(404, "No such key")
        return {"entry": [{"key": k, "value": v} for k, v in call.context.items() if key in (None, k)]}

    def delete(self, path: Mapping[str, str]) -> None:
        """Delete all entries, or the one the path names. Raises RequestRefused."""
        call = self._call(path)
        key = path.get("key")
        if key is None:
            call.context.clear()
        elif call.context.pop(key, None) is None:
            raise RequestRefused(404, "No such key")

    def _call(self, path: Mapping[str, str]) -> Call:
        ids = (path["session"], path["transaction"])
        call = next((c for c in self._floor.calls.values() if (c.session_id, c.transaction_id) == ids), None)
        if call is None:
            raise RequestRefused(404, "No such call")
        return call
