"""What is said of a call to a number, by the settings alone."""

from pathlib import Path

import pytest

from bridge.explain import explain
from tests.unit.settings_texts import GOOD, SECRETS, load_text, with_line

KEYS = SECRETS | {"RTP_ENGINE_SECRET": "a key"}

FULL = """\
[sip]
listen = "192.0.2.10:5070"
allow = ["198.51.100.0/24", "203.0.113.7"]
strangers = "silence"
[livevox]
client_name = "Acme"
service_id = "46014"
on_failure = "people"
[livevox.hours]
timezone = "America/New_York"
monday = ["08:00-12:00", "13:00-20:00"]
saturday = ["22:00-02:00"]
holidays = ["2026-12-25"]
[[agents]]
number = "8990000001"
user_name = "VA0001"
service_id = "7"
engines = ["first", "second", "third"]
[engines.third]
kind = "rtp"
url = "https://bot.example.com/"
[engines.first]
kind = "sip"
uri = "sip:bot@192.0.2.20"
connect_timeout_s = 2.5
[engines.second]
kind = "sip"
uri = "sip:bot@192.0.2.21"
[outcomes.default]
term_code = "Completed"
[outcomes.drained]
term_code = "Other"
term_codes = { 7 = "Seventh" }
notes = "closing"
move_to_not_ready = true
[outcomes.promise]
term_code = "Promise"
[targets.people]
contacts = ["Queue", "Desk"]
aliases = ["+15551230000"]
outcome = "promise"
"""

EXPLAINED = """\
8990000001 is the agent VA0001 in service 7.

An INVITE for sip:+18990000001@192.0.2.10:5070
  is taken from                 198.51.100.0/24, 203.0.113.7/32; others get no answer
  while the agent is logged in  mon 08:00-12:00 13:00-20:00, sat 22:00-02:00 (America/New_York), but for 1 holidays
  engine 1                      first: sip:bot@192.0.2.20, passed over after 2.5 s
  engine 2                      second: sip:bot@192.0.2.21, passed over after 5 s
  engine 3                      third: rtp https://bot.example.com/, secret in RTP_ENGINE_SECRET, passed over after 5 s
  no engine answers             503
  nobody says anything          the bot is told after 15 s, and dead_air after 30 s
  audio                         PCMU or PCMA to 192.0.2.10, ports 20000-29999
  the HTTP API for bots         http://127.0.0.1:8080, from this machine only, with the token in BRIDGE_ENGINE_TOKEN

The call ends, and LiveVox is told
  default             "Completed"  agent Ready
  finished            "Completed"  as default, agent Ready
  customer_hung_up    "Completed"  as default, agent Ready
  transferred         "Completed"  as default, agent Ready
  transfer_failed     "Completed"  as default, agent Ready
  engine_lost         "Completed"  as default, agent Ready
  engine_unavailable  "Completed"  as default, agent Ready
  rtp_timeout         "Completed"  as default, agent Ready
  dead_air            "Completed"  as default, agent Ready
  bridge_failure      "Completed"  as default, agent Ready
  drained             "Seventh"    notes: closing, agent Not Ready
  promise             "Promise"    agent Ready

The bot asks for a human, and these contacts of the phonebook are tried
  people, +15551230000  "Queue", then "Desk"  "Promise" (promise)

When the engine or the bridge fails, the customer is handed over to people.
"""


def test_all_that_would_become_of_a_call(tmp_path: Path) -> None:
    explanation = explain(load_text(tmp_path, FULL, KEYS), "8990000001")
    assert (explanation.taken, explanation.text) == (True, EXPLAINED)


@pytest.mark.parametrize("asked", ["+18990000001", "1-899-000-0001", "sip:+18990000001@192.0.2.10:5070;x=1"])
def test_a_number_may_be_asked_for_as_people_or_livevox_write_it(tmp_path: Path, asked: str) -> None:
    assert explain(load_text(tmp_path, FULL, KEYS), asked).text == EXPLAINED


def test_what_is_not_set_is_said_too(tmp_path: Path) -> None:
    text = GOOD.replace('[targets.collections]\ncontacts = ["Collections Queue"]\n', "")
    text = text.replace('[livevox.hours]\ntimezone = "UTC"\nmonday = ["08:00-20:00"]\n', "")
    said = explain(load_text(tmp_path, text, KEYS), "8990000001").text
    assert "  while the agent is logged in  always\n" in said
    assert "127.0.0.0/8; others get 403\n" in said
    assert "  (no [targets])  the customer stays with the bot\n" in said
    assert said.endswith("fails, the call ends: livevox.on_failure names no target.\n")


def test_what_becomes_of_calls_without_an_engine_or_a_word_may_be_set(tmp_path: Path) -> None:
    text = FULL.replace('on_failure = "people"', 'on_failure = "people"\non_engine_unavailable = "transfer"')
    text = text.replace("[livevox]\n", "[media]\ndead_air_s = 0\n[livevox]\n")
    text = text.replace("https://bot.example.com/", "http://127.0.0.1:7000/")
    said = explain(load_text(tmp_path, text, KEYS), "8990000001").text
    assert "  no engine answers             answered all the same, and handed over to people\n" in said
    assert "  nobody says anything          nothing is done: media.dead_air_s is 0\n" in said
    assert "7000/, secret in RTP_ENGINE_SECRET (not needed: it is on this machine), passed over" in said
    said = explain(
        load_text(tmp_path, text.replace('kind = "rtp"', 'kind = "rtp"\nsecret_env = ""')), "8990000001"
    ).text
    assert "third: rtp http://127.0.0.1:7000/, no secret, passed over after 5 s\n" in said


def test_an_http_api_that_others_reach_is_said_without_a_reserve(tmp_path: Path) -> None:
    text = FULL + '[admin]\npublic_url = "https://bridge.example.com"\n'
    said = explain(load_text(tmp_path, text, KEYS), "8990000001").text
    assert "the HTTP API for bots         https://bridge.example.com, with the token in BRIDGE_ENGINE_TOKEN" in said


def test_a_number_of_no_agent_is_refused_and_some_that_are_named(tmp_path: Path) -> None:
    said = explain(load_text(tmp_path, GOOD), "8990000009")
    assert (said.taken, said.text) == (
        False,
        "Refused with 404: no agent has the number 8990000009. There are 8990000001.\n",
    )
    more = "".join(f'[[agents]]\nnumber = "899000010{n}"\nuser_name = "VB{n}"\n' for n in range(3))
    said = explain(load_text(tmp_path, GOOD + more), "8990000009")
    assert said.text.endswith("There are 8990000001, 8990000100, 8990000101, ….\n")


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        ("bob", "the user part is no number"),
        ("2134634007", "not an 899 number"),
        ("sip:8990000001", "no user part"),
        ("sip:+1899@h", "wrong length for a number"),
        ("", "the user part is no number"),
    ],
)
def test_what_is_no_number_of_ours_is_refused_with_the_reason(tmp_path: Path, asked: str, reason: str) -> None:
    said = explain(load_text(tmp_path, with_line("[sip]", "max_calls = 10")), asked)
    assert (said.taken, said.text) == (False, f"Refused with 404, not ours: {reason}.\n")
