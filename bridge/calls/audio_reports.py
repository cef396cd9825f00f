"""[sans-IO] What the media process reports of a call's audio: an entry of its timeline, and an event of the call."""

from collections.abc import Mapping

from bridge.calls import events as ev
from bridge.calls.timeline import Fact
from bridge.media.messages import AudioStarted, DeadAir, DtmfReceived, RtpTimedOut, SessionRefused

AudioReport = AudioStarted | DtmfReceived | RtpTimedOut | DeadAir | SessionRefused


def entry_of(event: AudioReport) -> tuple[str, Mapping[str, Fact]]:
    """Its name and facts."""
    match event:
        case AudioStarted(side=side):
            return "audio_started", {"side": side}
        case DtmfReceived(side=side):
            return "dtmf", {"side": side}  # not which key: it may belong to a card number
        case RtpTimedOut(side=side, silent_s=silent_s):
            return "rtp_timed_out", {"side": side, "silent_s": round(silent_s, 1)}
        case DeadAir(side=side, silent_s=silent_s, last=last):
            return "dead_air", {"side": side, "silent_s": round(silent_s, 1), "last": last}
        case SessionRefused(reason=reason):
            return "audio_lost", {"reason": reason}


def call_event_of(event: AudioReport) -> ev.CallEvent | None:
    """What it is to the call; None: nothing."""
    match event:
        case RtpTimedOut(side=side):
            return ev.AudioTimedOut(side)
        case DeadAir(side=side, silent_s=silent_s, last=last):
            return ev.DeadAir(side, silent_s, last)
        case SessionRefused():
            return ev.PartFailed()
        case _:
            return None
