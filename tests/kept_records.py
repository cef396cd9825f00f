"""A journal on paper: what is noted is kept in order, and what is waited for is there at once."""

from collections.abc import Sequence
from typing import TypeVar

from bridge.journal.records import Record

RecordT = TypeVar("RecordT")


class KeptRecords:
    """A RecordKeeper."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.waited_at: list[int] = []
        """How many records there were each time somebody waited for the disk."""

    def note(self, record: Record) -> None:
        self.records.append(record)

    async def on_disk(self, call: str) -> None:
        self.waited_at.append(len(self.records))

    def of(self, kind: type[RecordT]) -> Sequence[RecordT]:
        """Those of one kind."""
        return [record for record in self.records if isinstance(record, kind)]
