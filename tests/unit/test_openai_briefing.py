import json
from typing import Any

from bridge.dialects.openai_briefing import MAX_ITEMS, MAX_WORDS, Briefing
from bridge.dialects.openai_section import OpenAISection
from tests.unit.openai_stage import FACTS, POP, TERMS


def briefing(**settings: Any) -> Briefing:
    return Briefing(OpenAISection.model_validate({"kind": "openai", **settings}), FACTS, TERMS)


def told(messages: list[str]) -> list[tuple[str, str]]:
    items = [json.loads(message)["item"] for message in messages]
    return [(item["role"], item["content"][0]["text"]) for item in items]


def test_a_new_session_is_told_no_more_than_the_last_forty_items() -> None:
    made = briefing()
    for number in range(100):
        made.said("user", f"{number} " + "x" * 10_000)
    items = told(made.conversation())
    assert len(items) == MAX_ITEMS
    assert items[0][1].startswith("60 ")
    assert len(items[0][1]) == MAX_WORDS


def test_a_screen_pop_that_the_instructions_name_is_not_told_twice() -> None:
    made = briefing(instructions="Talk to {First Name}.")
    made.screen_pop(POP)
    assert json.loads(made.session_update())["session"]["instructions"] == "Talk to Jane."
    assert made.conversation() == []


def test_a_screen_pop_that_they_do_not_name_is_told_to_each_session() -> None:
    made = briefing()
    made.screen_pop(POP)
    made.said("assistant", "Hello.")
    assert [role for role, _ in told(made.conversation())] == ["system", "assistant"]


def test_a_greeting_alone_that_names_fields_waits_but_the_rows_are_told_as_a_message() -> None:
    made = briefing(greeting="Greet {First Name}.")
    assert not made.may_greet
    assert json.loads(made.screen_pop(POP))["type"] == "conversation.item.create"
    assert made.may_greet
    assert made.greeting() == "Greet Jane."


def test_once_heard_there_is_no_greeting() -> None:
    made = briefing(greeting="Greet them.")
    made.greeted()
    assert (made.greets, made.greeting()) == (False, "")
