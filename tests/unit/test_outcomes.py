"""From what was said of a call to the plan of its wrap-up."""

from pathlib import Path

import pytest

from bridge.agents.messages import AgentStuck
from bridge.call_facts import CallFacts
from bridge.calls.events import StartWrapUp
from bridge.calls.outcomes import Outcomes, phone_number
from bridge.engines.events import Fate
from bridge.settings import Settings, load
from bridge.settings.sections import FATES
from bridge.verdicts import Complete, Remarks, Transfer, Verdict
from bridge.wrapup.plan import CallIds, CustomerLeg, Disposition, EndCallBy, Plan

TEXT = """
[livevox]
url = "http://127.0.0.1:8090"
client_name = "Demo"
service_id = "46014"
end_call = "call_end"
on_failure = "collections"
transfer_timeout_s = 45
give_up_after_s = 600
[agent_defaults]
engines = ["bot"]
[[agents]]
number = "8990000001"
user_name = "VA0001"
[engines.bot]
kind = "sip"
uri = "sip:bot@127.0.0.1:5092"
[outcomes.default]
term_code = "Completed"
[outcomes.paid]
term_code = "Paid"
term_codes = { "46015" = "Paid in full" }
notes = "by the bot"
move_to_not_ready = true
[outcomes.customer_hung_up]
term_code = "Customer Hung Up"
[outcomes.transfer_failed]
term_code = "Transfer Failed"
[outcomes.bridge_failure]
term_code = "System Failure"
[outcomes.transferred]
term_code = "Transferred to Agent"
[targets.collections]
contacts = ["Collections Queue", "Billing"]
aliases = ["+15551230000"]
"""
FACTS = CallFacts("c1", "8990000001", "+12134634007", "", "", "", "")
IDS = CallIds("108821676850", "U5@10.1.2.3", None)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    path = tmp_path / "bridge.toml"
    path.write_text(TEXT)
    return load(path, {})


def ended(fate: Fate, verdict: Verdict | None = None, *, answered: bool = True, bot: bool = False) -> StartWrapUp:
    return StartWrapUp(fate, verdict, customer=CustomerLeg.UP, bot_present=bot, answered=answered)


def plan(settings: Settings, end: StartWrapUp, ids: CallIds = IDS) -> Plan:
    return Outcomes(settings).plan(end, ids, FACTS)


def test_what_the_bot_said_is_the_disposition(settings: Settings) -> None:
    made = plan(settings, ended(Fate.FINISHED, Complete("paid", Remarks("card", "12.50"))))
    assert made.disposition == Disposition("paid", "Paid", "by the bot\ncard", "12.50")
    assert (made.transfer, made.move_to_not_ready) == ((), True)


def test_a_bot_that_said_nothing_leaves_it_to_fate(settings: Settings) -> None:
    assert plan(settings, ended(Fate.CUSTOMER_HUNG_UP)).disposition.term_code == "Customer Hung Up"


def test_an_outcome_without_a_section_is_the_default(settings: Settings) -> None:
    made = plan(settings, ended(Fate.FINISHED, Complete("never heard of")))
    assert made.disposition.term_code == made.default_term_code == "Completed"


def test_outcomes_of_the_settings_and_fates_are_known(settings: Settings) -> None:
    outcomes = Outcomes(settings)
    assert all(outcomes.knows(name) for name in ("paid", " Paid", "rtp_timeout", "finished"))
    assert not outcomes.knows("never heard of")


def test_a_service_may_name_its_own_term_code(settings: Settings) -> None:
    made = plan(settings, ended(Fate.FINISHED, Complete("paid")), CallIds("1", "2", "46015"))
    assert made.disposition.term_code == "Paid in full"


def test_a_transfer_tries_the_targets_contacts_in_order(settings: Settings) -> None:
    made = plan(settings, ended(Fate.TRANSFERRED, Transfer("+15551230000"), bot=True))
    assert made.transfer == ("Collections Queue", "Billing")
    assert made.disposition.term_code == "Transferred to Agent"
    assert made.transfer_failed.term_code == "Transfer Failed"
    assert made.bot_present


def test_a_rescue_that_fails_keeps_the_fate_that_made_it_necessary(settings: Settings) -> None:
    made = plan(settings, ended(Fate.BRIDGE_FAILURE, Transfer("collections", outcome="bridge_failure")))
    assert made.disposition.term_code == made.transfer_failed.term_code == "System Failure"


def test_the_settings_say_how_the_call_ends_and_how_long_it_is_tried(settings: Settings) -> None:
    made = plan(settings, ended(Fate.FINISHED))
    assert made.end_call is EndCallBy.CALL_END
    assert (made.limits.transfer_s, made.limits.give_up_s, made.limits.first_look_s) == (45, 600, 8.0)


def test_a_call_that_was_never_answered_is_not_looked_for_long(settings: Settings) -> None:
    assert plan(settings, ended(Fate.ENGINE_UNAVAILABLE, answered=False)).limits.first_look_s == 2.0


@pytest.mark.parametrize(("state", "leg"), [("WRAPUP", CustomerLeg.GONE), ("INCALL", CustomerLeg.LOST)])
def test_a_stray_call_is_a_failure_of_ours(settings: Settings, state: str, leg: CustomerLeg) -> None:
    made = Outcomes(settings).stray_plan(AgentStuck("8990000001", state, "108821676850", 40.0))
    assert (made.customer, made.disposition.term_code) == (leg, "System Failure")
    assert made.ids == CallIds("108821676850")
    assert made.transfer == ("Collections Queue", "Billing")


@pytest.mark.parametrize(
    ("caller", "number"),
    [
        ("+12134634007", "2134634007"),
        ("12134634007", "2134634007"),
        ("2134634007", "2134634007"),
        ("(213) 463-4007", "2134634007"),
        ("anonymous", ""),
        ("", ""),
        ("+442071234567", ""),
    ],
)
def test_the_callers_number_is_written_as_livevox_does(caller: str, number: str) -> None:
    assert phone_number(caller) == number


def test_the_settings_know_every_fate() -> None:
    assert set(FATES) == {fate.value for fate in Fate}
