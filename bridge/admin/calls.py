"""The endpoints /v1/calls: what a bot, or an operator, may know of a call and do with it."""

from aiohttp import web

from bridge.admin.access import Scope
from bridge.admin.bodies import facts_body, read_digits, read_nothing, read_verdict
from bridge.admin.live_calls import LiveCalls, OrderableCall
from bridge.admin.route import Reply, Route
from bridge.dialects.kinds import DialectTerms
from bridge.errors import ApiRefused, OrderRefused
from bridge.verdicts import Complete, Verdict


class CallEndpoints:
    """All of them; each answers for a call that is going on, its disposition among what may still be."""

    def __init__(self, calls: LiveCalls, names: DialectTerms) -> None:
        """`names`: what a verdict may name; an error tells them."""
        self._calls = calls
        self._known = {"unknown_target": names.targets, "unknown_outcome": names.outcomes}

    def routes(self) -> tuple[Route, ...]:
        """Where they are."""
        path = "/v1/calls/{id}"
        return (
            Route("GET", path, Scope.ENGINE, self._facts),
            Route("POST", f"{path}/complete", Scope.ENGINE, self._complete),
            Route("POST", f"{path}/transfer", Scope.ENGINE, self._transfer),
            Route("POST", f"{path}/hangup", Scope.ENGINE, self._hang_up),
            Route("POST", f"{path}/digits", Scope.ENGINE, self._digits),
        )

    async def _facts(self, request: web.Request) -> Reply:
        return 200, facts_body(self._call(request).view())

    async def _complete(self, request: web.Request) -> Reply:
        return self._order(request, read_verdict("complete", await request.read()))

    async def _transfer(self, request: web.Request) -> Reply:
        return self._order(request, read_verdict("transfer", await request.read()))

    async def _hang_up(self, request: web.Request) -> Reply:
        read_nothing(await request.read())
        return self._order(request, Complete())

    async def _digits(self, request: web.Request) -> Reply:
        digits = read_digits(await request.read())
        if not self._call(request).press(digits):
            raise ApiRefused(409, "not_talking", "the customer and the bot do not hear each other now")
        return _accepted(request)

    def _order(self, request: web.Request, verdict: Verdict) -> Reply:
        try:
            self._call(request).order(verdict)
        except OrderRefused as exc:
            known = f"; known: {', '.join(self._known[exc.code]) or 'none'}" if exc.code in self._known else ""
            raise ApiRefused(422 if known else 409, exc.code, exc.message + known) from exc
        return _accepted(request)

    def _call(self, request: web.Request) -> OrderableCall:
        call = self._calls.call(request.match_info["id"])
        if call is None:
            raise ApiRefused(404, "unknown_call", "no call with this id is going on")
        return call


def _accepted(request: web.Request) -> Reply:
    return 202, {"call": request.match_info["id"], "accepted": True}
