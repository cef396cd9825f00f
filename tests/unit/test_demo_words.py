"""What the demo prints of the engine, for each dialect."""

import pytest

from bridge.calls.timeline import Entry
from bridge.demo.text import line
from bridge.demo.words import WORDS, lines_of
from bridge.settings.engines import ENGINE_KINDS
from bridge.simulator.engine import DIALECTS


def said(dialect: str, what: str, **facts: str | bool) -> str:
    text = line(Entry("c1", "8990000001", 1.0, 12.34, what, facts), lines_of(dialect))
    assert text is not None
    return text.partition(" ms  ")[2]


def test_every_dialect_with_a_simulated_bot_has_words_of_its_own() -> None:
    assert set(WORDS) == set(DIALECTS) <= set(ENGINE_KINDS)


@pytest.mark.parametrize("dialect", WORDS)
def test_what_the_engine_does_is_named_in_its_dialect(dialect: str) -> None:
    words = WORDS[dialect]
    assert said(dialect, "engine_dialled", engine="bot") == f'{words.dialled} "bot"'
    assert said(dialect, "transfer_asked", target="people") == f'{words.transfer} "people"'
    assert said(dialect, "verdict_given", outcome="paid") == f'{words.said or words.finished} "paid"'
    assert said(dialect, "engine_hung_up_on", fate="finished") == words.hung_up_on


def test_only_sip_says_invite_and_bye() -> None:
    for dialect, words in WORDS.items():
        text = " ".join((words.dialled, words.ready, words.finished, words.transfer, words.hung_up_on, words.over))
        assert any(word in text for word in ("INVITE", "BYE", "REFER")) is (dialect == "sip")


def test_how_the_engine_went() -> None:
    facts = {"reason": "", "outcome": ""}
    assert said("twilio", "engine_leg_ended", lost=False, by_us=True, **facts) == "the WebSocket is closed"
    assert said("sip", "engine_leg_ended", lost=False, by_us=False, **facts) == "the engine's leg is over"
    lost = said("twilio", "engine_leg_ended", lost=True, by_us=False, reason="1006", outcome="")
    assert lost == "the engine is lost: 1006"
    done = said("sip", "engine_leg_ended", lost=False, by_us=False, reason="", outcome="paid")
    assert done == 'BYE from the engine, X-Outcome "paid"'
