"""[sans-IO] What those who have calls need of the journal."""

from typing import Protocol

from bridge.journal.records import Record


class RecordKeeper(Protocol):
    """Takes records; neither method raises."""

    def note(self, record: Record) -> None:
        """Write this down soon. Never waits."""

    async def on_disk(self, call: str) -> None:
        """Return when all that was noted is on disk, or when the disk has been too slow for too long.

        `call` is whose next step waits for it.
        """
