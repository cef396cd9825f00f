"""The pjsip endpoint of a worker: signalling only, one UDP socket on loopback, one account."""

from typing import Any

import pjsua2.pjsua2 as pj

from sip.channel import MEDIA_OFFER
from sip.errors import InvalidFrame
from sip.messages import CALL_HEADER, MEDIA_HEADER, WORKER_PARAMETER, InviteArrived, Leg, LegEnded
from sip.worker.leg import DialogLeg
from sip.worker.legs import Legs, director
from sip.worker.library import CLOCK_RATE, FRAME_MS, Library
from sip.worker.received import header, readable
from sip.zygote import SHORTEST_SESSION_S, WorkerSettings

_LOOPBACK = "127.0.0.1"
#: What of pjsip's own log is kept: 1 are errors, 2 warnings.
_LOG_LEVEL = 2
#: How much of a line of pjsip's is kept; what follows can be a whole message with a customer's number in it.
_LOG_LENGTH = 200
#: How many lines of pjsip's are kept each time it wakes up.
_LOG_LINES = 10
#: What pjsip puts before a line: the name of its module (PJ_LOG_HAS_SENDER, PJ_LOG_HAS_SPACE of pj/log.h).
_LOG_DECOR = 64 | 512


class LogLines(pj.LogWriter):
    """Sends pjsip's errors and warnings to the bridge's log; a message of a thousand faults does not flood it."""

    def __init__(self, legs: Legs) -> None:
        pj.LogWriter.__init__(self)
        self._legs = legs
        self._left = _LOG_LINES

    def begin_turn(self) -> None:
        """Lines may be written again."""
        self._left = _LOG_LINES

    @director
    def write(self, legs: Legs, entry: Any) -> None:
        """One entry of pjsip's log; only its first line is kept."""
        self._left -= 1
        if self._left >= 0:
            line = readable(entry.msg).strip().partition("\n")[0][:_LOG_LENGTH]
            legs.log("warning", f"pjsip: {line}")


class WorkerEndpoint(pj.Endpoint):
    """The library itself."""

    def __init__(self, legs: Legs) -> None:
        pj.Endpoint.__init__(self)
        self._legs = legs

    @director
    def onRejectedIncomingCall(self, legs: Legs, prm: Any) -> None:
        """pjsip refused an INVITE by itself: no slot, a bad description, too short a session interval."""
        call = header(prm.rdata.wholeMsg, CALL_HEADER)
        status, reason = int(prm.statusCode), readable(prm.reason) or "refused by the library"
        leg = legs.get(call, Leg.CUSTOMER)
        if leg is not None:
            if leg.getId() == prm.callId:
                leg.give_up(status, reason)
        elif call and (call, Leg.CUSTOMER) not in legs.ended:
            legs.report(LegEnded(call, Leg.CUSTOMER, by_peer=False, status=status, reason=reason))


class BridgeAccount(pj.Account):
    """Takes the INVITEs that the edge sends here."""

    def __init__(self, legs: Legs) -> None:
        pj.Account.__init__(self)
        self._legs = legs

    @director
    def onIncomingCall(self, legs: Legs, prm: Any) -> None:
        """An INVITE outside a dialog; pjsip answers 500 when no Call is made for it here."""
        try:
            message = prm.rdata.wholeMsg
            call = header(message, CALL_HEADER)
            media = MEDIA_OFFER.decode(header(message, MEDIA_HEADER).encode())
            if legs.get(call, Leg.CUSTOMER):
                legs.log("warning", f"an INVITE for a call that has its dialog: {call}")
                return
            leg = DialogLeg(legs, self, call, Leg.CUSTOMER, media, prm.callId)
            legs.add(leg)
            if leg.ring(legs, message):
                legs.report(InviteArrived(call))
        except InvalidFrame as exc:
            legs.log("warning", f"an INVITE without our media: {exc}")
        except pj.Error as exc:
            legs.log("warning", f"an INVITE could not be taken: {exc.info()}")

    def onIncomingSubscribe(self, prm: Any) -> None:
        """SUBSCRIBE: by default pjsip would accept it."""
        prm.code = pj.PJSIP_SC_BAD_EVENT

    def onInstantMessage(self, prm: Any) -> None:
        """MESSAGE: pjsip answers 200 whatever is done here; the edge lets none through."""


class WorkerStack:
    """Everything of pjsip's that must live as long as the worker."""

    def __init__(self, settings: WorkerSettings, worker: int, legs: Legs, library: Library) -> None:
        self.endpoint = WorkerEndpoint(legs)
        self.endpoint.libCreate()
        self.log_lines = LogLines(legs)
        self.endpoint.libInit(_endpoint_config(settings, self.log_lines))
        library.limit_transactions(settings.transaction_timeout_s)
        self.port = self._listen()
        self.endpoint.libStart()
        library.open_conference()
        self.account = BridgeAccount(legs)
        self.account.create(_account_config(settings, worker), True)

    def _listen(self) -> int:
        transport = pj.TransportConfig()
        transport.boundAddress = _LOOPBACK
        transport.port = 0
        number = self.endpoint.transportCreate(pj.PJSIP_TRANSPORT_UDP, transport)
        info = self.endpoint.transportGetInfo(number)
        return int(info.localAddress.rpartition(":")[2])


def _endpoint_config(settings: WorkerSettings, log_lines: LogLines) -> Any:
    config = pj.EpConfig()
    config.uaConfig.threadCnt = 0
    config.uaConfig.mainThreadOnly = True
    config.uaConfig.userAgent = settings.user_agent
    config.uaConfig.natTypeInSdp = 0
    config.medConfig.hasIoqueue = False
    config.medConfig.threadCnt = 0
    config.medConfig.clockRate = CLOCK_RATE
    config.medConfig.audioFramePtime = FRAME_MS
    config.medConfig.noVad = True
    config.medConfig.ecTailLen = 0
    config.logConfig.level = _LOG_LEVEL
    config.logConfig.consoleLevel = _LOG_LEVEL
    config.logConfig.msgLogging = 0
    config.logConfig.decor = _LOG_DECOR
    config.logConfig.writer = log_lines
    return config


def _account_config(settings: WorkerSettings, worker: int) -> Any:
    """To be made after libCreate: before it, session timers come out as off."""
    config = pj.AccountConfig()
    config.idUri = f"sip:bridge@{_LOOPBACK}"
    config.sipConfig.proxies.append(f"sip:{_LOOPBACK}:{settings.inside_port};lr")
    config.sipConfig.contactForced = f"<sip:bridge@{settings.contact};{WORKER_PARAMETER}={worker}>"
    min_se = max(settings.min_se_s, SHORTEST_SESSION_S)
    config.callConfig.timerUse = pj.PJSUA_SIP_TIMER_OPTIONAL
    config.callConfig.timerMinSESec = min_se
    config.callConfig.timerSessExpiresSec = max(settings.session_expires_s, min_se)
    config.callConfig.prackUse = pj.PJSUA_100REL_OPTIONAL
    config.mediaConfig.useLoopMedTp = True
    config.mediaConfig.enableLoopback = False
    config.mediaConfig.lockCodecEnabled = False
    config.natConfig.contactRewriteUse = 0
    config.natConfig.viaRewriteUse = 0
    config.natConfig.sdpNatRewriteUse = 0
    return config
