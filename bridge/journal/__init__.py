"""The durable record of every call: what must survive the bridge is on disk before LiveVox is asked for anything."""

from bridge.journal.open_call import JournalledStep, OpenCall
from bridge.journal.record_keeper import RecordKeeper
from bridge.journal.writer import Journal

__all__ = ["Journal", "JournalledStep", "OpenCall", "RecordKeeper"]
