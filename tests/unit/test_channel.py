"""sip.channel: every message of every channel travels and comes out the same."""

import dataclasses
import enum
import json
import types
import typing
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

import bridge.media.messages as media
from sip.channel import MAX_FRAME, MEDIA_OFFER, WORKER_CHANNEL, WORKER_SETTINGS, ZYGOTE_CHANNEL, MessageCodec
from sip.errors import InvalidFrame
from sip.messages import (
    Answer,
    Codec,
    Command,
    Dial,
    EdgeEvent,
    HangUp,
    Header,
    Leg,
    LegMedia,
    MediaOffer,
    SendRequest,
    WorkerReport,
)
from sip.zygote import ForkWorker, WorkerExited, WorkerForked, WorkerSettings

CHANNELS: list[tuple[MessageCodec, type]] = [
    *((WORKER_CHANNEL, kind) for kind in (*typing.get_args(Command), *typing.get_args(WorkerReport))),
    *((ZYGOTE_CHANNEL, kind) for kind in (ForkWorker, WorkerForked, WorkerExited)),
    (WORKER_SETTINGS, WorkerSettings),
    (MEDIA_OFFER, MediaOffer),
    *((MessageCodec(kind), kind) for kind in typing.get_args(EdgeEvent)),
    *((MessageCodec(kind), kind) for kind in (*typing.get_args(media.Command), *typing.get_args(media.Event))),
]

#: Any text, lone surrogates among it.
TEXT = st.text(st.characters(codec=None), max_size=20)


def values(kind: Any) -> st.SearchStrategy[Any]:
    """Values of a field's type."""
    origin = typing.get_origin(kind)
    if origin in (typing.Union, types.UnionType):
        return st.one_of(*(st.none() if arg is types.NoneType else values(arg) for arg in typing.get_args(kind)))
    if origin is tuple:
        args = typing.get_args(kind)
        if args[-1] is Ellipsis:
            return st.lists(values(args[0]), max_size=3).map(tuple)
        return st.tuples(*(values(arg) for arg in args))
    if isinstance(kind, type) and dataclasses.is_dataclass(kind):
        hints = typing.get_type_hints(kind)
        return st.builds(kind, *(values(hints[field.name]) for field in dataclasses.fields(kind)))
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        return st.sampled_from(list(kind))
    plain: dict[Any, st.SearchStrategy[Any]] = {
        str: TEXT,
        bytes: st.binary(max_size=20),
        bool: st.booleans(),
        int: st.integers(),
        float: st.floats(allow_nan=False),
    }
    return plain[kind]


@pytest.mark.parametrize(("codec", "kind"), CHANNELS, ids=lambda value: getattr(value, "__name__", ""))
@given(data=st.data())
def test_every_message_comes_out_as_it_went_in(codec: MessageCodec, kind: type, data: st.DataObject) -> None:
    message = data.draw(values(kind))
    frame = codec.encode(message)
    for form in (frame, codec.encode_text(message).encode()):
        assert codec.decode(form) == message
        assert type(codec.decode(form)) is kind


def test_all_messages_of_the_package_are_on_a_channel() -> None:
    names = {kind.__name__ for _, kind in CHANNELS}
    assert {"Dial", "LegEnded", "WorkerLogged", "ReferReceived", "OpenSession", "SessionClosed"} <= names


def test_a_body_of_four_thousand_bytes_fits_a_frame() -> None:
    body = "\0" * 4000
    assert len(WORKER_CHANNEL.encode(SendRequest("c", Leg.ENGINE, "INFO", (), "text/plain", body))) < MAX_FRAME


def test_the_media_header_is_one_line_of_ascii() -> None:
    value = MEDIA_OFFER.encode_text(MediaOffer("192.0.2.1\r\né", 40000, (Codec.PCMU, Codec.PCMA), None))
    assert value.isascii()
    assert value.isprintable()


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("Nothing", {}),
        ("HangUp", None),
        ("HangUp", {"call": "c"}),
        ("HangUp", ["c", "engine", []]),
        ("HangUp", {"call": "c", "leg": "nobody"}),
        ("HangUp", {"call": 1, "leg": "engine"}),
        ("HangUp", {"call": "c", "leg": "engine", "headers": None}),
        ("HangUp", {"call": "c", "leg": "engine", "headers": [{"name": "X"}]}),
        ("Refuse", {"call": "c", "status": True}),
        ("Refuse", {"call": "c", "status": "486"}),
        ("Refuse", {"call": "c", "status": 486.5}),
        ("Answer", {"call": "c", "media": {"address": "a", "port": 1, "codecs": ["OPUS"], "telephone_event": None}}),
    ],
)
def test_fields_that_do_not_fit_are_an_invalid_frame(name: str, fields: Any) -> None:
    for frame in (name.encode() + b" " + msgspec.msgpack.encode(fields), json.dumps([name, fields]).encode()):
        with pytest.raises(InvalidFrame):
            WORKER_CHANNEL.decode(frame)


@pytest.mark.parametrize(
    "frame",
    [
        b"",
        b"\xff",
        b"null",
        b"[]",
        b"{}",
        b'["Answer"]',
        b'["Stop",{},{}]',
        b"[" * 5000,
        b"Stop",
        b"Stop ",
        b"Stop \x80\x80",
        b"Stop \xdf\xff\xff\xff\xff",
        b"Stop \x81\xa1a" + b"\x91" * 5000,
        b"InviteArrived \x81\xa4call\xa1\xff",
        b"InviteArrived \x81\xa4call\xdb\xff\xff\xff\xffc",
    ],
)
def test_anything_else_is_an_invalid_frame(frame: bytes) -> None:
    with pytest.raises(InvalidFrame):
        WORKER_CHANNEL.decode(frame)


@given(st.binary(max_size=200))
def test_no_bytes_raise_anything_but_an_invalid_frame(frame: bytes) -> None:
    for candidate in (frame, WORKER_CHANNEL.encode(HangUp("c", Leg.ENGINE))[: len(frame)] + frame):
        try:
            WORKER_CHANNEL.decode(candidate)
        except InvalidFrame:
            pass


def test_nested_classes_and_enumerations_keep_their_types() -> None:
    dial = Dial("c", "sip:a@b", "sip:c@d", "Zoë", "id", (Header("X-A", "1"),), MediaOffer("a", 1, (Codec.PCMA,), 96))
    back = WORKER_CHANNEL.decode(WORKER_CHANNEL.encode(dial))
    assert isinstance(back, Dial)
    assert isinstance(back.headers[0], Header)
    assert back.media.codecs[0] is Codec.PCMA


def test_the_same_frame_is_not_read_on_another_channel() -> None:
    frame = WORKER_CHANNEL.encode(Answer("c", MediaOffer("a", 1, (), None)))
    with pytest.raises(InvalidFrame):
        ZYGOTE_CHANNEL.decode(frame)
    assert LegMedia.__name__.encode() not in frame
