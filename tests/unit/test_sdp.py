"""sip.sdp: descriptions of others read, ours written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sip.errors import InvalidSdp
from sip.messages import Codec, Direction, MediaOffer
from sip.sdp import MAX_SDP, LocalDescription, Offer, RemoteMedia, answer, offer, refusal

OURS = MediaOffer("198.51.100.7", 40000, (Codec.PCMU,), 101)
#: As LiveVox's SBC writes it (RFC 4566 section 5, RFC 4733 section 2.4.1).
TYPICAL = (
    "v=0\r\n"
    "o=- 20518 0 IN IP4 203.0.113.1\r\n"
    "s=SIP Media Capabilities\r\n"
    "c=IN IP4 203.0.113.1\r\n"
    "t=0 0\r\n"
    "m=audio 49170 RTP/AVP 0 8 18 101\r\n"
    "a=rtpmap:0 PCMU/8000\r\n"
    "a=rtpmap:8 PCMA/8000/1\r\n"
    "a=rtpmap:18 G729/8000\r\n"
    "a=fmtp:18 annexb=no\r\n"
    "a=rtpmap:101 telephone-event/8000\r\n"
    "a=fmtp:101 0-15\r\n"
    "a=ptime:20\r\n"
    "a=maxptime:150\r\n"
    "a=sendrecv\r\n"
)


def with_lines(*lines: str) -> str:
    """A description with these lines after t=."""
    return "v=0\r\no=- 1 1 IN IP4 192.0.2.9\r\ns=-\r\nt=0 0\r\n" + "".join(f"{line}\r\n" for line in lines)


C = "c=IN IP4 192.0.2.1"
AUDIO = "m=audio 5000 RTP/AVP 0"


def test_a_typical_offer_is_read_whole() -> None:
    expected = RemoteMedia("203.0.113.1", 49170, (Codec.PCMU, Codec.PCMA), 101, Direction.SENDRECV, 20, 0)
    assert expected == Offer.parse(TYPICAL.encode())


def test_bare_line_feeds_are_line_ends_too() -> None:
    assert RemoteMedia.parse(TYPICAL.replace("\r\n", "\n")) == RemoteMedia.parse(TYPICAL)


def test_codecs_come_in_the_order_of_the_offer() -> None:
    assert RemoteMedia.parse(with_lines(C, "m=audio 5000 RTP/AVP 8 0")).codecs == (Codec.PCMA, Codec.PCMU)


def test_static_payload_types_need_no_rtpmap() -> None:
    assert RemoteMedia.parse(with_lines(C, AUDIO)).codecs == (Codec.PCMU,)


def test_a_codec_under_a_dynamic_payload_type_does_not_count() -> None:
    """Packets are relayed untouched, so both legs must call it by the same number."""
    sdp = with_lines(C, "m=audio 5000 RTP/AVP 96", "a=rtpmap:96 PCMU/8000")
    assert RemoteMedia.parse(sdp).codecs == ()


def test_a_static_number_that_is_mapped_to_something_else_does_not_count() -> None:
    assert RemoteMedia.parse(with_lines(C, AUDIO, "a=rtpmap:0 PCMU/16000")).codecs == ()


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("a=rtpmap:96 telephone-event/8000", 96),
        ("a=rtpmap:96 TELEPHONE-EVENT/8000", 96),
        ("a=rtpmap:96 telephone-event/16000", None),
        ("a=rtpmap:97 telephone-event/8000", None),
        ("a=rtpmap:telephone-event", None),
    ],
)
def test_telephone_events_count_at_8000_hz_and_when_listed(line: str, expected: int | None) -> None:
    assert RemoteMedia.parse(with_lines(C, "m=audio 5000 RTP/AVP 0 96", line)).telephone_event == expected


@pytest.mark.parametrize("direction", list(Direction))
def test_the_direction_of_the_stream_goes_before_the_session_s(direction: Direction) -> None:
    assert RemoteMedia.parse(with_lines(C, "a=sendonly", AUDIO, f"a={direction}")).direction is direction
    assert RemoteMedia.parse(with_lines(C, f"a={direction}", AUDIO)).direction is direction


def test_without_a_direction_it_is_sendrecv() -> None:
    assert RemoteMedia.parse(with_lines(C, AUDIO)).direction is Direction.SENDRECV


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        (Direction.SENDRECV, Direction.SENDRECV),
        (Direction.SENDONLY, Direction.RECVONLY),
        (Direction.RECVONLY, Direction.SENDONLY),
        (Direction.INACTIVE, Direction.INACTIVE),
    ],
)
def test_our_direction_mirrors_theirs(theirs: Direction, ours: Direction) -> None:
    sdp = with_lines(C, AUDIO, f"a={theirs}")
    assert RemoteMedia.parse(sdp).our_direction is ours
    assert f"\r\na={ours}\r\n" in answer(sdp, OURS)


def test_the_old_way_of_hold_is_inactive() -> None:
    held = RemoteMedia.parse(with_lines("c=IN IP4 0.0.0.0", AUDIO, "a=sendrecv"))
    assert (held.address, held.direction) == ("0.0.0.0", Direction.INACTIVE)
    assert held.choose([Codec.PCMU]) is Codec.PCMU


def test_the_address_of_the_stream_goes_before_the_session_s() -> None:
    sdp = with_lines(C, "m=audio 5000 RTP/AVP 0", "c=IN IP4 192.0.2.77/127")
    assert RemoteMedia.parse(sdp).address == "192.0.2.77"


def test_our_preference_chooses_the_codec() -> None:
    offered = RemoteMedia.parse(with_lines(C, "m=audio 5000 RTP/AVP 0 8"))
    assert offered.choose([Codec.PCMA, Codec.PCMU]) is Codec.PCMA
    assert offered.choose([Codec.PCMU]) is Codec.PCMU
    assert offered.choose([]) is None


def test_nothing_is_chosen_for_a_stream_that_is_switched_off() -> None:
    off = RemoteMedia.parse(with_lines(C, "m=audio 0 RTP/AVP 0"))
    assert (off.port, off.direction, off.choose([Codec.PCMU])) == (0, Direction.INACTIVE, None)


def test_the_first_audio_stream_that_can_be_used_counts() -> None:
    sdp = with_lines(
        C,
        "m=video 5002 RTP/AVP 96",
        "m=audio 5004 RTP/SAVP 0",
        "m=audio 0 RTP/AVP 0",
        "m=audio 5006 RTP/AVP 0",
        "c=IN IP6 2001:db8::1",
        "m=audio 5008 RTP/AVP 18",
        "m=audio 5010 RTP/AVP 8",
        "m=audio 5012 RTP/AVP 0",
    )
    found = RemoteMedia.parse(sdp)
    assert (found.port, found.line, found.codecs) == (5010, 5, (Codec.PCMA,))


@pytest.mark.parametrize(
    ("sdp", "reason"),
    [
        ("", "does not begin with v=0"),
        ("hello", "does not begin with v=0"),
        (with_lines(C), "no m=audio"),
        (with_lines(C, "m=video 5000 RTP/AVP 96"), "no m=audio"),
        (with_lines(C, "m=audio 5000 RTP/SAVP 0"), "no m=audio line with RTP/AVP"),
        (with_lines(C, "m=audio 5000 UDP/TLS/RTP/SAVPF 0"), "no m=audio line with RTP/AVP"),
        (with_lines(AUDIO), "no c= line"),
        (with_lines("c=IN IP6 ::1", AUDIO), "no IPv4 address"),
        (with_lines("c=IN IP4 sbc.example.com", AUDIO), "no IPv4 address"),
        (with_lines("c=IN IP4 192.0.2.256", AUDIO), "not a host's"),
        (with_lines("c=IN IP4 224.0.0.1/127", AUDIO), "not a host's"),
        (with_lines("c=IN IP4 255.255.255.255", AUDIO), "not a host's"),
        (with_lines(C, "m=audio 65536 RTP/AVP 0"), "cannot be read"),
        (with_lines(C, "m=audio -1 RTP/AVP 0"), "cannot be read"),
        (with_lines(C, "m=audio 5000"), "cannot be read"),
        (with_lines(C, "m="), "cannot be read"),
        (with_lines(C, *[AUDIO] * 17), "too many"),
        ("v=0\r\n" + "a=x\r\n" * MAX_SDP, "too many"),
    ],
)
def test_what_cannot_be_used_is_refused_with_a_reason(sdp: str, reason: str) -> None:
    with pytest.raises(InvalidSdp, match=reason):
        RemoteMedia.parse(sdp.encode())


@given(st.binary(max_size=400))
def test_no_bytes_raise_anything_else(data: bytes) -> None:
    for sdp in (data, b"v=0\r\n" + data, TYPICAL.encode() + data, TYPICAL.encode()[: len(data)] + data):
        try:
            RemoteMedia.parse(sdp)
            answer(sdp, OURS)
        except InvalidSdp:
            pass


def test_an_offer_says_all_our_codecs() -> None:
    both = MediaOffer("198.51.100.7", 40000, (Codec.PCMA, Codec.PCMU), 96)
    assert offer(both, 17, 2) == (
        "v=0\r\n"
        "o=- 17 2 IN IP4 198.51.100.7\r\n"
        "s=-\r\n"
        "c=IN IP4 198.51.100.7\r\n"
        "t=0 0\r\n"
        "m=audio 40000 RTP/AVP 8 0 96\r\n"
        "a=rtpmap:8 PCMA/8000\r\n"
        "a=rtpmap:0 PCMU/8000\r\n"
        "a=rtpmap:96 telephone-event/8000\r\n"
        "a=fmtp:96 0-16\r\n"
        "a=ptime:20\r\n"
        "a=sendrecv\r\n"
    )


def test_an_offer_of_ours_reads_back() -> None:
    said = RemoteMedia.parse(offer(OURS, 1, 1))
    assert said == RemoteMedia("198.51.100.7", 40000, (Codec.PCMU,), 101, Direction.SENDRECV, 20, 0)


def test_a_later_offer_keeps_the_streams_of_the_one_before() -> None:
    before = answer(with_lines(C, "m=video 5002 RTP/AVP 96", AUDIO, "m=image 5004 udptl t38"), OURS)
    lines = [line for line in offer(OURS, 1, 2, before).split("\r\n") if line.startswith("m=")]
    assert lines == ["m=video 0 RTP/AVP 96", "m=audio 40000 RTP/AVP 0 101", "m=image 0 udptl t38"]


def test_an_answer_has_as_many_streams_as_the_offer_and_takes_one() -> None:
    sdp = with_lines(C, "m=video 5002 RTP/AVP 96 97", "m=audio 5004 RTP/AVP 0 8", "m=audio 5006 RTP/AVP 0")
    lines = [line for line in answer(sdp, OURS).split("\r\n") if line.startswith("m=")]
    assert lines == ["m=video 0 RTP/AVP 96 97", "m=audio 40000 RTP/AVP 0", "m=audio 0 RTP/AVP 0"]


def test_an_answer_names_the_one_codec_and_the_offer_s_number_for_events() -> None:
    both = MediaOffer("198.51.100.7", 40000, (Codec.PCMA, Codec.PCMU), 101)
    sdp = with_lines(C, "m=audio 5000 RTP/AVP 0 8 110", "a=rtpmap:110 telephone-event/8000")
    said = answer(sdp, both)
    assert "m=audio 40000 RTP/AVP 8 110\r\n" in said
    assert "a=rtpmap:110 telephone-event/8000\r\na=fmtp:110 0-16\r\n" in said


def test_events_are_not_agreed_to_when_the_other_leg_has_none() -> None:
    said = answer(TYPICAL, MediaOffer("198.51.100.7", 40000, (Codec.PCMU,), None))
    assert RemoteMedia.parse(said).telephone_event is None


@pytest.mark.parametrize(
    ("offered", "wanted", "said"),
    [
        (Direction.SENDRECV, Direction.RECVONLY, Direction.RECVONLY),
        (Direction.SENDRECV, Direction.INACTIVE, Direction.INACTIVE),
        (Direction.SENDONLY, Direction.SENDONLY, Direction.INACTIVE),
        (Direction.RECVONLY, Direction.SENDRECV, Direction.SENDONLY),
    ],
)
def test_an_answer_never_allows_more_than_the_offer(offered: Direction, wanted: Direction, said: Direction) -> None:
    assert f"\r\na={said}\r\n" in answer(with_lines(C, AUDIO, f"a={offered}"), OURS, wanted)


@pytest.mark.parametrize("sdp", [with_lines(C, "m=audio 5000 RTP/AVP 18"), with_lines(C, "m=audio 0 RTP/AVP 0")])
def test_an_answer_without_a_common_codec_refuses_every_stream(sdp: str) -> None:
    assert answer(sdp, OURS) == refusal(sdp, OURS, 1, 1)
    assert RemoteMedia.parse(answer(sdp, OURS)).port == 0


def test_an_offer_of_no_use_cannot_be_answered() -> None:
    with pytest.raises(InvalidSdp):
        answer(with_lines(AUDIO), OURS)


def test_a_local_description_keeps_its_session_and_raises_the_version_with_each_change() -> None:
    local = LocalDescription(4711)
    first = local.offer(OURS)
    assert "o=- 4711 1 IN IP4" in first
    assert local.offer(OURS) == first
    held = local.answer(with_lines(C, AUDIO, "a=sendonly"), OURS)
    assert "o=- 4711 2 IN IP4" in held
    assert "o=- 4711 3 IN IP4" in local.offer(OURS)


def test_a_local_description_refuses_what_it_cannot_use() -> None:
    local = LocalDescription(1)
    refused = local.answer(with_lines(C, "m=audio 5000 RTP/SAVP 0"), OURS)
    assert "o=- 1 1 IN IP4" in refused
    assert "\r\nm=audio 0 RTP/SAVP 0\r\n" in refused
    with pytest.raises(InvalidSdp):
        local.answer("nonsense", OURS)
