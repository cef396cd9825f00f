"""[sans-IO] Which packets of one side may pass unread: most, while a stream goes to the other side as it is."""

import math

#: Packets that pass between two that are read. One in seven is read: packets that come in bunches of two to six show
#: another face each time, so that their jitter is seen.
UNREAD = 6


class Lane:
    """What the hot path knows of one side.

    To read a packet costs a dozen objects of its call, and with hundreds of calls each of them is a cache miss. So a
    few packets that look like the last one that was read are counted only: same first two bytes (version, payload
    type, no marker), same size. What is lost among them shows in the sequence number of the next one that is read.
    Keys, other codecs, comfort noise and what is no RTP look different and are read.

    The hot path has no time for a method: it compares `size`, `first` and `second`, takes one from `left`, and sets
    `at`. Whoever changes what is done with this side's packets closes the lane first.
    """

    __slots__ = ("at", "first", "granted", "left", "second", "size")

    def __init__(self) -> None:
        #: When the last packet came; seconds, monotonic.
        self.at = -math.inf
        #: So many may pass, of so many when they were last counted; 0 while the lane is closed.
        self.left = self.granted = 0
        #: What those look like: bytes, and the first two of them.
        self.size = self.first = self.second = 0

    def open(self, datagram: bytes) -> None:
        """Packets that look like this one may pass, a few."""
        self.left = self.granted = UNREAD
        self.size = len(datagram)
        self.first, self.second = datagram[0], datagram[1] & 0x7F

    def take_passed(self) -> int:
        """How many have passed since it was opened, or since this was asked; it stays open."""
        passed = self.granted - self.left
        self.granted = self.left
        return passed

    def close(self) -> int:
        """None may pass now; returns what `take_passed` does."""
        passed = self.take_passed()
        self.left = self.granted = 0
        return passed
