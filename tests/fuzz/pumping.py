"""Inputs of 64 KiB that repeat one piece of a short one: what costs more than its length shows on them."""

import hashlib
import json
from dataclasses import dataclass
from typing import Self

from tests.fuzz.target import MAX_INPUT

#: A piece that is repeated has at most so many bytes.
_LONGEST_PIECE = 24


@dataclass(frozen=True)
class Pumped:
    """A short input with a piece repeated in it."""

    before: bytes
    again: bytes
    times: int
    after: bytes

    @classmethod
    def of(cls, data: bytes, words: tuple[bytes, ...], variant: int = 0) -> Self:
        """Decided by the input itself: the same one gives the same."""
        digest = hashlib.blake2b(data, digest_size=16, salt=variant.to_bytes(4, "big")).digest()
        begin = int.from_bytes(digest[:4], "big") % (len(data) + 1)
        length = 1 + digest[4] % _LONGEST_PIECE if digest[5] & 1 else 1 + digest[4] % 3
        piece = data[begin : begin + length]
        if words and (digest[6] & 1 or not piece):
            piece = words[digest[7] % len(words)] + piece[: digest[8] % 3]
        piece = piece or b" "
        kept = data[:begin], data[begin:] if digest[9] & 1 else b""
        room = MAX_INPUT - len(kept[0]) - len(kept[1])
        return cls(kept[0], piece, max(0, room // len(piece)), kept[1])

    @property
    def data(self) -> bytes:
        """The input."""
        return self.before + self.again * self.times + self.after

    def written(self) -> bytes:
        """As a file, much shorter than the input."""
        parts = (self.before.decode("latin-1"), self.again.decode("latin-1"), self.times, self.after.decode("latin-1"))
        return json.dumps(dict(zip(("before", "again", "times", "after"), parts, strict=True)), indent=1).encode()

    @classmethod
    def read(cls, text: bytes) -> Self:
        """The inverse of `written`."""
        said = json.loads(text)
        texts = (said[name].encode("latin-1") for name in ("before", "again", "after"))
        before, again, after = texts
        return cls(before, again, int(said["times"]), after)
