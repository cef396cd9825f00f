"""Frozen dataclasses as messages on a Unix socket: one message, one SOCK_SEQPACKET datagram."""

import json
import typing
from collections.abc import Callable
from typing import Any

import msgspec

from sip.errors import InvalidFrame
from sip.messages import Command, MediaOffer, WorkerReport
from sip.zygote import ForkWorker, WorkerExited, WorkerForked, WorkerSettings

#: The longest message either end accepts, in bytes; a SIP body of 4,000 bytes fits well, even if each one is escaped.
MAX_FRAME = 65_536

_pack = msgspec.msgpack.Encoder().encode


class MessageCodec:
    """Writes and reads the dataclasses it is given, with all that is in them: classes, enumerations, tuples, bytes.

    A frame is the name of the class, a space, and the fields by name as MessagePack; where text is wanted, it is the
    JSON of [name, fields]. What MessagePack has no form for, a lone surrogate or an integer of over 64 bits, goes as
    text too.
    """

    def __init__(self, *kinds: type) -> None:
        self._kinds = {kind.__name__: kind for kind in kinds}
        self._heads = {kind: kind.__name__.encode() + b" " for kind in kinds}
        self._unpack: dict[bytes, Callable[[bytes], Any]] = {
            kind.__name__.encode(): msgspec.msgpack.Decoder(kind).decode for kind in kinds
        }

    def encode(self, message: Any) -> bytes:
        """The message as one frame."""
        try:
            return self._heads[type(message)] + _pack(message)
        except (UnicodeEncodeError, OverflowError):
            return self.encode_text(message).encode()

    def encode_text(self, message: Any) -> str:
        """The same as one line of ASCII, for a header or a command line."""
        return json.dumps([type(message).__name__, msgspec.to_builtins(message)], separators=(",", ":"))

    def decode(self, frame: bytes) -> Any:
        """The message in a frame of either form; raises InvalidFrame."""
        name, _, fields = frame.partition(b" ")
        try:
            unpack = self._unpack.get(name)
            if unpack is not None:
                return unpack(fields)
            named, values = json.loads(frame)
            return msgspec.convert(values, self._kinds[named])
        except (ValueError, TypeError, KeyError, OverflowError, RecursionError, msgspec.MsgspecError) as exc:
            raise InvalidFrame(f"{exc!r:.200} in {frame[:200]!r}") from exc


#: Between the pool and a worker.
WORKER_CHANNEL = MessageCodec(*typing.get_args(Command), *typing.get_args(WorkerReport))
#: Between the pool and the zygote.
ZYGOTE_CHANNEL = MessageCodec(ForkWorker, WorkerForked, WorkerExited)
#: What the pool gives the zygote on its command line.
WORKER_SETTINGS = MessageCodec(WorkerSettings)
#: The value of the private media header.
MEDIA_OFFER = MessageCodec(MediaOffer)
