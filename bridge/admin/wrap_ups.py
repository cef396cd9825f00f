"""The endpoints for wrap-ups: which are under way, and one tried at once or, where it was given up, once more."""

from time import time

from aiohttp import web

from bridge.admin.access import Scope
from bridge.admin.audit import Audit
from bridge.admin.bodies import read_nothing
from bridge.admin.caller import caller_of
from bridge.admin.instants import instant
from bridge.admin.operators import only_parameters
from bridge.admin.overview import Overview
from bridge.admin.route import Reply, Route
from bridge.calls.pending_wrapup import Retry
from bridge.calls.states import CallState
from bridge.errors import ApiRefused, JournalUnusable, OrderRefused
from bridge.masks import without_customers

#: Everything else that forbids a retry is a conflict with how the call stands.
_STATUS = {"livevox_silent": 503}


class WrapUpEndpoints:
    """A retry never sets a disposition that LiveVox does not wait for."""

    def __init__(self, overview: Overview, audit: Audit) -> None:
        self._overview = overview
        self._audit = audit

    def routes(self) -> tuple[Route, ...]:
        """Where they are."""
        return (
            Route("GET", "/v1/wrap_ups", Scope.VIEW, self._pending),
            Route("POST", "/v1/calls/{id}/retry", Scope.ADMIN, self._retry),
        )

    async def _pending(self, request: web.Request) -> Reply:
        only_parameters(request)
        body = {"at": instant(time()), "wrap_ups": self._overview.wrap_ups()}
        return 200, dict(body if caller_of(request).sees_all else without_customers(body))

    async def _retry(self, request: web.Request) -> Reply:
        read_nothing(await request.read())
        call, caller = request.match_info["id"], caller_of(request)
        try:
            came_to = self._of_pending(call) or await self._of_closed(call)
        except OrderRefused as exc:
            self._audit.note(caller, "retry_wrap_up", call, exc.code, call=call)
            raise ApiRefused(_STATUS.get(exc.code, 409), exc.code, exc.message) from exc
        except JournalUnusable as exc:
            raise ApiRefused(503, "journal_unreadable", f"the journal cannot be read: {exc.reason}") from exc
        self._audit.note(caller, "retry_wrap_up", call, call=call)
        return 202, {"call": call, "accepted": True, "retry": came_to}

    def _of_pending(self, call: str) -> Retry | None:
        """What has come of it for a wrap-up that is under way; None: there is none."""
        parts = self._overview.parts
        live = parts.controller.call(call)
        if live is not None:
            if live.call.state is not CallState.ENDING or live.wrap_up.progress is None:
                raise OrderRefused("not_wrapping_up", "the call is not over: its disposition is set at its end")
            return _hastened(live.wrap_up.try_now())
        for each in (parts.recovery, parts.strays, parts.repeats):
            if (hastened := each.try_now(call)) is not None:
                return _hastened(hastened)
        return None

    async def _of_closed(self, call: str) -> Retry:
        parts = self._overview.parts
        if parts.draining.since is not None:
            raise OrderRefused("draining", "the bridge is about to stop: retry when it runs again")
        if not await parts.repeats.begin(call):
            raise ApiRefused(404, "unknown_call", "the journal has no call with this id")
        return Retry.REPEATED


def _hastened(hastened: bool) -> Retry:
    return Retry.NOW if hastened else Retry.UNDER_WAY
