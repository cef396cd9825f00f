"""Requests to LiveVox that are made for a call, and their answers, into the journal."""

from collections.abc import Callable
from time import time

from bridge.capture.call_messages import CallMessages
from bridge.capture.rest_text import answer_text, request_text
from bridge.journal.records import MessageSeen
from bridge.livevox.call_at_hand import CALL_AT_HAND
from bridge.livevox.transport import Exchange


class RestCapture:
    """Hears of every exchange with LiveVox, in the task that made it."""

    def __init__(self, messages: CallMessages, peer: Callable[[], str]) -> None:
        """`peer`: host and port of LiveVox's API."""
        self._messages = messages
        self._peer = peer
        self._last: dict[str, tuple[str, str]] = {}
        """Of each call: the last request, and what was answered."""

    def heard(self, exchange: Exchange) -> None:
        """A request has ended. One that asks and is told the same as the one before is not kept: LiveVox is polled."""
        call, now = CALL_AT_HAND.get(), time()
        if not call or exchange.request is None or not self._messages.wanted():
            return
        asked = request_text(exchange.request)
        told = answer_text(exchange.request, exchange.status, exchange.ms, exchange.error, exchange.answer)
        same = asked, told.partition("\n")[2] if exchange.status else told
        if self._last.get(call) == same and exchange.error is None:
            return
        self._last[call] = same
        began = now - exchange.ms / 1000
        peer = self._peer()
        self._messages.keep(MessageSeen(call, began, "rest", "", True, peer, asked))
        self._messages.keep(MessageSeen(call, now, "rest", "", False, peer, told))

    def closed(self, call: str) -> None:
        """Nothing more will come of this call."""
        self._last.pop(call, None)
