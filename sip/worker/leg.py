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
    Header,
    Leg,
    LegAnswered,
    LegEnded,
    LegMedia,
    LegRinging,
    MediaOffer,
    RequestAnswered,
)
from sip.sdp import NO_ADDRESS, LocalDescription, RemoteMedia
from sip.worker.legs import Legs, director
from sip.worker.received import description, readable, reported_headers

#: Requests whose final response the bridge is told.
_REPORTED_REQUESTS = ("INFO", "NOTIFY")
#: States of a stream that exists, on hold or not.
_STREAMING = (pj.PJSUA_CALL_MEDIA_ACTIVE, pj.PJSUA_CALL_MEDIA_LOCAL_HOLD, pj.PJSUA_CALL_MEDIA_REMOTE_HOLD)


class LegState(enum.Enum):
    """Where a leg is; changed in DialogLeg._enter only."""

    EARLY = enum.auto()
    CONFIRMED = enum.auto()
    ABANDONED = enum.auto()
    #: Another leg has taken its place; pjsip still waits for its last response.
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
        """There was an answer to an offer."""
        self._verdict: tuple[int, str] | None = None
        """Why the leg is hung up, when it was this object that decided so."""
        self._sending = False
        """A call to sendRequest has not returned."""
        self._lost_request = 0
        """Status of the last request inside the dialog that nobody answered (408), or that met no dialog (481)."""
        self._farewell: tuple[str, str] | None = None
        """Method and text of the BYE or CANCEL that the other side sent."""

    def _enter(self, state: LegState) -> None:
        self.state = state

    def ring(self, legs: Legs, invite: str) -> bool:
        """Answer 180 to the INVITE; false when its offer cannot be used, and the leg is about to be refused.

        Not here: pjsip aborts when a call ends inside onIncomingCall.
        """
        self._offered = description(invite)
        if self._offered and not self._usable(legs, self._offered):
            legs.doom(self, pj.PJSIP_SC_NOT_ACCEPTABLE_HERE)
            return False
        ringing = pj.CallOpParam()
        ringing.statusCode = pj.PJSIP_SC_RINGING
        self.answer(ringing)
        return True

    # Directors: called by pjsip, some of them while one of our own calls into it has not returned.

    @director
    def onCallState(self, legs: Legs, prm: Any) -> None:
        """The dialog's state changed."""
        info = self.getInfo()
        if self.state is LegState.ABANDONED:
            self._end_abandoned(legs, info)
        elif info.state == pj.PJSIP_INV_STATE_CONFIRMED and self.state is LegState.EARLY:
            self._enter(LegState.CONFIRMED)
            legs.report(LegAnswered(self.call, self.side))
        elif info.state == pj.PJSIP_INV_STATE_DISCONNECTED:
            self._end(legs, prm.e, info)

    def _end(self, legs: Legs, event: Any, info: Any) -> None:
        """Say how the leg ended, and cut every reference, so that this object is freed when the director returns."""
        self._enter(LegState.ENDED)
        self._legs = None
        legs.forget(self)
        by_user = event.type == pj.PJSIP_EVENT_USER
        legs.report_slots(freed=0 if by_user else 1)
        legs.report(self._ended_by_us(info) if by_user else self._ended_by_event(event))

    def abandon(self, reason: str) -> None:
        """Another leg takes its place: its end is said now, and nothing more of it."""
        legs = self._legs
        if legs is None:
            return
        self._enter(LegState.ABANDONED)
        legs.abandon(self)
        legs.report_slots()
        legs.report(LegEnded(self.call, self.side, by_peer=False, status=487, reason=reason))

    def _end_abandoned(self, legs: Legs, info: Any) -> None:
        if info.state == pj.PJSIP_INV_STATE_CONFIRMED:
            self.hangup(pj.CallOpParam())  # its 200 crossed our CANCEL
        elif info.state == pj.PJSIP_INV_STATE_DISCONNECTED:
            self._enter(LegState.ENDED)
            self._legs = None
            legs.release(self)

    def give_up(self, status: int, reason: str) -> None:
        """pjsip has dropped the dialog and will not call onCallState for it."""
        legs = self._legs
        if legs is None:
            return
        self._enter(LegState.ENDED)
        self._legs = None
        legs.forget(self)
        legs.report_slots()
        legs.report(LegEnded(self.call, self.side, by_peer=False, status=status, reason=reason))

    def _ended_by_us(self, info: Any) -> LegEnded:
        status, reason = self._verdict or (info.lastStatusCode, "hung up")
        return LegEnded(self.call, self.side, by_peer=False, status=status, reason=reason)

    def _ended_by_event(self, event: Any) -> LegEnded:
        if self._farewell:
            method, message = self._farewell
            status = 200 if method == "BYE" else 487
            return LegEnded(self.call, self.side, True, status, f"{method} received", reported_headers(message))
        if event.type != pj.PJSIP_EVENT_TSX_STATE:
            return LegEnded(self.call, self.side, by_peer=False, status=500, reason="ended by the library")
        change = event.body.tsxState
        if change.tsx.method == "BYE":
            return self._ended_by_library()
        status, reason = change.tsx.statusCode, readable(change.tsx.statusText)
        if change.type == pj.PJSIP_EVENT_RX_MSG:
            headers = reported_headers(change.src.rdata.wholeMsg)
            return LegEnded(self.call, self.side, True, status, reason, headers)
        return LegEnded(self.call, self.side, False, status, reason)

    def _ended_by_library(self) -> LegEnded:
        """pjsip sent a BYE of its own: no answer to a request, 481 to one, or no session refresh in time."""
        if self._lost_request == 481:
            return LegEnded(self.call, self.side, by_peer=True, status=481, reason="the other side knows no dialog")
        reason = "no answer to a request" if self._lost_request else "no session refresh"
        return LegEnded(self.call, self.side, by_peer=False, status=408, reason=reason)

    @director
    def onCallTsxState(self, legs: Legs, prm: Any) -> None:
        """A transaction inside the dialog changed."""
        if self.state is LegState.ABANDONED:
            return
        change = prm.e.body.tsxState
        if change.tsx.role == pj.PJSIP_ROLE_UAC:
            self._response(legs, change)
        elif change.type == pj.PJSIP_EVENT_RX_MSG:
            self._request(change.tsx.method, change.src.rdata.wholeMsg)

    def _request(self, method: str, message: str) -> None:
        if method in ("BYE", "CANCEL"):
            self._farewell = (method, message)
        elif method in ("INVITE", "UPDATE"):
            self._offered = description(message)

    def _response(self, legs: Legs, change: Any) -> None:
        method, status = change.tsx.method, change.tsx.statusCode
        if status in (408, 481) and method != "BYE":
            self._lost_request = status
        if method == "INVITE":
            if self.state is LegState.EARLY and change.type == pj.PJSIP_EVENT_RX_MSG and status < 300:
                self._ringing(legs, status, change.src.rdata.wholeMsg)
        elif method in _REPORTED_REQUESTS and not self._sending and _is_final(change):
            legs.report(RequestAnswered(self.call, self.side, method, status))

    def _ringing(self, legs: Legs, status: int, message: str) -> None:
        """A response to our INVITE that may bring an answer: pjsip has looked at it already."""
        if description(message) and not self._agreed:
            # pjsip would go on after an early answer it could not use, and abort when another one comes.
            self._verdict = (488, "its answer to our offer cannot be used")
            self.hangup(pj.CallOpParam())
        elif 100 < status < 200:
            legs.report(LegRinging(self.call, self.side, status))

    def request(self, request: Any) -> None:
        """Send a request inside the dialog. Raises pj.Error; what pjsip says of the same failure is not reported."""
        self._sending = True
        try:
            self.sendRequest(request)
        finally:
            self._sending = False

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
        if self.state is not LegState.ABANDONED:
            legs.report(self._agreed(self.getInfo()))

    def _agreed(self, info: Any) -> LegMedia:
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


def sip_headers(headers: tuple[Header, ...]) -> Any:
    """The headers for a pj.SipTxOption; a line break in a value would begin another header, so it becomes a space."""
    vector = pj.SipHeaderVector()
    for header in headers:
        line = pj.SipHeader()
        line.hName = header.name
        line.hValue = " ".join(header.value.split())
        vector.append(line)
    return vector
