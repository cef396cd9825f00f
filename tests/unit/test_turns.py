"""Who spoke when, and how long the other waited."""

import pytest

from bridge.media.turns import Turns


def speak(turns: Turns, who: str, start: float, end: float) -> None:
    at = start
    while at < end:
        getattr(turns, who)(at)
        at += 0.02


def test_first_audio_counts_from_the_answer_and_only_once() -> None:
    turns = Turns()
    turns.answered(10.0)
    turns.bot(10.4)
    turns.answered(20.0)
    turns.bot(20.1)
    assert turns.first_audio_s == pytest.approx(0.4)


def test_a_greeting_is_no_turn() -> None:
    turns = Turns()
    turns.answered(0.0)
    turns.bot(1.0)
    assert turns.count == 0
    assert (turns.turn_p50_s, turns.turn_max_s) == (None, None)


def test_a_turn_is_from_the_customers_last_sound_to_the_bots_first() -> None:
    turns = Turns()
    turns.answered(0.0)
    speak(turns, "bot", 0.0, 2.0)
    for start, wait in ((3.0, 0.7), (6.0, 0.3), (9.0, 1.5)):
        speak(turns, "customer", start, start + 1)
        speak(turns, "bot", turns.customer_at + wait, turns.customer_at + wait + 0.5)
    assert turns.count == 3
    assert turns.turn_p50_s == pytest.approx(0.7)
    assert turns.turn_max_s == pytest.approx(1.5)


def test_a_bot_that_goes_on_after_a_pause_of_its_own_has_taken_no_turn() -> None:
    turns = Turns()
    turns.answered(0.0)
    speak(turns, "bot", 0.0, 1.0)
    speak(turns, "bot", 3.0, 4.0)
    assert turns.count == 0


def test_a_customer_who_speaks_over_the_bot_makes_no_turn() -> None:
    turns = Turns()
    turns.answered(0.0)
    for place in range(100):
        turns.bot(place * 0.02)
        turns.customer(place * 0.02 + 0.01)
    assert turns.count == 0


def test_a_bot_that_was_interrupted_and_answers_at_once_has_taken_a_turn() -> None:
    turns = Turns()
    turns.answered(0.0)
    speak(turns, "bot", 0.0, 1.0)
    turns.customer(0.95)
    turns.customer(1.0)
    turns.barge_in(0.012)
    turns.bot(1.2)
    assert turns.count == 1
    assert turns.turn_max_s == pytest.approx(0.2)


def test_the_longest_barge_in_is_kept() -> None:
    turns = Turns()
    for lasted in (0.004, 0.019, 0.001):
        turns.barge_in(lasted)
    assert (turns.barge_ins, turns.barge_in_max_s) == (3, 0.019)
