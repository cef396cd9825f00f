"""The verdict on a run: a good one passes, and each thing that may be wrong with one is found."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from bridge.simulator.ledger import Kind, Ledger
from tests.chaos.evidence import AgentSeen, CustomerSeen, Evidence, Interference, Journalled
from tests.chaos.plan import Ending, PlannedCall, Target
from tests.chaos.report import story, table
from tests.chaos.spans import Span
from tests.chaos.verdict import Rule, violations

CALL, AGENT, TRANSACTION = "call-1", "VA0001", "108821676851"
PLANNED = PlannedCall(0, 0.0, Ending.FINISH, None)
HEARD = (Span(101.0, 110.0),)
ROW = Journalled("b1", AGENT, TRANSACTION, "finished", "Completed", "confirmed", True)


class Scene:
    """A ledger in the making; its clock is what `at` says."""

    def __init__(self) -> None:
        self.ledger = Ledger()

    def state(self, at: float, name: str) -> None:
        self.ledger.note(at, Kind.STATE, name, agent=AGENT, call=CALL)

    def request(self, at: float, name: str, **facts: Any) -> None:
        self.ledger.note(at, Kind.REQUEST, name, agent=AGENT, call=CALL, **facts)

    def transfer(self, at: float, *names: str) -> None:
        for name in names:
            self.ledger.note(at, Kind.TRANSFER, name, agent=AGENT, call=CALL)

    def dispose(self, at: float, name: str = "Completed", by: str = "agent") -> None:
        self.request(at, "set_term_code", body={"callTransactionId": TRANSACTION}, status=204)
        self.ledger.note(at, Kind.DISPOSITION, name, agent=AGENT, call=CALL, by=by)

    def evidence(self, **changes: Any) -> Evidence:
        good = Evidence(
            ledger=self.ledger.entries,
            calls=[CustomerSeen(CALL, PLANNED, TRANSACTION, HEARD)],
            agents=[AgentSeen(AGENT, "READY", "", 1)],
            journal=[ROW],
        )
        return replace(good, **changes)


def line(*, until: float = 110.0, disposed: bool = True) -> Scene:
    """A customer on the line from 101 s on."""
    scene = Scene()
    scene.state(100.0, "RESERVED")
    scene.state(101.0, "INCALL")
    scene.state(until, "WRAPUP")
    if disposed:
        scene.dispose(until + 1)
        scene.state(until + 1, "READY")
    return scene


def rules(evidence: Evidence) -> list[Rule]:
    return [violation.rule for violation in violations(evidence)]


def test_a_good_run_passes() -> None:
    assert violations(line().evidence()) == []


def test_a_call_without_a_disposition_is_found() -> None:
    assert Rule.DISPOSED in rules(line(disposed=False).evidence())


def test_a_call_that_was_never_on_the_line_needs_none() -> None:
    scene = Scene()
    scene.state(100.0, "RESERVED")
    scene.state(101.0, "NOTREADY")
    planned = replace(PLANNED, ending=Ending.REFUSED)
    assert rules(scene.evidence(calls=[CustomerSeen(CALL, planned, TRANSACTION)], journal=[])) == []


def test_two_dispositions_and_the_request_that_made_the_second_are_found() -> None:
    scene = line()
    scene.dispose(112.0, "Customer Hung Up")
    assert rules(scene.evidence()) == [Rule.ONCE, Rule.NOT_AGAIN]


def test_a_term_code_sent_again_is_found_though_livevox_refused_it() -> None:
    scene = line()
    scene.request(112.0, "set_term_code", body={"callTransactionId": TRANSACTION}, status=400)
    assert rules(scene.evidence()) == [Rule.NOT_AGAIN]


def test_what_livevox_wrote_down_by_itself_is_found() -> None:
    scene = line(disposed=False)
    scene.ledger.note(130.0, Kind.DISPOSITION, "Operator Transfer", agent=AGENT, call=CALL, by="wrap-up timer")
    assert Rule.OURS in rules(scene.evidence())


@pytest.mark.parametrize(
    "steps",
    [("started", "conferenced", "left", "started"), ("started", "left", "left"), ("started", "customer_dropped")],
)
def test_a_customer_who_is_handed_over_twice_or_dropped_is_found(steps: tuple[str, ...]) -> None:
    scene = line()
    scene.transfer(112.0, *steps)
    assert rules(scene.evidence()) == [Rule.HANDED_OVER_ONCE]


def test_a_second_contact_after_one_that_failed_is_none() -> None:
    scene = line()
    scene.transfer(112.0, "started", "failed", "started", "conferenced", "left")
    assert rules(scene.evidence()) == []


@pytest.mark.parametrize(
    ("agent", "rule"),
    [
        (AgentSeen(AGENT, "WRAPUP", CALL, 1), Rule.FREE),
        (AgentSeen(AGENT, "NOTREADY", "", 1), Rule.FREE),
        (AgentSeen(AGENT, "READY", CALL, 1), Rule.FREE),
        (AgentSeen(AGENT, "READY", "", 2), Rule.ONE_SESSION),
        (AgentSeen(AGENT, "READY", "", 0), Rule.ONE_SESSION),
    ],
)
def test_an_agent_that_is_stuck_or_logged_in_twice_is_found(agent: AgentSeen, rule: Rule) -> None:
    assert rules(line().evidence(agents=[agent])) == [rule]


def heard(*spans: Span) -> list[CustomerSeen]:
    return [CustomerSeen(CALL, PLANNED, TRANSACTION, spans)]


@pytest.mark.parametrize(
    "spans",
    [
        (),
        (Span(103.5, 110.0),),
        (Span(101.0, 107.5),),
        (Span(101.0, 103.0), Span(105.5, 110.0)),
    ],
    ids=["never", "late", "stops", "a hole"],
)
def test_silence_on_the_line_is_found(spans: tuple[Span, ...]) -> None:
    assert rules(line().evidence(calls=heard(*spans))) == [Rule.SILENCE]


def test_a_short_pause_is_no_silence() -> None:
    assert rules(line().evidence(calls=heard(Span(101.0, 104.0), Span(105.9, 110.0)))) == []


def test_a_pause_in_which_the_driver_itself_stood_still_is_no_silence() -> None:
    calls = heard(Span(101.0, 104.0), Span(108.0, 110.0))
    assert rules(line().evidence(calls=calls, stalls=[Span(104.0, 108.0)])) == []


def test_a_customer_who_waits_for_a_human_hears_livevox_and_not_us() -> None:
    scene = Scene()
    scene.state(100.0, "RESERVED")
    scene.state(101.0, "INCALL")
    scene.state(103.0, "TRANSFERRING")
    scene.state(150.0, "WRAPUP")
    scene.dispose(151.0)
    assert rules(scene.evidence(calls=heard(Span(101.0, 103.0)))) == []


def test_nobody_sends_rtp_while_the_bridge_is_dead() -> None:
    evidence = line(until=118.0).evidence(calls=heard(Span(101.0, 104.0)), down=[Span(104.0, 110.0)])
    assert rules(evidence) == []


def test_a_customer_who_is_not_fetched_when_the_bridge_is_back_is_found() -> None:
    evidence = line(until=121.0).evidence(calls=heard(Span(101.0, 104.0)), down=[Span(104.0, 110.0)])
    assert rules(evidence) == [Rule.RESCUED]


def test_the_death_of_the_bridge_still_counts_after_a_transfer_that_failed() -> None:
    scene = Scene()
    for at, state in ((100.0, "RESERVED"), (101.0, "INCALL"), (111.0, "TRANSFERRING"), (112.0, "INCALL")):
        scene.state(at, state)
    scene.state(118.0, "WRAPUP")
    scene.dispose(119.0)
    assert rules(scene.evidence(calls=heard(Span(101.0, 104.0)), down=[Span(104.0, 110.0)])) == []


@pytest.mark.parametrize("cut", [True, False])
def test_nobody_is_fetched_while_livevox_does_not_serve_the_agent(cut: bool) -> None:
    scene = Scene()
    scene.state(100.0, "RESERVED")
    scene.state(101.0, "INCALL")
    if not cut:
        scene.request(111.0, "login", fault="status", status=503)
        scene.request(119.0, "login", status=200)
    scene.state(125.0, "WRAPUP")
    scene.dispose(126.0)
    down, cuts = [Span(104.0, 110.0)], [Span(111.0, 119.0)] if cut else []
    assert rules(scene.evidence(calls=heard(Span(101.0, 104.0)), down=down, cut=cuts)) == []


def lost(*what: tuple[float, str]) -> dict[str, Any]:
    told = [{"at": 101.0, "what": "engine_answered"}, *({"at": at, "what": name} for at, name in what)]
    return {"losses": [(104.0, "b1")], "stories": {"b1": told}}


@pytest.mark.parametrize("when", [None, 103.0, 109.0])
def test_an_engine_that_nobody_misses_is_found(when: float | None) -> None:
    what = [] if when is None else [(when, "rtp_timed_out")]
    assert rules(line().evidence(**lost(*what))) == [Rule.NOTICED]


def test_a_media_process_that_died_meanwhile_has_begun_to_wait_anew() -> None:
    blows = [Interference(106.0, Target.MEDIA)]
    assert rules(line(until=120.0).evidence(blows=blows, calls=heard(Span(101.0, 120.0)), **lost())) == [Rule.NOTICED]
    missed = lost((110.0, "rtp_timed_out"))
    assert rules(line(until=120.0).evidence(blows=blows, calls=heard(Span(101.0, 120.0)), **missed)) == []


@pytest.mark.parametrize("what", [(106.0, "rtp_timed_out"), (103.0, "transfer_asked")])
def test_one_that_is_missed_or_not_needed_any_more_is_none(what: tuple[float, str]) -> None:
    assert rules(line().evidence(**lost(what))) == []


def test_a_call_that_ends_otherwise_than_its_bot_wants_is_found_unless_something_came_between() -> None:
    scene = line(disposed=False)
    scene.dispose(111.0, "System Failure")
    row = replace(ROW, term_code="System Failure")
    assert rules(scene.evidence(journal=[row])) == [Rule.AS_MEANT]
    assert rules(scene.evidence(journal=[row], blows=[Interference(105.0, "media process killed")])) == []


def test_a_customer_who_had_enough_may_hang_up() -> None:
    scene = line(disposed=False)
    scene.ledger.note(110.0, Kind.CALL, "customer_hung_up", agent=AGENT, call=CALL)
    scene.dispose(111.0, "Customer Hung Up")
    assert rules(scene.evidence(journal=[replace(ROW, term_code="Customer Hung Up")])) == []


@pytest.mark.parametrize("expired", [True, False])
def test_a_call_that_is_refused_for_no_reason_is_found(expired: bool) -> None:
    scene = Scene()
    if expired:
        scene.ledger.note(99.0, Kind.SESSION, "expired", agent=AGENT)
    scene.state(100.0, "RESERVED")
    scene.state(100.1, "NOTREADY")
    assert rules(scene.evidence(journal=[])) == ([] if expired else [Rule.AS_MEANT])


@pytest.mark.parametrize(
    ("journal", "rule"),
    [
        ([], Rule.JOURNALLED),
        ([replace(ROW, closed=False)], Rule.JOURNALLED),
        ([replace(ROW, term_code="Customer Hung Up")], Rule.TRUE),
        ([replace(ROW, confirmation="nothing_to_set")], Rule.TRUE),
    ],
)
def test_a_journal_that_lacks_a_call_or_lies_is_found(journal: list[Journalled], rule: Rule) -> None:
    assert rules(line().evidence(journal=journal)) == [rule]


def test_an_unconfirmed_row_claims_nothing() -> None:
    assert rules(line().evidence(journal=[replace(ROW, confirmation="unconfirmed")])) == []


def test_customers_nobody_served_and_faults_in_the_log_are_found() -> None:
    assert rules(line().evidence(not_placed=[PLANNED], faults=["a traceback"])) == [Rule.SERVED, Rule.SOUND]


@pytest.mark.parametrize("scene", [line, Scene])
def test_the_report_tells_any_run(scene: Callable[[], Scene]) -> None:
    evidence = scene().evidence(
        down=[Span(1.0, 2.0)], stories={"b1": [{"at": 105.0, "what": "answered", "codec": "x"}]}
    )
    assert "FINISH" in table(evidence)
    for violation in violations(evidence):
        assert violation.detail in story(violation, evidence)
