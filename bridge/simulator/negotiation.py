"""Joins what two ends agree on by SDP with the RTP socket that obeys it."""

from collections.abc import Callable

import structlog

from bridge.simulator.errors import InvalidDatagram
from bridge.simulator.rtp_talker import RtpTalker
from bridge.simulator.session_description import LocalMedia, SessionDescription
from sip.messages import Direction

log = structlog.get_logger()


class Negotiation:
    """Offers and answers of one call; each agreement is put into force at once."""

    def __init__(self, media: LocalMedia, talker: RtpTalker) -> None:
        self.media = media
        self.talker = talker
        self.on_agreed: Callable[[Direction], None] | None = None
        self.agreed_bodies: list[bytes] = []
        """The other side's descriptions that were agreed on, the first one first."""

    def offer(self, wanted: Direction | None = None) -> bytes:
        """Our offer; `wanted` changes what we would have from now on."""
        self.media.wanted = wanted or self.media.wanted
        return self.media.offer()

    def answer(self, body: bytes) -> bytes | None:
        """The answer to an offer, None when there is none we could give."""
        try:
            made = self.media.answer(SessionDescription.parse(body))
        except InvalidDatagram as exc:
            log.info("offer_refused", reason=exc.detail)
            return None
        if made is not None:
            self._agreed(body)
        return made

    def accept(self, body: bytes) -> bool:
        """Take the answer to our offer; False when it cannot be used."""
        try:
            taken = self.media.accept(SessionDescription.parse(body))
        except InvalidDatagram as exc:
            log.info("answer_refused", reason=exc.detail)
            return False
        if taken:
            self._agreed(body)
        return taken

    def _agreed(self, body: bytes) -> None:
        remote, codec = self.media.remote, self.media.codec
        if remote is None or codec is None:
            return
        self.agreed_bodies.append(body)
        direction = self.media.direction
        sends = direction.sends and remote.port and remote.address != "0.0.0.0"
        address = (remote.address, remote.port) if sends else None
        self.talker.agree(address, codec, remote.telephone_event, direction.receives)
        if self.on_agreed is not None:
            self.on_agreed(direction)
