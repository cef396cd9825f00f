"""[sans-IO] Twilio's Call resource: an update as orders for a call, and a call as Twilio shows it.

https://www.twilio.com/docs/voice/api/call-resource
"""

from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qsl

from bridge.admin.twiml import TwimlOrders, read_twiml
from bridge.calls.view import CallView
from bridge.dialects.twilio import call_sid
from bridge.errors import ApiRefused, InvalidTwiml

API_VERSION = "2010-04-01"

_INVALID_PARAMETER = 20422
_INVALID_URL = 21205
_FORM = "application/x-www-form-urlencoded"
_MAX_FIELDS = 100

#: The others are in progress for Twilio.
_STATUS = {"admitted": "ringing", "connecting": "ringing", "ending": "completed", "closed": "completed"}


def read_update(content_type: str, body: bytes) -> TwimlOrders:
    """The orders in the form of an update: Status or Twiml. Raises ApiRefused in Twilio's shape."""
    if content_type != _FORM:
        raise ApiRefused(400, _INVALID_PARAMETER, f"the body must be {_FORM}")
    try:
        form = dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=_MAX_FIELDS))
    except ValueError as exc:
        raise ApiRefused(400, _INVALID_PARAMETER, f"the body has more than {_MAX_FIELDS} fields") from exc
    if status := form.get("Status"):
        if status not in ("completed", "canceled"):
            raise ApiRefused(400, _INVALID_PARAMETER, "Status must be completed or canceled")
        return TwimlOrders(hang_up=True)
    if twiml := form.get("Twiml"):
        try:
            return read_twiml(twiml)
        except InvalidTwiml as exc:
            raise ApiRefused(400, exc.code, f"Twiml: {exc.detail}") from exc
    if "Url" in form:
        raise ApiRefused(400, _INVALID_URL, "Url is not fetched here: send the document itself as Twiml")
    raise ApiRefused(400, _INVALID_PARAMETER, "send Status or Twiml")


def call_resource(view: CallView, account_sid: str, now: datetime) -> dict[str, Any]:
    """A call as Twilio shows it; what we cannot know is null."""
    sid = call_sid(view.call)
    started = format_datetime(datetime.fromtimestamp(view.started_at, UTC))
    return {
        "sid": sid,
        "account_sid": account_sid,
        "parent_call_sid": None,
        "phone_number_sid": None,
        "date_created": started,
        "date_updated": format_datetime(now),
        "start_time": started,
        "end_time": None,
        "duration": None,
        "status": _STATUS.get(view.state, "in-progress"),
        "direction": "inbound",
        "from": view.caller,
        "from_formatted": view.caller,
        "to": view.agent_number,
        "to_formatted": view.agent_number,
        "caller_name": view.caller_name or None,
        "forwarded_from": None,
        "answered_by": None,
        "group_sid": None,
        "trunk_sid": None,
        "queue_time": "0",
        "price": None,
        "price_unit": "USD",
        "annotation": None,
        "api_version": API_VERSION,
        "uri": f"/{API_VERSION}/Accounts/{account_sid}/Calls/{sid}.json",
        "subresource_uris": {},
    }
