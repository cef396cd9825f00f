"""How a leg ended, from what pjsip says when its dialog is disconnected."""

from dataclasses import dataclass, field
from typing import Any

import pjsua2.pjsua2 as pj

from sip.messages import Header
from sip.worker.received import readable, reported_headers


@dataclass(frozen=True)
class Ending:
    """The fields of a LegEnded but for whose leg it is."""

    by_peer: bool
    status: int
    reason: str
    headers: tuple[Header, ...] = ()


@dataclass
class Clues:
    """What was seen of a dialog before its end and tells who ended it, and why."""

    farewell: tuple[str, str] | None = None
    """Method and text of the BYE or CANCEL that the other side sent."""
    lost_request: int = 0
    """Status of the last request inside the dialog that nobody answered (408), or that met no dialog (481)."""
    verdict: tuple[int, str] | None = field(default=None)
    """Status and reason, when the worker itself decided to end the leg."""


def ending(event: Any, last_status: int, clues: Clues) -> Ending:
    """Read the pj.SipEvent of the last onCallState; `last_status` is the call's own."""
    if event.type == pj.PJSIP_EVENT_USER:
        return Ending(False, *(clues.verdict or (last_status, "hung up")))
    if clues.farewell:
        method, message = clues.farewell
        return Ending(True, 200 if method == "BYE" else 487, f"{method} received", reported_headers(message))
    if event.type != pj.PJSIP_EVENT_TSX_STATE:
        return Ending(False, 500, "ended by the library")
    change = event.body.tsxState
    if change.tsx.method == "BYE":
        return _ended_by_library(clues)
    status, reason = change.tsx.statusCode, readable(change.tsx.statusText)
    if change.type == pj.PJSIP_EVENT_RX_MSG:
        return Ending(True, status, reason, reported_headers(change.src.rdata.wholeMsg))
    return Ending(False, status, reason)


def _ended_by_library(clues: Clues) -> Ending:
    """pjsip sent a BYE of its own: no answer to a request, 481 to one, or no session refresh in time."""
    if clues.lost_request == 481:
        return Ending(True, 481, "the other side knows no such dialog")
    return Ending(False, 408, "no answer to a request" if clues.lost_request else "no session refresh")
