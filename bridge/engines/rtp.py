"""The RTP dialect: a speech engine with an RTP socket of its own, told of calls by HTTP POST.

`bridge.engines.rtp_messages` has what is said. Every request is signed (`bridge.engines.signing`). The bot says its
verdict by the bridge's own API, the URL of which comes with the call; the audio is relayed untouched.
"""

import asyncio
import enum
from collections import deque
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from functools import partial
from time import time
from typing import Any

import structlog
from multidict import CIMultiDict

from bridge.call_facts import ScreenPopRows
from bridge.engines.connection import EngineCall
from bridge.engines.events import EngineEnded, EngineEvent, EngineFailed, EngineNote, EngineReady, Fate
from bridge.engines.http_client import EngineHttp, HttpAnswer
from bridge.engines.rtp_messages import call_message, encoded, engine_media, screen_pop_message
from bridge.engines.signing import signed_headers
from bridge.errors import EngineDeclined, EngineUnreachable
from bridge.media.stream_messages import StreamEvent
from sip.messages import Event, MediaOffer

log = structlog.get_logger()

#: A notice is sent again once, after so long, unless the engine has refused it.
AGAIN_AFTER_S = 0.5
#: An engine that is this slow to take notices is not waited for.
NOTICE_LIMIT_S = 5.0


@dataclass(frozen=True)
class RtpEngineSettings:
    """[engines.NAME] with kind = "rtp"."""

    url: str
    secret: str = field(repr=False)
    """Signs every request; empty: they are not signed."""
    api_url: str
    """Where the engine finds the bridge's API: [admin] public_url."""
    timeout_s: float = 5.0
    """For the answer to a call."""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    """More headers for every request."""


class _Phase(enum.Enum):
    """Where the connection is."""

    CONNECTING = enum.auto()
    READY = enum.auto()
    OVER = enum.auto()


class RtpEngine:
    """An engine for one call: requests out, in order, one at a time; what they come to is reported.

    The requests are tasks of `http` and not of the call: "ended" must reach the engine although the call is over.
    """

    def __init__(self, settings: RtpEngineSettings, http: EngineHttp, call: EngineCall) -> None:
        self._settings = settings
        self._http = http
        self._call = call.facts
        self._traceparent = call.traceparent
        self._report = call.report
        self._phase = _Phase.CONNECTING
        self._answered = False
        self._waiting: deque[Callable[[], Coroutine[Any, Any, None]]] = deque()
        self._working = False

    def connect(self, media: MediaOffer) -> None:
        """POST "call"; EngineMedia and EngineReady follow, or EngineFailed."""
        self._then(partial(self._offer, media))

    def answered(self) -> None:
        """The customer is on the line; told once."""
        if self._answered:
            return
        self._answered = True
        self._tell({"event": "answered", "call": self._call.call})

    def screen_pop(self, pop: ScreenPopRows) -> None:
        """LiveVox's data of the customer."""
        self._tell(screen_pop_message(self._call.call, pop))

    def transfer_progress(self, status: int) -> None:
        """Only a transfer that failed is told: after any other the call ends."""
        if status >= 300:
            self._tell({"event": "transfer_failed", "call": self._call.call, "status": status})

    def dead_air(self, silent_s: float) -> None:
        """Nobody says anything."""
        self._tell({"event": "dead_air", "call": self._call.call, "silent_s": round(silent_s, 1)})

    def hang_up(self, fate: Fate) -> None:
        """Nothing of the engine is waited for. "ended" follows whatever is still on its way to it."""
        was = self._enter(_Phase.OVER)
        if was is _Phase.OVER:
            return
        ending: EngineEvent = EngineFailed("given up before it answered")
        if was is _Phase.READY:
            ending = EngineEnded(None, lost=False, reason=f"hung up: {fate}")
        # Not from inside this method: whoever gives it up is not done yet.
        asyncio.get_running_loop().call_soon(self._report, ending)
        self._tell_end(fate)

    def on_sip(self, event: Event) -> None:
        """An RTP engine has no SIP leg."""

    def on_stream(self, event: StreamEvent) -> None:
        """An RTP engine has no WebSocket."""

    def _enter(self, phase: _Phase) -> _Phase:
        """Returns the phase before."""
        was, self._phase = self._phase, phase
        return was

    # one request after the other

    def _tell(self, notice: Mapping[str, object]) -> None:
        if self._phase is not _Phase.OVER:
            self._then(partial(self._notify, notice))

    def _tell_end(self, fate: Fate) -> None:
        self._then(partial(self._notify, {"event": "ended", "call": self._call.call, "fate": str(fate)}))

    def _then(self, request: Callable[[], Coroutine[Any, Any, None]]) -> None:
        self._waiting.append(request)
        if not self._working:
            self._working = True
            self._http.start(f"requests to the RTP engine of {self._call.call}", self._work_off())

    async def _work_off(self) -> None:
        try:
            while self._waiting:
                await self._waiting.popleft()()
        finally:
            self._working = False

    async def _offer(self, media: MediaOffer) -> None:
        message = call_message(self._call, media, self._settings.api_url)
        try:
            answer = await self._post(message, self._settings.timeout_s)
            theirs = engine_media(answer.status, answer.content, answer.cut, media)
        except (EngineDeclined, EngineUnreachable) as exc:
            self._refused(exc)
            return
        if self._phase is _Phase.CONNECTING:
            self._enter(_Phase.READY)
            self._report(theirs)
            self._report(EngineReady())

    def _refused(self, why: EngineDeclined | EngineUnreachable) -> None:
        certain = isinstance(why, EngineUnreachable) and not why.maybe_done
        certain = certain or (isinstance(why, EngineDeclined) and not why.maybe_taken)
        if certain:
            self._waiting.clear()  # it knows nothing of the call that could end
        if self._phase is _Phase.CONNECTING:
            self._enter(_Phase.OVER)
            if not certain:
                self._tell_end(Fate.ENGINE_UNAVAILABLE)
            self._report(EngineFailed(str(why)))

    async def _notify(self, notice: Mapping[str, object]) -> None:
        """Best effort: the call goes on without it."""
        cause = ""
        for again in (False, True):
            if again:
                await asyncio.sleep(AGAIN_AFTER_S)
            try:
                answer = await self._post(notice, NOTICE_LIMIT_S)
            except EngineUnreachable as exc:
                cause = exc.cause
                continue
            if answer.status < 300:
                return
            cause = f"the engine answered {answer.status}"
            if answer.status < 500:
                break
        log.warning("engine_notice_lost", call=self._call.call, notice=notice["event"], cause=cause)
        if self._phase is _Phase.READY:
            self._report(EngineNote("engine_notice_lost", {"notice": str(notice["event"]), "cause": cause}))

    async def _post(self, message: Mapping[str, object], timeout_s: float) -> HttpAnswer:
        body = encoded(message)
        headers = CIMultiDict(self._settings.headers)
        if self._traceparent:
            headers["traceparent"] = self._traceparent
        headers.update(signed_headers(self._settings.secret, int(time()), body))
        return await self._http.post(self._settings.url, headers, body, timeout_s=timeout_s)
