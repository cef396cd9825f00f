"""Messages on their way into the journal: to the right call, and not too many."""

from contextvars import copy_context

import pytest

from bridge.capture.call_messages import LEFT_OUT, MAX_CHARACTERS, MAX_MESSAGES, CallMessages
from bridge.capture.rest_capture import RestCapture
from bridge.capture.sip_capture import MAX_EARLY, MAX_UNKNOWN, SipCapture
from bridge.journal.records import MessageSeen
from bridge.livevox.call_at_hand import CALL_AT_HAND
from bridge.livevox.requests import agent_request
from bridge.livevox.transport import Exchange
from sip.dispatch import Dialog
from sip.messages import Leg

PEER = ("192.0.2.7", 5060)


class Noted:
    """What was kept, and the dialogs that are known."""

    def __init__(self) -> None:
        self.messages: list[MessageSeen] = []
        self.dialogs: dict[str, Dialog] = {}
        self.wanted = True
        self.kept = CallMessages(self.messages.append, lambda: self.wanted)
        self.sip = SipCapture(self.kept, self.dialogs.get)
        self.rest = RestCapture(self.kept, lambda: "api.example.com")

    def texts(self) -> list[str]:
        return [message.text for message in self.messages]


@pytest.fixture
def noted() -> Noted:
    return Noted()


def seen(text: str = "x", call: str = "c1", protocol: str = "sip") -> MessageSeen:
    return MessageSeen(call, 1.0, protocol, "customer", True, "192.0.2.7:5060", text)


def test_an_invite_that_came_before_its_call_was_known_is_kept_with_it(noted: Noted) -> None:
    noted.sip("a", False, PEER, b"INVITE")
    noted.sip("a", True, PEER, b"100")
    assert noted.messages == []
    noted.dialogs["a"] = Dialog("c1", Leg.CUSTOMER, 1)
    noted.sip("a", True, PEER, b"180")
    assert noted.texts() == ["INVITE", "100", "180"]
    assert {(each.call, each.leg, each.peer) for each in noted.messages} == {("c1", "customer", "192.0.2.7:5060")}
    assert [each.sent for each in noted.messages] == [False, True, True]


def test_what_comes_after_the_call_is_forgotten_is_still_its_own(noted: Noted) -> None:
    noted.dialogs["b"] = Dialog("c1", Leg.ENGINE, 1)
    noted.sip("b", True, PEER, b"BYE")
    del noted.dialogs["b"]
    noted.sip("b", False, PEER, b"200")
    assert noted.texts() == ["BYE", "200"]


def test_strangers_take_a_bounded_room(noted: Noted) -> None:
    for number in range(3 * MAX_UNKNOWN):
        for _ in range(2 * MAX_EARLY):
            noted.sip(f"stranger {number}", False, PEER, b"OPTIONS")
    noted.dialogs["stranger 0"] = noted.dialogs[f"stranger {3 * MAX_UNKNOWN - 1}"] = Dialog("c1", Leg.CUSTOMER, 1)
    noted.sip("stranger 0", False, PEER, b"late")
    assert noted.texts() == ["late"]
    noted.sip(f"stranger {3 * MAX_UNKNOWN - 1}", False, PEER, b"last")
    assert len(noted.messages) == 1 + MAX_EARLY + 1


def test_a_call_has_its_share_of_messages_and_the_last_one_says_that_there_were_more(noted: Noted) -> None:
    for number in range(2 * MAX_MESSAGES):
        noted.kept.keep(seen(str(number)))
    assert len(noted.messages) == MAX_MESSAGES
    assert noted.texts()[-2:] == [str(MAX_MESSAGES - 2), LEFT_OUT]
    noted.kept.keep(seen("another protocol", protocol="rest"))
    noted.kept.keep(seen("another call", call="c2"))
    assert noted.texts()[-2:] == ["another protocol", "another call"]


def test_a_call_has_its_share_of_characters(noted: Noted) -> None:
    for _ in range(100):
        noted.kept.keep(seen("x" * (MAX_CHARACTERS // 10)))
    assert 10 <= len(noted.messages) <= 12 and noted.texts()[-1] == LEFT_OUT


def test_nothing_is_kept_where_the_settings_say_so(noted: Noted) -> None:
    noted.wanted = False
    noted.dialogs["a"] = Dialog("c1", Leg.CUSTOMER, 1)
    noted.sip("a", False, PEER, b"INVITE")
    copy_context().run(asked, noted, 200, b"{}")
    assert noted.messages == []


def asked(noted: Noted, status: int | None, answer: bytes, call: str = "c1", error: str | None = None) -> None:
    CALL_AT_HAND.set(call)
    request = agent_request("POST", "status", "session", body={})
    noted.rest.heard(Exchange("POST", request.path, status, 4.0, 0.0, error, request, answer))


def test_what_livevox_is_asked_for_a_call_is_a_request_and_an_answer(noted: Noted) -> None:
    copy_context().run(asked, noted, 200, b'{"agentStatus": []}')
    first, second = noted.messages
    assert (first.sent, second.sent, first.protocol, first.peer) == (True, False, "rest", "api.example.com")
    assert first.at < second.at
    assert second.text.startswith("200 in 4 ms")


def test_an_agents_own_requests_are_no_calls(noted: Noted) -> None:
    copy_context().run(asked, noted, 200, b"{}", call="")
    assert noted.messages == []


def test_a_poll_that_is_told_the_same_again_is_kept_once_but_each_failure_is(noted: Noted) -> None:
    def poll() -> None:
        for answer in (b"[1]", b"[1]", b"[2]", b"[2]", b"[1]"):
            asked(noted, 200, answer)
        for _ in range(2):
            asked(noted, None, b"", error="LiveVoxUnreachable")

    copy_context().run(poll)
    assert len(noted.messages) == 2 * (3 + 2)
