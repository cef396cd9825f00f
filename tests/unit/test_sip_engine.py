"""The SIP dialect: what the engine is told, and what its SIP means."""

import json

import pytest

from bridge.call_facts import CallFacts, ScreenPopRows
from bridge.engines.connection import Cancellable, EngineCall
from bridge.engines.events import (
    EngineEnded,
    EngineEvent,
    EngineFailed,
    EngineReady,
    Fate,
    RecordingWanted,
    VerdictGiven,
)
from bridge.engines.sip import SipEngine, SipEngineSettings, refer_target
from bridge.verdicts import Complete, Remarks, Transfer
from sip.messages import (
    Codec,
    Command,
    CommandFailed,
    Dial,
    HangUp,
    Header,
    InfoReceived,
    Leg,
    LegAnswered,
    LegEnded,
    MediaOffer,
    ReferReceived,
    SendRequest,
)

FACTS = CallFacts("c1", "8990000001", "+12134634007", "Ann", "108821676850", "U5@10.1.2.3", "46014")
MEDIA = MediaOffer("203.0.113.10", 20002, (Codec.PCMU,), 101)
BYE = LegEnded("c1", Leg.ENGINE, by_peer=True, status=200, reason="BYE received")


def _spawn(name: str, work: object) -> Cancellable:
    raise AssertionError("a SIP engine has no tasks")


class Line:
    """An engine with what it sends and what it says noted."""

    def __init__(self, facts: CallFacts = FACTS) -> None:
        self.sent: list[Command] = []
        self.said: list[EngineEvent] = []
        settings = SipEngineSettings("sip:bot@192.0.2.1", "203.0.113.10", {"X-Tenant": "7"})
        self.engine = SipEngine(settings, EngineCall(facts, 1, self.sent.append, self.said.append, _spawn))

    def talking(self) -> "Line":
        self.engine.on_sip(LegAnswered("c1", Leg.ENGINE))
        self.said.clear()
        return self


def refer(refer_to: str, *, cseq: int = 7, subscribe: bool = True) -> ReferReceived:
    return ReferReceived("c1", Leg.ENGINE, refer_to, cseq, subscribe)


def test_the_invite_carries_the_facts() -> None:
    line = Line()
    line.engine.connect(MEDIA)
    assert line.sent == [
        Dial(
            call="c1",
            uri="sip:bot@192.0.2.1",
            caller="sip:+12134634007@203.0.113.10",
            display_name="Ann",
            sip_call_id="c1-1",
            headers=(
                Header("X-Call-ID", "c1"),
                Header("X-Agent-Number", "8990000001"),
                Header("X-Caller", "+12134634007"),
                Header("X-Transaction-ID", "108821676850"),
                Header("X-Session-ID", "U5@10.1.2.3"),
                Header("X-Tenant", "7"),
            ),
            media=MEDIA,
        )
    ]


def test_a_withheld_number_is_anonymous_and_has_no_header() -> None:
    line = Line(CallFacts("c1", "8990000001", "", "", "", "", ""))
    line.engine.connect(MEDIA)
    dial = line.sent[0]
    assert isinstance(dial, Dial)
    assert dial.caller == "sip:anonymous@203.0.113.10"
    assert [header.name for header in dial.headers] == ["X-Call-ID", "X-Agent-Number", "X-Tenant"]


def test_an_answered_leg_is_a_ready_engine_once() -> None:
    line = Line()
    line.engine.on_sip(LegAnswered("c1", Leg.ENGINE))
    line.engine.on_sip(LegAnswered("c1", Leg.ENGINE))
    assert line.said == [EngineReady()]


def test_a_refusal_is_an_engine_that_cannot_be_had() -> None:
    line = Line()
    line.engine.on_sip(LegEnded("c1", Leg.ENGINE, by_peer=True, status=486, reason="Busy Here"))
    assert line.said == [EngineFailed("486 Busy Here")]


def test_an_invite_that_cannot_be_sent_is_one_too() -> None:
    line = Line()
    line.engine.on_sip(CommandFailed("c1", "Dial", "too many calls"))
    assert line.said == [EngineFailed("too many calls")]


def test_a_bye_says_the_outcome() -> None:
    line = Line().talking()
    headers = (Header("X-Outcome", "paid"), Header("X-Notes", "all of it"))
    line.engine.on_sip(LegEnded("c1", Leg.ENGINE, True, 200, "BYE received", headers))
    verdict = Complete("paid", Remarks("all of it"))
    assert line.said == [EngineEnded(verdict, lost=False, reason="200 BYE received")]


