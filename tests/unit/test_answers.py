"""Judging an answer: what it says, or which error it is."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.livevox.agent_status import AgentStatusAnswer
from bridge.livevox.answers import MAX_ANSWER, RawAnswer, judged
from bridge.livevox.errors import LiveVoxError, LiveVoxRefused, SessionLost, UnreadableAnswer
from bridge.livevox.phonebook import Phonebook
from bridge.livevox.requests import Request
from bridge.livevox.term_codes import TermCodes

REQUEST = Request("POST", "callControl/agent/status", session="the-session", secrets=("the-password",))


def judge(status: int, content: bytes | dict[str, Any], retry_after_s: float | None = None) -> RawAnswer:
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    return judged(REQUEST, status, body, retry_after_s)


def refusal(status: int, content: bytes | dict[str, Any]) -> LiveVoxRefused:
    with pytest.raises(LiveVoxRefused) as caught:
        judge(status, content)
    return caught.value


@pytest.mark.parametrize(("status", "content"), [(204, b""), (200, b""), (202, b" \n")])
def test_success_may_have_no_body(status: int, content: bytes) -> None:
    assert judge(status, content).body is None


def test_a_body_is_parsed() -> None:
    assert judge(200, {"a": [1]}).body == {"a": [1]}


@pytest.mark.parametrize(
    ("status", "content"),
    [(401, b""), (401, b"<html>"), (401, {"code": 400}), (200, {"code": 401, "message": "x"}), (500, {"code": "401"})],
)
def test_a_lost_session_is_seen_in_the_status_or_the_body(status: int, content: Any) -> None:
    error = refusal(status, content)
    assert isinstance(error, SessionLost)
    assert not error.retryable and not error.maybe_done


@pytest.mark.parametrize(
    ("status", "code", "retryable", "maybe_done"),
    [(400, 400, False, False), (403, 403, False, False), (404, 404, False, False), (409, 409, False, False)]
    + [(429, 429, True, False), (500, 500, True, True), (502, 502, True, True), (599, 599, True, True)]
    + [(200, 404, False, False), (200, 502, True, True), (400, 502, False, False), (302, 302, False, False)],
)
def test_refusals_say_whether_to_try_again(status: int, code: int, retryable: bool, maybe_done: bool) -> None:
    error = refusal(status, {"code": code, "message": "no"})
    assert (error.status, error.code, error.message) == (status, code, "no")
    assert (error.retryable, error.maybe_done) == (retryable, maybe_done)
    assert error.endpoint == "POST callControl/agent/status" and error.endpoint in str(error)


@pytest.mark.parametrize("content", [b"", b"<html>busy</html>", b'{"code": 5', b'"text"', b"[1]", b'{"code": true}'])
def test_a_refusal_without_a_readable_body_has_the_status_for_its_code(content: bytes) -> None:
    error = refusal(503, content)
    assert (error.code, error.message) == (503, "")


def test_a_code_below_400_is_no_error() -> None:
    assert judge(202, {"code": 202, "message": "Contact already exists!"}).status == 202


def test_retry_after_is_kept() -> None:
    with pytest.raises(LiveVoxRefused) as caught:
        judge(429, b"", 7.0)
    assert caught.value.retry_after_s == 7.0


def test_secrets_and_line_breaks_are_taken_out_of_messages() -> None:
    error = refusal(400, {"message": "session the-session\nof the-password\x1b[31m" + "x" * 999})
    assert "the-session" not in str(error) and "the-password" not in str(error)
    assert error.message.startswith("session *** of *** [31m")
    assert len(error.message) == 300


@pytest.mark.parametrize(
    "content",
    [
        b"<html></html>",
        b'{"agentStatus": [',
        b"\xff\xfe\x00",
        b"\x1f\x8b\x08",
        b"[" * 100_000,
        b'"' + b"x" * MAX_ANSWER + b'"',
    ],
)
def test_success_that_is_no_json_is_unreadable(content: bytes) -> None:
    with pytest.raises(UnreadableAnswer) as caught:
        judge(200, content)
    assert caught.value.retryable and caught.value.maybe_done


def test_half_a_surrogate_pair_does_no_harm_later() -> None:
    body = judge(200, b'{"a": "\\ud800x", "b": "\\ud83d\\ude00"}').body
    assert body == {"a": "?x", "b": "\U0001f600"}


def test_what_is_missing_is_named_without_its_value() -> None:
    with pytest.raises(UnreadableAnswer, match=r"agentStatus\.0\.lines: tuple_type") as caught:
        judge(200, {"agentStatus": [{"lines": "a secret"}]}).read(AgentStatusAnswer)
    assert "a secret" not in str(caught.value)


@pytest.mark.parametrize("content", [b"", b"null"])
def test_an_answer_that_must_have_a_body_is_unreadable_without(content: bytes) -> None:
    with pytest.raises(UnreadableAnswer, match="there is no body"):
        judge(200, content).find(TermCodes.read)
    assert judge(200, content).read_or(AgentStatusAnswer()) == AgentStatusAnswer()


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "agentStatus",
                    "lines",
                    "call",
                    "state",
                    "code",
                    "message",
                    "termCodes",
                    "id",
                    "phoneContact",
                    "phoneBookId",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(st.sampled_from([200, 204, 400, 401, 500]), json_values)
def test_no_json_raises_anything_but_named_errors(status: int, body: Any) -> None:
    for read in (AgentStatusAnswer.model_validate, TermCodes.read, Phonebook.read):
        try:
            judged(REQUEST, status, json.dumps(body).encode(), None).find(read)
        except LiveVoxError as exc:
            assert str(exc)


@given(st.binary(max_size=60))
def test_no_bytes_raise_anything_but_named_errors(content: bytes) -> None:
    try:
        judge(200, content)
    except LiveVoxError as exc:
        assert str(exc)
