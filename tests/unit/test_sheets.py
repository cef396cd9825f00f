"""What the HTTP API tells, as text for people."""

from typing import Any

import pytest

from bridge.errors import BridgeRefused
from bridge.masks import mask_name, mask_number
from bridge.operate.sheets import Sheets, lasted, printable, retry_words, table

AT = "2026-03-01T14:03:10.000Z"
CALL = {
    "call": "0123456789abcdef0123",
    "agent_number": "8990000001",
    "caller": "+12134634007",
    "caller_name": "JANE DOE",
    "state": "talking",
    "engine": "bot",
    "started_at": "2026-03-01T14:02:00.000Z",
    "since": "2026-03-01T14:03:05.500Z",
}
AGENT = {
    "number": "8990000001",
    "user_name": "VA0001",
    "state": "wrap_up",
    "since": "2026-03-01T12:02:00.000Z",
    "call": None,
    "waits_for": "a call",
    "paused": False,
}
MASKED = Sheets("http://bridge", mask_number, mask_name, masks=True)
OPEN = Sheets("http://bridge", str, str, masks=False)


def test_calls_are_a_table_with_masked_numbers() -> None:
    assert MASKED.calls({"at": AT, "calls": [CALL]}) == (
        "CALL                  AGENT       CALLER        STATE    FOR  IN ALL  ENGINE\n"
        "0123456789abcdef0123  8990000001  +1213*****07  talking  4 s  1:10    bot\n"
    )


def test_numbers_are_whole_where_the_settings_say_so() -> None:
    assert "+12134634007" in OPEN.calls({"at": AT, "calls": [CALL]})


def test_agents_are_a_table() -> None:
    assert MASKED.agents({"at": AT, "agents": [AGENT]}) == (
        "NUMBER      USER    STATE    FOR      CALL  WAITS FOR\n8990000001  VA0001  wrap up  2:01:10  -     a call\n"
    )


def test_nothing_is_said_to_be_nothing() -> None:
    assert MASKED.calls({"calls": []}) == "No calls.\n"
    assert MASKED.agents({"agents": []}) == "No agents.\n"
    assert MASKED.wrap_ups({"wrap_ups": []}) == "No wrap-ups.\n"


def test_wrap_ups_are_a_table_that_says_what_fails_and_when_it_is_tried() -> None:
    row = {key: CALL[key] for key in ("call", "agent_number", "caller", "since")} | {"kind": "call"}
    rows = [row | {"next_try_s": 12.5, "failing": "no route"}, row | {"next_try_s": None, "failing": ""}]
    assert MASKED.wrap_ups({"at": AT, "wrap_ups": rows}) == (
        "CALL                  AGENT       CALLER        KIND  FOR  NEXT TRY   WHAT FAILS\n"
        "0123456789abcdef0123  8990000001  +1213*****07  call  4 s  in 12.5 s  no route\n"
        "0123456789abcdef0123  8990000001  +1213*****07  call  4 s  now        -\n"
    )


@pytest.mark.parametrize(
    ("came_to", "words"), [("repeated", "told again"), ("under_way", "at this moment"), ("now", "tried now")]
)
def test_a_retry_says_what_it_has_come_to(came_to: str, words: str) -> None:
    assert words in retry_words(came_to)


def test_a_call_has_all_its_facts_and_hides_what_is_the_customers() -> None:
    pop = {"fields": {"balance": "12.50"}, "rows": [["Balance", "12.50"]]}
    said = [{"role": "bot", "text": "Hello Jane"}, {"role": "customer", "text": "Hi"}]
    body = CALL | {"screen_pop": pop, "transcript": said, "service_id": "", "quality": {"lost_packets": 3}}
    lines = MASKED.call(body).splitlines()
    for line in (
        "caller          +1213*****07",
        "caller name     J***",
        "screen pop      1 row, hidden; --json shows them",
        "transcript      2 lines, hidden; --json shows them",
        "service id      -",
        "  lost packets  3",
    ):
        assert line in lines
    assert not any(word in "\n".join(lines) for word in ("12.50", "Hello", "JANE", "4634"))


def test_a_call_shows_what_is_the_customers_where_the_settings_say_so() -> None:
    pop = {"fields": {}, "rows": [["Balance", "12.50"]]}
    body = CALL | {"screen_pop": pop, "transcript": [{"role": "bot", "text": "Hello Jane"}]}
    lines = OPEN.call(body).splitlines()
    assert "  Balance       12.50" in lines
    assert "  bot           Hello Jane" in lines
    assert "caller name     JANE DOE" in lines


def test_a_call_without_screen_pop_or_name_says_so() -> None:
    lines = MASKED.call(CALL | {"caller_name": "", "screen_pop": None, "transcript": []}).splitlines()
    assert {"caller name     -", "screen pop      none", "transcript      none"} <= set(lines)


def test_an_agent_alone_has_all_its_facts() -> None:
    lines = MASKED.agent(AGENT).splitlines()
    assert "user name                 VA0001" in lines
    assert "paused                    no" in lines


@pytest.mark.parametrize("body", [{}, {"calls": {}}, {"calls": "no"}, {"calls": [1]}, {"error": "no"}])
def test_who_answers_otherwise_is_no_bridge(body: dict[str, Any]) -> None:
    with pytest.raises(BridgeRefused, match="http://bridge"):
        MASKED.calls(body)


def test_no_text_of_a_stranger_moves_the_cursor() -> None:
    assert printable("JANE\x1b[2J\r\nDOE\u202e") == "JANE?[2J??DOE?"
    assert "\x1b" not in OPEN.calls({"at": AT, "calls": [CALL | {"caller": "\x1b[2J"}]})
    assert "\x1b" not in OPEN.call(CALL | {"caller_name": "\x1b[2J"})


def test_columns_are_as_wide_as_their_widest_cell_and_lines_end_with_it() -> None:
    assert table(("a", "b"), [["long", "x"], ["s", ""]]) == "A     B\nlong  x\ns\n"


@pytest.mark.parametrize(
    ("since", "words"),
    [
        ("2026-03-01T14:03:10.000Z", "0 s"),
        ("2026-03-01T14:02:11.000Z", "59 s"),
        ("2026-03-01T14:02:10.000Z", "1:00"),
        ("2026-03-01T13:00:07.000Z", "1:03:03"),
        ("2026-03-01T14:05:00.000Z", "0 s"),
        ("yesterday", "-"),
        (None, "-"),
        ("2026-03-01T14:03:10", "-"),
    ],
)
def test_how_long_it_lasts(since: object, words: str) -> None:
    assert lasted(since, AT) == words