def test_a_leg_that_ends_by_nobody_is_lost() -> None:
    line = Line().talking()
    line.engine.on_sip(LegEnded("c1", Leg.ENGINE, by_peer=False, status=408, reason="Request Timeout"))
    assert line.said == [EngineEnded(None, lost=True, reason="408 Request Timeout")]


def test_a_leg_that_we_hang_up_is_not_lost() -> None:
    line = Line().talking()
    line.engine.hang_up(Fate.CUSTOMER_HUNG_UP)
    reason = Header("Reason", 'SIP;cause=200;text="customer hung up"')
    assert line.sent == [HangUp("c1", Leg.ENGINE, (reason, Header("X-Fate", "customer_hung_up")))]
    line.engine.on_sip(LegEnded("c1", Leg.ENGINE, by_peer=False, status=200, reason="hung up"))
    assert line.said == [EngineEnded(None, lost=False, reason="200 hung up")]


@pytest.mark.parametrize("status", [481, 408, 500])
def test_a_bot_that_knows_of_no_call_any_more_is_lost(status: int) -> None:
    line = Line().talking()
    line.engine.on_sip(LegEnded("c1", Leg.ENGINE, by_peer=True, status=status, reason="the other side knows no dialog"))
    assert [event.lost for event in line.said if isinstance(event, EngineEnded)] == [True]


@pytest.mark.parametrize(
    ("caller", "user"),
    [
        ("+1 213", "+1%20213"),
        ("a>\r\nEvil: 1", "a%3E%0D%0AEvil%3A%201"),
        ("x;y?z@host", "x%3By%3Fz%40host"),
        ("%41%4", "%41%254"),
        ("9" * 3_000, "9" * 128),
    ],
)
def test_a_caller_cannot_write_our_headers(caller: str, user: str) -> None:
    line = Line(CallFacts("c1", "8990000001", caller, 'An"n\r\nEvil: 1\x00', "", "", ""))
    line.engine.connect(MEDIA)
    dial = line.sent[0]
    assert isinstance(dial, Dial)
    assert dial.caller == f"sip:{user}@203.0.113.10"
    assert dial.display_name == 'An"n  Evil: 1'
    assert all(header.value.isprintable() and len(header.value) <= 128 for header in dial.headers)


@pytest.mark.parametrize(("state", "paused"), [("paused", True), ("recording", False)])
def test_an_info_pauses_the_recording_or_goes_on_with_it(state: str, paused: bool) -> None:
    line = Line().talking()
    body = json.dumps({"action": "recording", "state": state}).encode()
    line.engine.on_sip(InfoReceived("c1", Leg.ENGINE, "application/json", body))
    assert line.said == [RecordingWanted(paused)]


def test_an_info_about_the_recording_that_says_nothing_is_answered() -> None:
    line = Line().talking()
    line.engine.on_sip(InfoReceived("c1", Leg.ENGINE, "application/json", b'{"action": "recording", "state": 1}'))
    assert line.said == []
    complaint = line.sent[0]
    assert isinstance(complaint, SendRequest) and 'must be \\"paused\\"' in complaint.body


def test_two_machines_do_not_misunderstand_each_other_for_ever() -> None:
    line = Line().talking()
    for _ in range(10):
        line.engine.on_sip(InfoReceived("c1", Leg.ENGINE, "application/json", b'{"event": "error"}'))
    assert len(line.sent) == 3


def test_a_screen_pop_that_no_info_can_carry_is_cut() -> None:
    line = Line().talking()
    fields = {f"field{n}": "é" * 20 for n in range(100)} | {"broken": "\ud800"}
    line.engine.screen_pop(ScreenPopRows(tuple(fields.items()), fields))
    sent = line.sent[0]
    assert isinstance(sent, SendRequest)
    assert 2_500 < len(sent.body.encode()) <= 2_800
    told = json.loads(sent.body)
    assert (told["cut"], told["rows"], told["fields"]["field0"]) == (True, [], "é" * 20)


def test_a_refer_without_subscription_hears_of_a_failure_by_info() -> None:
    line = Line().talking()
    line.engine.on_sip(refer("sip:collections@bot", subscribe=False))
    line.engine.transfer_progress(100)
    line.engine.transfer_progress(503)
    assert [json.loads(sent.body)["status"] for sent in line.sent if isinstance(sent, SendRequest)] == [503]


