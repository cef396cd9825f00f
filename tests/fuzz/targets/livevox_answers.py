"""Answers of LiveVox's REST API: judged, read as models, and asked what the bridge asks of them."""

import json
from collections.abc import Callable, Iterable
from typing import Any

from bridge.livevox.agent_session import Features, Login, ServiceAccess
from bridge.livevox.agent_status import AgentStatusAnswer
from bridge.livevox.answers import RawAnswer, judged
from bridge.livevox.call_context import CallContext
from bridge.livevox.contacts import Contact, CreatedContact, FoundContacts
from bridge.livevox.errors import LiveVoxError
from bridge.livevox.phonebook import Phonebook
from bridge.livevox.requests import Request
from bridge.livevox.screen_pop import ScreenPop
from bridge.livevox.term_codes import TermCodes
from tests.fuzz.choices import Choices
from tests.fuzz.json_values import RAW, text_of
from tests.fuzz.target import Target

_REQUEST = Request("GET", "callControl/agent/status", session="the-session", secrets=("hunter2",))
_STATUSES = (200, 200, 200, 200, 200, 202, 204, 302, 400, 401, 403, 404, 429, 500, 503, 599)
_LONGEST_ERROR = 6_000

_CALL = {
    "callTransactionId": 108821676850,
    "callSessionId": "U5EF8@10.1.2.3",
    "accountNumber": "abc",
    "firstName": "LV",
}
_LINE = {
    "lineNumber": "ACD",
    "state": "IN_CALL",
    "stateChangedTime": "1576798205000",
    "callConferenced": "Y",
    "call": _CALL,
}
_CONTACT = {"phoneBookContactId": 24590, "contactName": "Queue [H:0/R:4/T:12]", "internalQueue": True, "phoneNumber": 5}
_CODE = {"id": "2859386", "name": "PAID", "lvResult": "RPC", "actionType": "RPC", "paymentAmtRequired": True}

EXAMPLES: tuple[Any, ...] = (
    {"agentStatus": [{"agentCallConnected": True, "reasonCode": None, "lines": [_LINE]}]},
    {"screenPopRow": [{"key": "First Name", "value": "Ann"}, {"key": "BALANCE", "value": 12.5}]},
    {"termCodeCategories": [{"name": "RPC", "termCodes": [_CODE]}, {"name": "X", "termCodes": _CODE}]},
    [_CODE, {"id": 5, "name": "Done"}],
    {"client": {"phoneBook": [{"phoneBookId": 2237, "phoneContact": [_CONTACT]}]}},
    {"readContactDetails": {"account": 5, "person": {"firstName": "Ann"}, "phone": []}},
    {"findMatchingContactsDetails": [{"account": "1"}], "next": "/contacts?offset=2"},
    {"id": 77, "code": 202, "message": "exists"},
    {"entry": [{"key": "a", "value": "b"}]},
    {"key": "a", "value": 1},
    {"sessionId": "e5a3", "clientId": 1, "userId": "2", "daysUntilPasswordExpires": "30"},
    {"services": {"serviceId": 46014, "serviceName": "Main"}, "homeAgent": "N", "phoneNumber": "8990000001"},
    {"serviceId": 1, "features": {"featureCode": "7", "termCodeEnabled": "true", "notReadyReasonCodes": ["Lunch"]}},
    {"code": "401", "message": "the-session is not valid for hunter2"},
    {"code": 500, "message": "x" * 400},
)


def _status(answer: RawAnswer) -> Any:
    said = answer.read_or(AgentStatusAnswer())
    for status in said.agent_status:
        assert isinstance(status.state, str)
        assert status.call is None or status.call.call_transaction_id
        assert status.line("acd") == status.line()
    return said.model_dump()


def _login(answer: RawAnswer) -> Any:
    login = answer.read(Login)
    assert 0 < len(login.session_id) <= 200
    assert login.session_id.isascii() and login.session_id.isprintable() and " " not in login.session_id
    return login.model_dump()


def _term_codes(answer: RawAnswer) -> Any:
    found = answer.find(TermCodes.read)
    for code in found.codes[:50]:
        assert code.id.strip() and found.by_name(code.name) is not None
    return [code.model_dump() for code in found.codes]


def _phonebook(answer: RawAnswer) -> Any:
    book = answer.find(Phonebook.read)
    for contact in book.contacts[:50]:
        assert contact.book_id and contact.contact_id
        assert contact.agents_ready is None or contact.agents_ready >= 0
    book.contact("queue")
    return [repr(contact).encode("ascii", "backslashreplace").decode() for contact in book.contacts]


def _screen_pop(answer: RawAnswer) -> Any:
    pop = answer.read_or(ScreenPop())
    assert "" not in pop.fields and len(pop.fields) <= len(pop.rows)
    return pop.fields


def _contact(answer: RawAnswer) -> Any:
    return _deeper(60, lambda: answer.read(Contact).account)


def _deeper(frames: int, read: Callable[[], Any]) -> Any:
    """Read where less of the stack is left than when the JSON was parsed."""
    return _deeper(frames - 1, read) if frames else read()


_READERS: tuple[Callable[[RawAnswer], Any], ...] = (
    _status,
    _screen_pop,
    _term_codes,
    _phonebook,
    _contact,
    _login,
    lambda answer: len(answer.read_or(FoundContacts()).contacts),
    lambda answer: [answer.read(CreatedContact).existed, answer.read(CreatedContact).model_dump()],
    lambda answer: answer.read_or(CallContext()).values,
    lambda answer: answer.read_or(ServiceAccess()).model_dump(),
    lambda answer: answer.read_or(Features()).model_dump(),
)


def run(data: bytes) -> None:
    """One answer, read as everything."""
    choices = Choices(data)
    status, which = choices.one_of(_STATUSES), choices.below(256)
    if which < RAW:
        content = text_of(EXAMPLES[which % len(EXAMPLES)], choices).encode("utf-8", "surrogatepass")
    else:
        content = choices.piece(len(data))
    try:
        answer = judged(_REQUEST, status, content, None)
    except LiveVoxError as exc:
        _check_error(exc)
        return
    for read in _READERS:
        try:
            found = read(answer)
        except LiveVoxError as exc:
            _check_error(exc)
            continue
        # It goes to the log, the journal, an engine: all of them want UTF-8.
        json.dumps(found, ensure_ascii=False).encode()


def _check_error(exc: LiveVoxError) -> None:
    said = str(exc)
    assert said.isprintable() and len(said) < _LONGEST_ERROR
    assert "the-session" not in said and "hunter2" not in said


def seeds() -> Iterable[bytes]:
    """Each example as it is, and as raw bytes."""
    for number, example in enumerate(EXAMPLES):
        yield bytes([0, number, 0])
        yield bytes([0, RAW]) + json.dumps(example)[:1_000].encode()
    yield bytes([9, RAW]) + b"<html>gateway</html>"


WORDS = tuple(json.dumps(key).encode() for key in ("agentStatus", "lines", "call", "phoneContact", "termCodes", "code"))

TARGET = Target(
    run, seeds, (*WORDS, b"null", b"true", b"1e999", b"NaN", b"[", b"{", b"\\ud800", b"\xed\xa0\x80", b"\xff\xfe")
)
