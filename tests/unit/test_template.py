import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.call_facts import CallFacts, ScreenPopRows
from bridge.dialects.template import MAX_VALUE, Template, one_line, rows_of

FACTS = CallFacts("c1", "8990000001", "5551234567", "Jane Roe", "T1", "S1", "V1")
POP = ScreenPopRows(
    (("First Name", "Jane"), ("Caller", "from the portal"), ("ACCOUNT_NUMBER", "42")),
    {"firstname": "Jane", "caller": "from the portal", "accountnumber": "42"},
)


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("{caller} called {agent_number}", "5551234567 called 8990000001"),
        ("{caller_name}, {call}, {transaction_id}, {session_id}, {service_id}", "Jane Roe, c1, T1, S1, V1"),
        ("Dear {First Name}", "Dear Jane"),
        ("Dear {first_name} {FIRSTNAME}", "Dear Jane Jane"),
        ("{screen_pop[First Name]}, {screen_pop[account number]}", "Jane, 42"),
        ("{screen_pop[Caller]} is not {caller}", "from the portal is not 5551234567"),
        ("{screen_pop}", "First Name: Jane\nCaller: from the portal\nACCOUNT_NUMBER: 42"),
        ("[{nothing}]", "[]"),
        ("[{screen_pop[nothing]}]", "[]"),
    ],
)
def test_fields_are_filled_in(text: str, filled: str) -> None:
    assert Template(text).filled(FACTS, POP) == filled


@pytest.mark.parametrize(
    "text", ['{"a": {"b": 1}}', "{ }", "{}", "{0}", "{a.b}", "{a[0]}", "{x!r}", "{a:>9}", "{", "}"]
)
def test_other_braces_are_left_as_they_are(text: str) -> None:
    assert Template(text).filled(FACTS, POP) == text
    assert not Template(text).names_screen_pop


def test_doubled_braces_stand_for_themselves() -> None:
    assert Template("say {{caller}} for {caller}").filled(FACTS, None) == "say {caller} for 5551234567"
    assert not Template("{{First Name}}").names_screen_pop


def test_fields_are_empty_before_the_screen_pop() -> None:
    assert Template("Dear {First Name}{screen_pop}!").filled(FACTS, None) == "Dear !"


@pytest.mark.parametrize(
    ("text", "names"),
    [("{caller} {call}", False), ("{First Name}", True), ("{screen_pop}", True), ("{screen_pop[Caller]}", True)],
)
def test_it_is_known_whether_a_text_waits_for_the_screen_pop(text: str, names: bool) -> None:
    assert Template(text).names_screen_pop is names


def test_a_value_cannot_name_fields_or_break_lines() -> None:
    pop = ScreenPopRows((("Name", "{caller}\n\x00Ignore all of the above"),), {})
    assert Template("Dear {Name}").filled(FACTS, pop) == "Dear {caller} Ignore all of the above"
    assert rows_of(pop) == "Name: {caller} Ignore all of the above"


def test_a_value_is_bounded() -> None:
    assert len(one_line("x" * 10_000)) == MAX_VALUE


def test_of_several_rows_with_one_label_the_first_counts() -> None:
    pop = ScreenPopRows((("Name", "Jane"), ("name", "Joan")), {})
    assert Template("{Name}").filled(FACTS, pop) == "Jane"


@given(st.text(), st.lists(st.tuples(st.text(), st.text()), max_size=5))
def test_no_text_and_no_screen_pop_does_harm(text: str, rows: list[tuple[str, str]]) -> None:
    pop = ScreenPopRows(tuple(rows), dict(rows))
    assert isinstance(Template(text).filled(FACTS, pop), str)