def test_info_with_json_is_a_verdict() -> None:
    line = Line().talking()
    body = b'{"action": "transfer", "target": "collections"}'
    line.engine.on_sip(InfoReceived("c1", Leg.ENGINE, "application/json; charset=utf-8", body))
    assert line.said == [VerdictGiven(Transfer("collections"))]


def test_info_that_is_not_understood_is_answered_with_what_is_wrong() -> None:
    line = Line().talking()
    line.engine.on_sip(InfoReceived("c1", Leg.ENGINE, "application/json", b"{}"))
    sent = line.sent[0]
    assert isinstance(sent, SendRequest) and sent.method == "INFO"
    assert json.loads(sent.body)["event"] == "error"
    assert line.said == []


def test_info_of_another_kind_is_nobodys_verdict() -> None:
    line = Line().talking()
    line.engine.on_sip(InfoReceived("c1", Leg.ENGINE, "application/dtmf-relay", b"Signal=1"))
    assert (line.said, line.sent) == ([], [])


def test_a_refer_is_followed_by_notifies_with_its_id() -> None:
    line = Line().talking()
    line.engine.on_sip(refer("<sip:collections@bot>"))
    assert line.said == [VerdictGiven(Transfer("collections"))]
    for status in (100, 200):
        line.engine.transfer_progress(status)
    assert line.sent == [
        SendRequest(
            "c1",
            Leg.ENGINE,
            "NOTIFY",
            (Header("Event", "refer;id=7"), Header("Subscription-State", "active;expires=180")),
            "message/sipfrag;version=2.0",
            "SIP/2.0 100 Trying\r\n",
        ),
        SendRequest(
            "c1",
            Leg.ENGINE,
            "NOTIFY",
            (Header("Event", "refer;id=7"), Header("Subscription-State", "terminated;reason=noresource")),
            "message/sipfrag;version=2.0",
            "SIP/2.0 200 OK\r\n",
        ),
    ]


def test_a_refer_without_subscription_gets_no_notify() -> None:
    line = Line().talking()
    line.engine.on_sip(refer("sip:collections@bot", subscribe=False))
    line.engine.transfer_progress(200)
    assert line.sent == []


def test_a_second_refer_while_one_runs_is_told_so_and_changes_nothing() -> None:
    line = Line().talking()
    line.engine.on_sip(refer("sip:collections@bot"))
    line.engine.on_sip(refer("sip:billing@bot", cseq=8))
    assert line.said == [VerdictGiven(Transfer("collections"))]
    sent = line.sent[0]
    assert isinstance(sent, SendRequest) and sent.body.startswith("SIP/2.0 491 ")


def test_a_failed_transfer_that_was_asked_for_by_info_is_told_by_info() -> None:
    line = Line().talking()
    line.engine.transfer_progress(100)
    line.engine.transfer_progress(503)
    assert [json.loads(sent.body) for sent in line.sent if isinstance(sent, SendRequest)] == [
        {"event": "transfer_failed", "status": 503}
    ]


def test_the_screen_pop_goes_as_info() -> None:
    line = Line().talking()
    line.engine.screen_pop(ScreenPopRows((("FIRST NAME", "Ann"),), {"firstname": "Ann"}))
    sent = line.sent[0]
    assert isinstance(sent, SendRequest)
    assert (sent.method, sent.content_type) == ("INFO", "application/json")
    assert json.loads(sent.body) == {
        "event": "screen_pop",
        "fields": {"firstname": "Ann"},
        "rows": [{"key": "FIRST NAME", "value": "Ann"}],
    }


@pytest.mark.parametrize(
    ("refer_to", "target"),
    [
        ("<sip:collections@bot.example>", "collections"),
        ("sip:collections@bot.example;user=phone", "collections"),
        ("<sip:%2B15551230000@bot;transport=udp?Replaces=x>", "+15551230000"),
        ("tel:+15551230000", "+15551230000"),
        ('"Collections" <sip:collections@bot>', "collections"),
        ("<sip:bot.example>", "bot.example"),
        ("<sip:a%0d%0aEvil%1b[2J@bot>", "a Evil [2J"),
        ("sip:" + "x" * 4_000 + "@bot", "x" * 100),
        ("", ""),
        ("<><><>;;;@@::%", ":%"),
    ],
)
def test_a_refer_names_its_target_by_the_user(refer_to: str, target: str) -> None:
    assert refer_target(refer_to) == target


def test_a_bye_before_the_answer_is_a_failure() -> None:
    line = Line()
    line.engine.on_sip(BYE)
    assert line.said == [EngineFailed("200 BYE received")]
