"""[sans-IO] Who is shown the messages that go over the outside wire, and how one that goes out names its dialog."""

import re
from typing import Protocol

_CALL_ID = re.compile(rb"\r\n(?:call-id|i)[ \t]*:[ \t]*+([^\r\n]*)", re.IGNORECASE)


class Tap(Protocol):
    """Sees each message, request or response, that the outside socket sends or takes from who is no stranger.

    It is called while calls wait: it must be quick, and must not raise.
    """

    def __call__(self, sip_call_id: str, sent: bool, peer: tuple[str, int], datagram: bytes) -> None:
        """`sip_call_id` as Dispatch knows it, empty in a message without one; `peer` is the other end."""


def all_of(*taps: Tap) -> Tap:
    """One that shows each message to all of them."""

    def show(sip_call_id: str, sent: bool, peer: tuple[str, int], datagram: bytes) -> None:
        for tap in taps:
            tap(sip_call_id, sent, peer, datagram)

    return show


def sip_call_id(datagram: bytes) -> str:
    """The Call-ID of a message of ours."""
    found = _CALL_ID.search(datagram, 0, _end_of_head(datagram))
    return found[1].strip().decode("latin-1") if found else ""


def _end_of_head(datagram: bytes) -> int:
    end = datagram.find(b"\r\n\r\n")
    return len(datagram) if end < 0 else end
