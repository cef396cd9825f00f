"""One SIP dialog of a call as a pj.Call: what pjsip says about it becomes events."""

import contextlib
import enum
import time
from typing import Any

import pjsua2.pjsua2 as pj

from sip.errors import InvalidSdp
from sip.messages import (
    Codec,
    Direction,
    Leg,
    LegAnswered,
    LegEnded,
    LegMedia,
    LegRinging,
    MediaOffer,
    RequestAnswered,
)
from sip.sdp import NO_ADDRESS, LocalDescription, RemoteMedia
from sip.worker import parameters
from sip.worker.endings import Clues, Ending, ending
from sip.worker.legs import Legs, director
from sip.worker.received import description

#: Requests whose final response the bridge is told.
_REPORTED_REQUESTS = ("INFO", "NOTIFY")
#: States of a stream that exists, on hold or not.
_STREAMING = (pj.PJSUA_CALL_MEDIA_ACTIVE, pj.PJSUA_CALL_MEDIA_LOCAL_HOLD, pj.PJSUA_CALL_MEDIA_REMOTE_HOLD)


class LegState(enum.Enum):
    """Where a leg is; changed in DialogLeg._enter only."""

    EARLY = enum.auto()
    CONFIRMED = enum.auto()
    ENDED = enum.auto()


