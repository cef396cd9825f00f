"""The endpoint for the recording of a call: paused and resumed by bots and operators, played by operators."""

from aiohttp import hdrs, web

from bridge.admin.access import Scope
from bridge.admin.audit import Audit
from bridge.admin.bodies import read_recording
from bridge.admin.caller import caller_of
from bridge.admin.live_calls import LiveCalls
from bridge.admin.route import Reply, Route
from bridge.errors import ApiRefused, OrderRefused
from bridge.recordings.recordings import Recordings


class RecordingEndpoints:
    """GET answers for calls that are over, too."""

    def __init__(self, calls: LiveCalls, recordings: Recordings, audit: Audit) -> None:
        self._calls = calls
        self._recordings = recordings
        self._audit = audit

    def routes(self) -> tuple[Route, ...]:
        """Where they are."""
        path = "/v1/calls/{id}/recording"
        return (
            Route("GET", path, Scope.ADMIN, self._play, page=True),
            Route("POST", path, Scope.ENGINE, self._order),
        )

    async def _play(self, request: web.Request) -> Reply:
        """The WAV file, or the range that is asked for; of a call that goes on what there is so far."""
        id = request.match_info["id"]
        path = await self._recordings.find(id)
        if path is None:
            raise ApiRefused(404, "no_recording", "there is no recording of this call, or not any more")
        if request.headers.get(hdrs.RANGE, "bytes=0-").startswith("bytes=0-"):  # players ask for the rest bit by bit
            self._audit.note(caller_of(request), "play_recording", id, call=id)
        headers = {hdrs.CONTENT_TYPE: "audio/wav", hdrs.CACHE_CONTROL: "private, no-cache"}
        return web.FileResponse(path, headers=headers)

    async def _order(self, request: web.Request) -> Reply:
        paused = read_recording(await request.read())
        id, caller = request.match_info["id"], caller_of(request)
        call = self._calls.call(id)
        if call is None:
            raise ApiRefused(404, "unknown_call", "no call with this id is going on")
        bot = caller.scope is Scope.ENGINE
        try:
            state = call.record(paused, "bot" if bot else "operator")
        except OrderRefused as exc:
            raise ApiRefused(409, exc.code, exc.message) from exc
        if not bot:
            self._audit.note(caller, "pause_recording" if paused else "resume_recording", id, call=id)
        return 200, {"call": id, "recording": state}
