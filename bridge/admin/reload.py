"""The endpoint for other settings while the bridge runs: what a reload would change, and the reload."""

from collections.abc import Sequence
from typing import Any

from aiohttp import web

from bridge.admin.access import Scope
from bridge.admin.bodies import read_nothing
from bridge.admin.caller import caller_of
from bridge.admin.instants import instant
from bridge.admin.route import Reply, Route
from bridge.errors import ReloadRefused
from bridge.reload.plan import Change
from bridge.reload.reloader import Reloader
from bridge.reload.words import sentence

#: What a refusal's code is answered with: the file is at fault, or the moment.
_STATUS = {"draining": 409}
_UNPROCESSABLE = 422


class ReloadEndpoints:
    """GET shows, POST does."""

    def __init__(self, reloader: Reloader) -> None:
        self._reloader = reloader

    def routes(self) -> tuple[Route, ...]:
        """Where they are."""
        path = "/v1/reload"
        return (Route("GET", path, Scope.ADMIN, self._look), Route("POST", path, Scope.ADMIN, self._reload))

    async def _look(self, request: web.Request) -> Reply:
        try:
            return 200, self._told(await self._reloader.look())
        except ReloadRefused as exc:
            return refusal(exc)

    async def _reload(self, request: web.Request) -> Reply:
        read_nothing(await request.read())
        try:
            return 200, self._told(await self._reloader.reload(str(caller_of(request))))
        except ReloadRefused as exc:
            return refusal(exc)

    def _told(self, found: Sequence[Change]) -> dict[str, Any]:
        standing = self._reloader.standing
        return {
            "generation": standing.generation,
            "since": instant(standing.since),
            "needs_restart": any(change.needs_restart for change in found),
            "changes": [
                {
                    "setting": ".".join(change.path),
                    "what": change.what.value,
                    "needs_restart": change.needs_restart,
                    "message": sentence(change),
                }
                for change in found
            ],
        }


def refusal(refused: ReloadRefused) -> Reply:
    """An error with all that is wrong."""
    error = {"code": refused.code, "message": refused.message, "problems": list(refused.problems)}
    return _STATUS.get(refused.code, _UNPROCESSABLE), {"error": error}
