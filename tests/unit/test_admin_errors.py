import pytest

from bridge.admin.errors import error_body, error_headers, http_refused
from bridge.errors import ApiRefused


def test_an_error_with_a_name_has_our_shape() -> None:
    body = error_body(ApiRefused(409, "call_over", "the call is over"))
    assert body == {"error": {"code": "call_over", "message": "the call is over"}}


def test_an_error_with_a_number_has_twilios_shape() -> None:
    assert error_body(ApiRefused(401, 20003, "Authenticate")) == {
        "code": 20003,
        "message": "Authenticate",
        "more_info": "https://www.twilio.com/docs/errors/20003",
        "status": 401,
    }


@pytest.mark.parametrize(
    ("status", "ours", "twilios"),
    [
        (404, "not_found", 20404),
        (405, "method_not_allowed", 20004),
        (408, "too_slow", 20503),
        (413, "too_large", 20413),
        (500, "fault", 20500),
        (417, "bad_request", 20422),
    ],
)
def test_what_http_refuses_has_a_name_and_a_number(status: int, ours: str, twilios: int) -> None:
    assert http_refused(status, as_twilio=False).code == ours
    refused = http_refused(status, as_twilio=True)
    assert (refused.status, refused.code) == (status, twilios)


def test_who_is_not_let_in_is_told_how_to_ask() -> None:
    assert error_headers(ApiRefused(401, "unauthorized", "")) == {"WWW-Authenticate": "Bearer"}
    assert error_headers(ApiRefused(401, "unauthorized", ""), basic=True)["WWW-Authenticate"].startswith("Basic ")
    assert error_headers(ApiRefused(401, 20003, "")) == {"WWW-Authenticate": 'Basic realm="Twilio API"'}
    assert error_headers(ApiRefused(404, "not_found", "")) == {}
