"""The edge's messages on their way to Homer: what may be shown of each, with the call it belongs to."""

import asyncio
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass
from time import time
from types import TracebackType
from typing import Self

from bridge.capture.sip_text import sip_text
from bridge.hep.packet import Captured, hep3
from bridge.hep.sender import HepSender, HepServer
from sip.dispatch import Dialog

#: An INVITE comes before its call is known: a message waits so long for one, in seconds.
WAIT_S = 1.0
#: So many wait at once; further ones go without a call.
MAX_EARLY = 1_000
#: The answer to a BYE may come when the call is forgotten already: so many dialogs are remembered.
MAX_KNOWN = 8_192


@dataclass(frozen=True, slots=True)
class _Heard:
    at: float
    due: float
    """When it waits no longer, on the loop's clock."""
    sip_call_id: str
    sent: bool
    peer: tuple[str, int]
    datagram: bytes


class HepTap:
    """A sip.tap.Tap: `async with HepTap(…) as tap:`"""

    def __init__(self, server: HepServer, ours: tuple[str, int], dialog: Callable[[str], Dialog | None]) -> None:
        """`ours`: our own address on the outside; `dialog`: whose a Call-ID is."""
        self.sender = HepSender(server)
        self._server = server
        self._ours = ours
        self._dialog = dialog
        self._early: deque[_Heard] = deque()
        self._calls: OrderedDict[str, str] = OrderedDict()
        self._timer: asyncio.TimerHandle | None = None

    async def __aenter__(self) -> Self:
        self.sender.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Send what waits, if there is somebody to take it."""
        if self._timer is not None:
            self._timer.cancel()
        while self._early:
            self._send(self._early.popleft())
        await self.sender.stop()

    def __call__(self, sip_call_id: str, sent: bool, peer: tuple[str, int], datagram: bytes) -> None:
        """A message of the outside socket."""
        loop = asyncio.get_running_loop()
        heard = _Heard(time(), loop.time() + WAIT_S, sip_call_id, sent, peer, datagram)
        if self._call(sip_call_id) or len(self._early) >= MAX_EARLY:
            self._send(heard)
            return
        self._early.append(heard)
        if self._timer is None:
            self._timer = loop.call_at(heard.due, self._look)

    def _look(self) -> None:
        """Those whose time is up go, with a call or without."""
        self._timer, now = None, asyncio.get_running_loop().time()
        while self._early and self._early[0].due <= now:
            self._send(self._early.popleft())
        if self._early:
            self._timer = asyncio.get_running_loop().call_at(self._early[0].due, self._look)

    def _call(self, sip_call_id: str) -> str:
        """Our id of the call; empty: it is none, or not yet."""
        dialog = self._dialog(sip_call_id)
        if dialog is None:
            return self._calls.get(sip_call_id, "")
        self._calls[sip_call_id] = dialog.call
        if len(self._calls) > MAX_KNOWN:
            self._calls.popitem(last=False)
        return dialog.call

    def _send(self, heard: _Heard) -> None:
        source, destination = (self._ours, heard.peer) if heard.sent else (heard.peer, self._ours)
        shown = sip_text(heard.datagram).replace("\n", "\r\n").encode()
        message = Captured(heard.at, source, destination, shown, self._call(heard.sip_call_id))
        self.sender.send(hep3(message, self._server.capture_id, self._server.key))
