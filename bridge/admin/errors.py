"""[sans-IO] How the API says that something went wrong: in our shape, or in Twilio's where it speaks as Twilio."""

from typing import Any

from bridge.errors import ApiRefused

#: What HTTP itself refuses: our name, Twilio's number (https://www.twilio.com/docs/api/errors), and a sentence.
_HTTP: dict[int, tuple[str, int, str]] = {
    400: ("bad_request", 20422, "the request cannot be read"),
    404: ("not_found", 20404, "there is no such endpoint"),
    405: ("method_not_allowed", 20004, "this endpoint has no such method"),
    408: ("too_slow", 20503, "the request was not read and answered in time"),
    413: ("too_large", 20413, "the body is too large"),
    500: ("fault", 20500, "a fault of the bridge; its log tells more"),
    503: ("too_many_connections", 20503, "there are too many connections; try again"),
}


def http_refused(status: int, *, as_twilio: bool) -> ApiRefused:
    """The error for an HTTP status."""
    name, number, sentence = _HTTP.get(status, _HTTP[400])
    return ApiRefused(status, number if as_twilio else name, sentence)


def error_body(refused: ApiRefused) -> dict[str, Any]:
    """The JSON object of an error."""
    if isinstance(refused.code, str):
        return {"error": {"code": refused.code, "message": refused.message}}
    return {
        "code": refused.code,
        "message": refused.message,
        "more_info": f"https://www.twilio.com/docs/errors/{refused.code}",
        "status": refused.status,
    }


def error_headers(refused: ApiRefused, *, basic: bool = False) -> dict[str, str]:
    """The headers that an error needs beside its body; `basic`: a browser may ask for the token."""
    if refused.status != 401:
        return {}
    if basic:
        return {"WWW-Authenticate": 'Basic realm="livevox-bridge: any name, the token as password", charset="UTF-8"'}
    return {"WWW-Authenticate": "Bearer" if isinstance(refused.code, str) else 'Basic realm="Twilio API"'}
