"""What of a request to LiveVox and of its answer goes into the journal."""

from bridge.capture.rest_text import MAX_TEXT, answer_text, request_text
from bridge.livevox.requests import Request, agent_request

STATUS = agent_request("POST", "status", "SESSION-1", body={})


def test_a_request_is_its_line_and_its_body() -> None:
    request = agent_request("PUT", "call/termCode", "SESSION-1", {"lineNumber": "ACD"}, body={"termCodeId": "12"})
    assert request_text(request) == 'PUT /callControl/agent/call/termCode?lineNumber=ACD\n\n{"termCodeId": "12"}'


def test_sessions_tokens_and_passwords_are_nowhere() -> None:
    body = {"userName": "va1", "password": "PASSWORD-1", "note": "PASSWORD-1"}
    login = Request("POST", "session/login", body=body, token="TOKEN-1", secrets=("PASSWORD-1",))
    logout = Request("DELETE", "session/logout/{session}", ids={"session": "SESSION-1"}, secrets=("SESSION-1",))
    told = [
        request_text(login),
        request_text(logout),
        answer_text(login, 200, 5.0, None, b'{"sessionId": "SESSION-2", "echo": "TOKEN-1"}'),
        answer_text(STATUS, 500, 5.0, "LiveVoxRefused", b"<html>SESSION-1 is not known</html>"),
    ]
    for text in told:
        assert not any(secret in text for secret in ("PASSWORD-1", "TOKEN-1", "SESSION-1", "SESSION-2")), text


def test_an_answer_is_its_status_its_time_and_its_body() -> None:
    assert answer_text(STATUS, 204, 12.3, None, b"") == "204 in 12 ms"
    assert (
        answer_text(STATUS, 401, 8.0, "SessionLost", b'{"code": 401}') == '401 in 8 ms (SessionLost)\n\n{"code": 401}'
    )
    assert (
        answer_text(STATUS, None, 10_000.0, "LiveVoxUnreachable", b"") == "no answer in 10000 ms (LiveVoxUnreachable)"
    )


def test_a_page_of_a_proxy_is_told_by_its_beginning_and_a_long_answer_by_its_length() -> None:
    page = answer_text(STATUS, 502, 5.0, "LiveVoxRefused", b"<html>Bad Gateway" + b"x" * 5_000)
    assert "<html>Bad Gateway" in page and len(page) < 400
    assert answer_text(STATUS, 200, 5.0, None, b" " * 8 + b"[1]" * 9_000).endswith("[not kept: 27008 bytes]")
    long = answer_text(STATUS, 200, 5.0, None, b'["' + b"x" * 10_000 + b'"]')
    assert len(long) < MAX_TEXT + 60 and long.endswith("characters more")
