"""[sans-IO] What LiveVox's offer leaves us: the codecs to say, and the payload type of telephone-events."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from sip.errors import InvalidSdp
from sip.messages import Codec
from sip.sdp import RemoteMedia

#: Offered when the INVITE has no SDP to take it from (the number that most equipment uses).
TELEPHONE_EVENT = 101


@dataclass(frozen=True)
class OfferedAudio:
    """What we can say in our own SDP."""

    codecs: tuple[Codec, ...]
    """One, unless the offer is still to come."""
    telephone_event: int | None
    late_offer: bool
    """The INVITE has no SDP: we make the offer."""

    @classmethod
    def read(cls, sdp: bytes, ours: Sequence[Codec]) -> Self:
        """From an INVITE's SDP, empty for none; raises InvalidSdp, also when there is no common codec."""
        if not sdp:
            return cls(tuple(ours), TELEPHONE_EVENT, late_offer=True)
        remote = RemoteMedia.parse(sdp)
        codec = remote.choose(ours)
        if codec is None:
            raise InvalidSdp(f"no common codec; we have {', '.join(ours)}")
        return cls((codec,), remote.telephone_event, late_offer=False)