class DialogLeg(pj.Call):
    """One dialog. After ENDED nothing may touch it: its slot may belong to another dialog."""

    def __init__(
        self, legs: Legs, account: pj.Account, call: str, side: Leg, media: MediaOffer, slot: int = pj.PJSUA_INVALID_ID
    ) -> None:
        pj.Call.__init__(self, account, slot)
        self.call = call
        self.side = side
        self.media = media
        """What our descriptions say."""
        self.state = LegState.EARLY
        self._legs: Legs | None = legs
        self._description = LocalDescription(int(time.time()))
        self._offered = ""
        """The description in the last request that may carry an offer."""
        self._agreed = False
        """An offer has been answered."""
        self._sending = False
        """A call to sendRequest has not returned."""
        self._clues = Clues()

    def _enter(self, state: LegState) -> None:
        self.state = state

    # what the worker does with it

    def ring(self, legs: Legs, invite: str) -> bool:
        """Answer 180 to the INVITE; false when its offer cannot be used, and the leg is about to be refused.

        Not here: pjsip aborts when a call ends inside onIncomingCall.
        """
        self._offered = description(invite)
        if self._offered and not self._usable(legs, self._offered):
            legs.doom(self, pj.PJSIP_SC_NOT_ACCEPTABLE_HERE)
            return False
        self.answer(parameters.answer(pj.PJSIP_SC_RINGING))
        return True

    def request(self, request: Any) -> None:
        """Send a request inside the dialog. Raises pj.Error; what pjsip says of the same failure is not reported."""
        self._sending = True
        try:
            self.sendRequest(request)
        finally:
            self._sending = False

    def end(self, option: Any) -> None:
        """Hang up. Raises pj.Error."""
        if self.side is Leg.ENGINE and self.state is LegState.EARLY and self._legs is not None:
            with self._legs.library.cancelling():
                self.hangup(option)
        else:
            self.hangup(option)

    def give_up(self, status: int, reason: str) -> None:
        """pjsip has dropped the dialog and will not call onCallState for it."""
        if self._legs is not None:
            self._end(self._legs, Ending(False, status, reason), freed=0)

    def _end(self, legs: Legs, how: Ending, freed: int) -> None:
        """Say how the leg ended, and cut every reference, so that this object is freed when the director returns."""
        confirmed = self.state is LegState.CONFIRMED
        self._enter(LegState.ENDED)
        self._legs = None
        legs.forget(self, confirmed)
        legs.report_slots(freed)
        legs.report(LegEnded(self.call, self.side, how.by_peer, how.status, how.reason, how.headers))

    def _condemn(self, status: int, reason: str) -> None:
        """End the leg at once, for a reason of our own."""
        self._clues.verdict = (status, reason)
        self.end(parameters.answer(0))

    # Directors: called by pjsip, some of them while one of our own calls into it has not returned.

    @director
    def onCallState(self, legs: Legs, prm: Any) -> None:
        """The dialog's state changed."""
        info = self.getInfo()
        if info.state == pj.PJSIP_INV_STATE_DISCONNECTED:
            # A slot is free once pjsip returns from here, unless it is we who hang up: then it waits for the answer.
            freed = 0 if prm.e.type == pj.PJSIP_EVENT_USER else 1
            self._end(legs, ending(prm.e, info.lastStatusCode, self._clues), freed)
        elif info.state == pj.PJSIP_INV_STATE_CONFIRMED and self.state is LegState.EARLY:
            self._enter(LegState.CONFIRMED)
            if self._agreed:
                legs.report(LegAnswered(self.call, self.side))
            else:
                self._condemn(488, "no answer to our offer, or none that can be used")

    @director
    def onCallTsxState(self, legs: Legs, prm: Any) -> None:
        """A transaction inside the dialog changed."""
        change = prm.e.body.tsxState
        if change.tsx.role == pj.PJSIP_ROLE_UAC:
            self._response(legs, change)
        elif change.type == pj.PJSIP_EVENT_RX_MSG:
            self._request(change.tsx.method, change.src.rdata.wholeMsg)

    def _request(self, method: str, message: str) -> None:
        if method in ("BYE", "CANCEL"):
            self._clues.farewell = (method, message)
        elif method in ("INVITE", "UPDATE"):
            self._offered = description(message)

    def _response(self, legs: Legs, change: Any) -> None:
        method, status = change.tsx.method, change.tsx.statusCode
        if status in (408, 481) and method != "BYE":
            self._clues.lost_request = status
        if method == "INVITE":
            if self.state is LegState.EARLY and change.type == pj.PJSIP_EVENT_RX_MSG and 100 < status < 200:
                self._provisional(legs, status, change.src.rdata.wholeMsg)
        elif method in _REPORTED_REQUESTS and not self._sending and _is_final(change):
            legs.report(RequestAnswered(self.call, self.side, method, status))

    def _provisional(self, legs: Legs, status: int, message: str) -> None:
        if description(message) and not self._agreed:
            # pjsip would go on after an early answer it could not use, and abort when another one comes.
            self._condemn(488, "an answer to our offer that cannot be used")
        else:
            legs.report(LegRinging(self.call, self.side, status))

    # offers and answers

    @director
    def onCallRxOffer(self, legs: Legs, prm: Any) -> None:
        """A re-INVITE or UPDATE brings an offer: 488 to one that cannot be used, and what was agreed before stays."""
        if not self._usable(legs, prm.offer.wholeSdp or self._offered):
            prm.statusCode = pj.PJSIP_SC_NOT_ACCEPTABLE_HERE

    def _usable(self, legs: Legs, offer: str) -> bool:
        try:
            return RemoteMedia.parse(offer).choose(self.media.codecs) is not None
        except InvalidSdp as exc:
            legs.log("warning", f"an offer is refused: {exc}")
            return False

    @director
    def onCallSdpCreated(self, legs: Legs, prm: Any) -> None:
        """pjsip has made a description: ours goes out instead."""
        try:
            offered = prm.remSdp.wholeSdp or self._offered  # pjsua2 shows "" for one of more than 1,024 bytes
            if offered:
                prm.sdp.wholeSdp = self._description.answer(offered, self.media)
            else:
                prm.sdp.wholeSdp = self._description.offer(self.media, prm.sdp.wholeSdp)
        except InvalidSdp as exc:
            legs.log("warning", f"an offer cannot be answered: {exc}")
            legs.doom(self, pj.PJSIP_SC_NOT_ACCEPTABLE_HERE)

    @director
    def onCallMediaState(self, legs: Legs, prm: Any) -> None:
        """An offer and an answer are agreed."""
        self._agreed = True
        info = self.getInfo()
        legs.report(self._media(info))

    def _media(self, info: Any) -> LegMedia:
        for media in info.media:
            if media.type == pj.PJMEDIA_TYPE_AUDIO and media.status in _STREAMING:
                # pjmedia makes no stream for audio that was never active.
                with contextlib.suppress(pj.Error):
                    return self._from_stream(self.getStreamInfo(media.index))
        codec = self.media.codecs[0]
        return LegMedia(self.call, self.side, NO_ADDRESS, 0, codec, self.media.telephone_event, Direction.INACTIVE)

    def _from_stream(self, stream: Any) -> LegMedia:
        address, _, port = stream.remoteRtpAddress.rpartition(":")
        events = stream.audTxEventPt if self.media.telephone_event is not None else -1
        sends = bool(stream.dir & pj.PJMEDIA_DIR_ENCODING)
        receives = bool(stream.dir & pj.PJMEDIA_DIR_DECODING)
        return LegMedia(
            self.call,
            self.side,
            address,
            int(port),
            Codec(stream.codecName.upper()),
            events if events >= 0 else None,
            Direction.of(sends, receives),
        )

    # What could take slots or answer in our name is refused.

    def onCallTransferRequest(self, prm: Any) -> None:
        """REFER: the edge answers it; by default pjsip would place a call of its own."""
        prm.statusCode = pj.PJSIP_SC_DECLINE

    def onCallReplaceRequest(self, prm: Any) -> None:
        """An INVITE with Replaces (RFC 3891): by default pjsip would make it take this dialog's place."""
        prm.statusCode = pj.PJSIP_SC_DECLINE

    def onCallRedirected(self, prm: Any) -> int:
        """A 3xx: the leg ends with it; the bridge decides where else to call."""
        return int(pj.PJSIP_REDIRECT_REJECT)


def _is_final(change: Any) -> bool:
    """The transaction has just got its final response, or has given up."""
    if change.tsx.statusCode < 200:
        return False
    if change.tsx.state == pj.PJSIP_TSX_STATE_COMPLETED:
        return True
    terminated = change.tsx.state == pj.PJSIP_TSX_STATE_TERMINATED
    return bool(terminated and change.prevState != pj.PJSIP_TSX_STATE_COMPLETED)
