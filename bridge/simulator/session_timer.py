"""[sans-IO] The session timer that two ends have agreed on (RFC 4028)."""

import re
from dataclasses import dataclass

from bridge.simulator.sip_text import Request, Response
from sip.messages import Header

_SESSION_EXPIRES = re.compile(r"(\d{1,9})\s*((?:;.*)?)")
_REFRESHER = re.compile(r";\s*refresher\s*=\s*(uac|uas)\b", re.IGNORECASE)


@dataclass(frozen=True)
class SessionInterval:
    """How long the session lives without a refresh, and who must refresh it."""

    seconds: int
    we_refresh: bool

    @property
    def acts_after(self) -> float:
        """Seconds after the last refresh when we must act: refresh at half time, or hang up shortly before the end.

        RFC 4028 section 10.
        """
        return self.seconds / 2 if self.we_refresh else self.seconds - min(32, self.seconds / 3)


def read_interval(message: Request | Response, we_are_uac: bool) -> SessionInterval | None:
    """What a 2xx, or the request it answers, says of the timer; None when it says nothing.

    `we_are_uac`: the request was ours. A missing refresher is the UAC in a request we answer.
    """
    found = _SESSION_EXPIRES.fullmatch((message.first("Session-Expires") or "").strip())
    if found is None or int(found[1]) == 0:
        return None
    refresher = _REFRESHER.search(found[2])
    uac_refreshes = refresher is None or refresher[1].lower() == "uac"
    return SessionInterval(int(found[1]), uac_refreshes == we_are_uac)


def offer_headers(seconds: int, we_refresh: bool) -> tuple[Header, ...]:
    """What our INVITE or UPDATE says: the interval and that we, or they, shall refresh it."""
    return (Header("Session-Expires", f"{seconds};refresher={'uac' if we_refresh else 'uas'}"),)


def answer_headers(interval: SessionInterval) -> tuple[Header, ...]:
    """What our 2xx says; the UAC must know of the timer when it shall refresh (RFC 4028 section 9)."""
    value = Header("Session-Expires", f"{interval.seconds};refresher={'uas' if interval.we_refresh else 'uac'}")
    return (value,) if interval.we_refresh else (Header("Require", "timer"), value)


def minimum(response: Response) -> int | None:
    """The Min-SE of a 422."""
    value = (response.first("Min-SE") or "").partition(";")[0].strip()
    return int(value) if value.isdecimal() and value.isascii() and len(value) < 10 else None
