"""Frozen dataclasses as messages on a Unix socket: one message, one SOCK_SEQPACKET datagram of JSON."""

import dataclasses
import enum
import json
import types
import typing
from collections.abc import Callable
from typing import Any

from sip.errors import InvalidFrame
from sip.messages import Command, MediaOffer, WorkerReport
from sip.zygote import ForkWorker, WorkerExited, WorkerForked, WorkerSettings

#: The longest message either end accepts, in bytes; a SIP body of 4,000 bytes doubled by escapes fits well.
MAX_FRAME = 65_536

Reader = Callable[[Any], Any]


class MessageCodec:
    """Writes and reads the dataclasses it is given; bytes travel as Latin-1 text, tuples and classes as lists."""

    def __init__(self, *kinds: type) -> None:
        self._readers = {kind.__name__: _dataclass_reader(kind) for kind in kinds}
        self._fields = {kind: [field.name for field in dataclasses.fields(kind)] for kind in kinds}

    def encode(self, message: Any) -> bytes:
        """The message as one frame."""
        kind = type(message)
        values = [getattr(message, name) for name in self._fields[kind]]
        return json.dumps([kind.__name__, values], default=_as_json, separators=(",", ":")).encode()

    def decode(self, frame: bytes) -> Any:
        """The message in a frame; raises InvalidFrame."""
        try:
            name, values = json.loads(frame)
            return self._readers[name](values)
        except (ValueError, TypeError, KeyError, OverflowError, RecursionError) as exc:
            raise InvalidFrame(f"{exc!r:.200} in {frame[:200]!r}") from exc


def _as_json(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.decode("latin-1")
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return [getattr(value, field.name) for field in dataclasses.fields(value)]
    raise TypeError(f"{type(value).__name__} cannot be sent")


def _reader(kind: Any) -> Reader:
    """A function from a JSON value to a value of this type."""
    origin = typing.get_origin(kind)
    if origin in (typing.Union, types.UnionType):
        return _optional_reader(kind)
    if origin is tuple:
        return _tuple_reader(typing.get_args(kind))
    if dataclasses.is_dataclass(kind):
        return _dataclass_reader(typing.cast(type, kind))
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        return kind
    if kind is bytes:
        return lambda value: _checked(str, value).encode("latin-1")
    if kind is float:
        return lambda value: float(_checked((int, float), value))
    return lambda value: _checked(kind, value)


def _checked(kind: type | tuple[type, ...], value: Any) -> Any:
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise TypeError(f"{value!r} is not {kind}")
    return value


def _optional_reader(kind: Any) -> Reader:
    (inner,) = [arg for arg in typing.get_args(kind) if arg is not types.NoneType]
    read = _reader(inner)
    return lambda value: None if value is None else read(value)


def _tuple_reader(args: tuple[Any, ...]) -> Reader:
    if len(args) == 2 and args[1] is Ellipsis:
        read = _reader(args[0])
        return lambda value: tuple(read(item) for item in _checked(list, value))
    readers = [_reader(arg) for arg in args]
    return lambda value: tuple(read(item) for read, item in zip(readers, _checked(list, value), strict=True))


def _dataclass_reader(kind: type) -> Reader:
    hints = typing.get_type_hints(kind)
    readers = [_reader(hints[field.name]) for field in dataclasses.fields(kind)]

    def read(values: Any) -> Any:
        return kind(*(read(value) for read, value in zip(readers, _checked(list, values), strict=True)))

    return read


#: Between the pool and a worker.
WORKER_CHANNEL = MessageCodec(*typing.get_args(Command), *typing.get_args(WorkerReport))
#: Between the pool and the zygote.
ZYGOTE_CHANNEL = MessageCodec(ForkWorker, WorkerForked, WorkerExited)
#: What the pool gives the zygote on its command line.
WORKER_SETTINGS = MessageCodec(WorkerSettings)
#: The value of the private media header.
MEDIA_OFFER = MessageCodec(MediaOffer)
