"""Decisions that are read from fuzzed bytes."""

from collections.abc import Sequence
from typing import TypeVar

Option = TypeVar("Option")


class Choices:
    """The same bytes decide the same. When they are used up, every decision is the first of its options."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def __bool__(self) -> bool:
        """Something is left."""
        return self._at < len(self._data)

    def below(self, limit: int) -> int:
        """A number from 0 to limit - 1."""
        size = 1 if limit <= 0x100 else 2 if limit <= 0x10000 else 4
        return int.from_bytes(self.piece(size), "big") % limit

    def one_of(self, options: Sequence[Option]) -> Option:
        """One of these."""
        return options[self.below(len(options))]

    def piece(self, size: int) -> bytes:
        """The next so many bytes, or what is left of them."""
        piece = self._data[self._at : self._at + size]
        self._at += size
        return piece

    def some(self) -> bytes:
        """Up to 255 bytes."""
        return self.piece(self.below(256))
