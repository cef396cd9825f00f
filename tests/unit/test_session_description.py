"""The simulator's SDP: reading, offering, answering."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.simulator.errors import InvalidDatagram
from bridge.simulator.session_description import LocalMedia, SessionDescription
from sip.messages import Codec, Direction

OFFER = (
    b"v=0\r\no=- 1 1 IN IP4 192.0.2.50\r\ns=-\r\nc=IN IP4 192.0.2.50\r\nt=0 0\r\n"
    b"m=video 9 RTP/AVP 96\r\nc=IN IP4 192.0.2.99\r\n"
    b"m=audio 30000 RTP/AVP 18 8 0 101\r\na=rtpmap:18 G729/8000\r\na=rtpmap:8 PCMA/8000\r\n"
    b"a=rtpmap:101 telephone-event/8000\r\na=sendonly\r\n"
)


def described(**changes: object) -> SessionDescription:
    plain = SessionDescription("192.0.2.50", 30000, (Codec.PCMU,), 101)
    return dataclasses.replace(plain, **changes)  # type: ignore[arg-type]


def test_the_audio_line_is_found_behind_others() -> None:
    read = SessionDescription.parse(OFFER)
    assert read == SessionDescription("192.0.2.50", 30000, (Codec.PCMA, Codec.PCMU), 101, Direction.SENDONLY)


def test_the_media_line_s_own_address_wins() -> None:
    read = SessionDescription.parse(OFFER.replace(b"101\r\n", b"101\r\nc=IN IP4 192.0.2.60\r\n", 1))
    assert read.address == "192.0.2.60"


def test_a_direction_of_the_whole_session_counts_where_the_line_has_none() -> None:
    body = OFFER.replace(b"a=sendonly\r\n", b"").replace(b"t=0 0\r\n", b"t=0 0\r\na=inactive\r\n")
    assert SessionDescription.parse(body).direction is Direction.INACTIVE


def test_lines_may_end_without_carriage_return() -> None:
    assert SessionDescription.parse(OFFER.replace(b"\r\n", b"\n")).port == 30000


@pytest.mark.parametrize(
    "body",
    [
        b"",
        OFFER.replace(b"m=audio", b"m=image"),
        OFFER.replace(b"c=IN IP4 192.0.2.50", b"c=IN IP6 ::1"),
        OFFER.replace(b"192.0.2.50", b"999.0.2.50"),
        OFFER.replace(b"18 8 0 101", b"18 101"),
        OFFER.replace(b"m=audio 30000", b"m=audio 99999"),
        OFFER.replace(b"RTP/AVP 18", b"RTP/SAVP 18"),
    ],
)
def test_what_we_cannot_speak_is_refused_by_name(body: bytes) -> None:
    with pytest.raises(InvalidDatagram):
        SessionDescription.parse(body)


@given(st.binary())
def test_any_bytes_are_refused_by_name(body: bytes) -> None:
    with pytest.raises(InvalidDatagram):
        SessionDescription.parse(body)


def test_an_offer_reads_as_what_was_offered() -> None:
    media = LocalMedia("192.0.2.1", 4000)
    read = SessionDescription.parse(media.offer())
    assert read == SessionDescription("192.0.2.1", 4000, (Codec.PCMU, Codec.PCMA), 101, Direction.SENDRECV)


def test_the_answer_takes_the_offerer_s_first_codec_and_its_payload_type() -> None:
    media = LocalMedia("192.0.2.1", 4000)
    made = media.answer(described(codecs=(Codec.PCMA, Codec.PCMU), telephone_event=97))
    assert made is not None
    read = SessionDescription.parse(made)
    assert (read.codecs, read.telephone_event, media.codec) == ((Codec.PCMA,), 97, Codec.PCMA)


def test_an_offer_without_events_is_answered_without_them() -> None:
    made = LocalMedia("192.0.2.1", 4000).answer(described(telephone_event=None))
    assert made is not None and SessionDescription.parse(made).telephone_event is None


def test_no_common_codec_gives_no_answer() -> None:
    media = LocalMedia("192.0.2.1", 4000, codecs=(Codec.PCMA,))
    assert media.answer(described()) is None
    assert not media.accept(described())
    assert media.codec is None


@pytest.mark.parametrize(
    ("offered", "wanted", "answered"),
    [
        (Direction.SENDRECV, Direction.SENDRECV, Direction.SENDRECV),
        (Direction.SENDONLY, Direction.SENDRECV, Direction.RECVONLY),
        (Direction.RECVONLY, Direction.SENDRECV, Direction.SENDONLY),
        (Direction.INACTIVE, Direction.SENDRECV, Direction.INACTIVE),
        (Direction.SENDRECV, Direction.SENDONLY, Direction.SENDONLY),
        (Direction.SENDONLY, Direction.SENDONLY, Direction.INACTIVE),
    ],
)
def test_an_answer_mirrors_the_direction_and_keeps_our_own_hold(
    offered: Direction, wanted: Direction, answered: Direction
) -> None:
    media = LocalMedia("192.0.2.1", 4000, wanted=wanted)
    made = media.answer(described(direction=offered))
    assert made is not None and SessionDescription.parse(made).direction is answered is media.direction


def test_holding_by_offer_is_in_force_once_it_is_answered() -> None:
    media = LocalMedia("192.0.2.1", 4000, wanted=Direction.SENDONLY)
    assert SessionDescription.parse(media.offer()).direction is Direction.SENDONLY
    assert media.accept(described(direction=Direction.RECVONLY))
    assert media.direction is Direction.SENDONLY


def test_a_line_switched_off_is_answered_with_port_0() -> None:
    made = LocalMedia("192.0.2.1", 4000).answer(described(port=0))
    assert made is not None and SessionDescription.parse(made).port == 0


def test_each_description_has_a_higher_version_and_the_current_one_stays() -> None:
    media = LocalMedia("192.0.2.1", 4000)
    first, second = media.offer(), media.offer()
    assert b"o=- 1 1 " in first and b"o=- 1 2 " in second
    assert media.current() == second
