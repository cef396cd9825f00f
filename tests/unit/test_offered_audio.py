"""What an offer leaves us."""

import pytest

from bridge.calls.offered_audio import OfferedAudio
from sip.errors import InvalidSdp
from sip.messages import Codec
from tests.sip_texts import SDP

BOTH = (Codec.PCMU, Codec.PCMA)


def test_an_offer_leaves_one_codec() -> None:
    offered = OfferedAudio.read(SDP.encode(), BOTH)
    assert (len(offered.codecs), offered.late_offer) == (1, False)


def test_without_an_offer_we_offer_all_we_have() -> None:
    assert OfferedAudio.read(b"", BOTH) == OfferedAudio(BOTH, 101, late_offer=True)


@pytest.mark.parametrize(
    "sdp",
    [
        b"v=0",
        b"\xff\xfe",
        b"v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 18\r\n",
    ],
)
def test_what_cannot_be_used_is_named(sdp: bytes) -> None:
    with pytest.raises(InvalidSdp):
        OfferedAudio.read(sdp, BOTH)
