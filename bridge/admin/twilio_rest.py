"""The endpoint Calls/SID.json of Twilio's REST API: bots written for Twilio hang up and hand over there."""

from collections.abc import Sequence
from datetime import UTC, datetime

from aiohttp import web

from bridge.admin.access import TwilioAccount, engines_of
from bridge.admin.live_calls import LiveCalls, OrderableCall
from bridge.admin.route import Reply, Route
from bridge.admin.twilio_resource import API_VERSION, call_resource, read_update
from bridge.admin.twiml import TwimlOrders
from bridge.dialects.twilio import call_of_sid
from bridge.errors import ApiRefused, OrderRefused
from bridge.verdicts import Complete, Transfer, Verdict, target_name

#: Every path of Twilio's begins so.
PREFIX = f"/{API_VERSION}/"

_NOT_FOUND = 20404
_INVALID_CALL_STATE = 21220
_NO_SUCH_NUMBER = 13224


class TwilioEndpoints:
    """A call as Twilio's Call resource; an account sees the calls that its engines have."""

    def __init__(self, calls: LiveCalls, accounts: Sequence[TwilioAccount]) -> None:
        self._calls = calls
        self.change(accounts)

    def change(self, accounts: Sequence[TwilioAccount]) -> None:
        """Other accounts are let in from now on."""
        self._accounts = tuple(accounts)

    def routes(self) -> tuple[Route, ...]:
        """Where they are."""
        path = PREFIX + "Accounts/{account}/Calls/{sid}.json"
        return (Route("GET", path, None, self._fetch), Route("POST", path, None, self._update))

    async def _fetch(self, request: web.Request) -> Reply:
        return _resource(request, self._call(request, self._engines(request)))

    async def _update(self, request: web.Request) -> Reply:
        engines = self._engines(request)
        orders = read_update(request.content_type, await request.read())
        call = self._call(request, engines)
        if orders.ignored:
            call.note("twiml_ignored", verbs=", ".join(orders.ignored))
        if orders.digits and not call.press(orders.digits):
            raise ApiRefused(400, _INVALID_CALL_STATE, "The customer and the bot do not hear each other now.")
        if orders.hang_up:
            _order(request, call, Complete())
        elif orders.targets:
            _hand_over(request, call, orders)
        return _resource(request, call)

    def _engines(self, request: web.Request) -> frozenset[str]:
        """Those the credentials speak for."""
        return engines_of(self._accounts, request.match_info["account"], request.headers.get("Authorization", ""))

    def _call(self, request: web.Request, engines: frozenset[str]) -> OrderableCall:
        """The call in the path, if one of these engines has it."""
        id = call_of_sid(request.match_info["sid"])
        call = self._calls.call(id) if id is not None else None
        if call is None or call.view().engine not in engines:
            raise _not_found(request)
        return call


def _hand_over(request: web.Request, call: OrderableCall, orders: TwimlOrders) -> None:
    """To the first of its names that is a target."""
    for name in orders.targets:
        try:
            return _order(request, call, Transfer(target_name(name)))
        except OrderRefused:
            continue
    raise ApiRefused(400, _NO_SUCH_NUMBER, "Dial: no target of the bridge has this name or number")


def _order(request: web.Request, call: OrderableCall, verdict: Verdict) -> None:
    """Raises OrderRefused when nobody has the name, ApiRefused for all else."""
    try:
        call.order(verdict)
    except OrderRefused as exc:
        if exc.code == "unknown_target":
            raise
        if exc.code == "call_over":
            raise _not_found(request) from exc
        raise ApiRefused(400, _INVALID_CALL_STATE, "Call is not in-progress. Cannot redirect.") from exc


def _not_found(request: web.Request) -> ApiRefused:
    return ApiRefused(404, _NOT_FOUND, f"The requested resource {request.path} was not found")


def _resource(request: web.Request, call: OrderableCall) -> Reply:
    return 200, call_resource(call.view(), request.match_info["account"], datetime.now(UTC))
