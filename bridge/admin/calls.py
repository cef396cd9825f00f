"""The endpoints /v1/calls: what a bot, or an operator, may know of a call and do with it."""

from aiohttp import web

from bridge.admin.access import Scope
from bridge.admin.audit import Audit
from bridge.admin.bodies import facts_body, read_contact, read_digits, read_nothing, read_verdict
from bridge.admin.caller import caller_of
from bridge.admin.live_calls import LiveCalls, OrderableCall
from bridge.admin.route import Reply, Route
from bridge.dialects.kinds import DialectTerms
from bridge.errors import ApiRefused, OrderRefused
from bridge.verdicts import Complete, Verdict

#: Of refusals whose status says more than that the call is not in the state for it.
_STATUS = {"invalid_contact_value": 422, "too_many_writes": 429, "livevox_refused": 502, "livevox_silent": 504}


class CallEndpoints:
    """All of them; each answers for a call that is going on, its disposition among what may still be."""

    def __init__(self, calls: LiveCalls, names: DialectTerms, audit: Audit) -> None:
        """`names`: what a verdict may name; an error tells them. `audit` hears what operators order."""
        self._calls = calls
        self._audit = audit
        self.change(names)

    def change(self, names: DialectTerms) -> None:
        """Other names are known from now on."""
        self._known = {
            "unknown_target": names.targets,
            "unknown_outcome": names.outcomes,
            "unknown_contact_field": names.contact_fields,
            "unknown_context_key": names.context_keys,
        }

    def routes(self) -> tuple[Route, ...]:
        """Where they are."""
        path = "/v1/calls/{id}"
        return (
            Route("GET", path, Scope.ENGINE, self._facts),
            Route("POST", f"{path}/complete", Scope.ENGINE, self._complete),
            Route("POST", f"{path}/transfer", Scope.ENGINE, self._transfer),
            Route("POST", f"{path}/hangup", Scope.ENGINE, self._hang_up),
            Route("POST", f"{path}/digits", Scope.ENGINE, self._digits),
            Route("PUT", f"{path}/contact", Scope.ENGINE, self._contact),
        )

    async def _facts(self, request: web.Request) -> Reply:
        return 200, facts_body(self._call(request).view())

    async def _complete(self, request: web.Request) -> Reply:
        return self._order(request, "complete_call", read_verdict("complete", await request.read()))

    async def _transfer(self, request: web.Request) -> Reply:
        return self._order(request, "transfer_call", read_verdict("transfer", await request.read()))

    async def _hang_up(self, request: web.Request) -> Reply:
        read_nothing(await request.read())
        return self._order(request, "hang_up", Complete())

    async def _digits(self, request: web.Request) -> Reply:
        digits = read_digits(await request.read())
        if not self._call(request).press(digits):
            raise ApiRefused(409, "not_talking", "the customer and the bot do not hear each other now")
        return self._accepted(request, "press_keys")

    async def _contact(self, request: web.Request) -> Reply:
        values, call = read_contact(await request.read()), self._call(request)
        try:
            await call.write_contact(values)
        except OrderRefused as exc:
            raise self._refused(exc) from exc
        self._accepted(request, "write_contact")
        return 200, {"call": request.match_info["id"], "written": [name for name, _ in values]}

    def _order(self, request: web.Request, did: str, verdict: Verdict) -> Reply:
        try:
            self._call(request).order(verdict)
        except OrderRefused as exc:
            raise self._refused(exc) from exc
        return self._accepted(request, did)

    def _refused(self, exc: OrderRefused) -> ApiRefused:
        known = f"; known: {', '.join(self._known[exc.code]) or 'none'}" if exc.code in self._known else ""
        return ApiRefused(_STATUS.get(exc.code, 422 if known else 409), exc.code, exc.message + known)

    def _accepted(self, request: web.Request, did: str) -> Reply:
        call, caller = request.match_info["id"], caller_of(request)
        if caller.scope is Scope.ADMIN:  # a bot's orders stand in the call's own timeline
            self._audit.note(caller, did, call, call=call)
        return 202, {"call": call, "accepted": True}

    def _call(self, request: web.Request) -> OrderableCall:
        call = self._calls.call(request.match_info["id"])
        if call is None:
            raise ApiRefused(404, "unknown_call", "no call with this id is going on")
        return call
