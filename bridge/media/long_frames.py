"""[sans-IO] Messages that are longer than a datagram of the control channel may be: they travel in parts.

How long a datagram on a Unix socket may be depends on the machine (net.core.wmem_max), and an engine's instructions,
escaped as JSON, can be longer. A frame begins with a letter or "[", a part with "+", the last part with "-".
"""

from sip.errors import InvalidFrame

#: Longest datagram. Every Linux takes it unasked.
PART = 60_000
#: Longest message. The longest there is, an engine's settings with 32,000 characters of instructions, has 450,000.
MAX_MESSAGE = 4 * 1024 * 1024

_MORE, _LAST = b"+", b"-"


def parts(frame: bytes) -> list[bytes]:
    """The datagrams that carry this frame."""
    if len(frame) <= PART:
        return [frame]
    pieces = [frame[start : start + PART - 1] for start in range(0, len(frame), PART - 1)]
    return [_MORE + piece for piece in pieces[:-1]] + [_LAST + pieces[-1]]


class Assembly:
    """Puts the parts together again."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._length = 0

    def add(self, datagram: bytes) -> bytes | None:
        """The frame, once it is whole; raises InvalidFrame for one that is too long."""
        kind = datagram[:1]
        if kind not in (_MORE, _LAST):
            return datagram
        self._length += len(datagram) - 1
        if self._length <= MAX_MESSAGE:
            self._pieces.append(datagram[1:])
        if kind == _MORE:
            return None
        frame, length = b"".join(self._pieces), self._length
        self._pieces, self._length = [], 0
        if length > MAX_MESSAGE:
            raise InvalidFrame(f"a message of {length} bytes, more than {MAX_MESSAGE}")
        return frame
