"""SIP messages as they were on the outside wire, by Call-ID to their call, into the journal."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from time import time

from bridge.capture.call_messages import CallMessages
from bridge.capture.sip_text import sip_text
from bridge.journal.records import MessageSeen
from sip.dispatch import Dialog

#: An INVITE comes before its call is known: so many Call-IDs wait for one, and so many messages of each.
MAX_UNKNOWN = 256
MAX_EARLY = 8
#: The answer to a BYE may come when the call is forgotten already: so many dialogs are remembered.
MAX_KNOWN = 8_192


@dataclass(frozen=True, slots=True)
class _Heard:
    at: float
    sent: bool
    peer: tuple[str, int]
    datagram: bytes


class SipCapture:
    """A sip.tap.Tap. What never becomes a call's, a refused INVITE for example, is forgotten."""

    def __init__(self, messages: CallMessages, dialog: Callable[[str], Dialog | None]) -> None:
        """`dialog`: whose a Call-ID is."""
        self._messages = messages
        self._dialog = dialog
        self._unknown: OrderedDict[str, list[_Heard]] = OrderedDict()
        self._known: OrderedDict[str, Dialog] = OrderedDict()

    def __call__(self, sip_call_id: str, sent: bool, peer: tuple[str, int], datagram: bytes) -> None:
        """A message of the outside socket."""
        if not self._messages.wanted():
            return
        heard = _Heard(time(), sent, peer, datagram)
        dialog = self._whose(sip_call_id)
        if dialog is None:
            self._wait(sip_call_id, heard)
            return
        if self._unknown:
            for early in self._unknown.pop(sip_call_id, ()):
                self._keep(dialog, early)
        self._keep(dialog, heard)

    def _whose(self, sip_call_id: str) -> Dialog | None:
        dialog = self._dialog(sip_call_id)
        if dialog is None:
            return self._known.get(sip_call_id)
        self._known[sip_call_id] = dialog
        if len(self._known) > MAX_KNOWN:
            self._known.popitem(last=False)
        return dialog

    def _keep(self, dialog: Dialog, heard: _Heard) -> None:
        peer = f"{heard.peer[0]}:{heard.peer[1]}"
        text = sip_text(heard.datagram)
        self._messages.keep(MessageSeen(dialog.call, heard.at, "sip", dialog.leg.value, heard.sent, peer, text))

    def _wait(self, sip_call_id: str, heard: _Heard) -> None:
        waiting = self._unknown.get(sip_call_id)
        if waiting is None:
            waiting = self._unknown[sip_call_id] = []
            if len(self._unknown) > MAX_UNKNOWN:
                self._unknown.popitem(last=False)
        if len(waiting) < MAX_EARLY:
            waiting.append(heard)
