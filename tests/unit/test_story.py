"""One call, told: its timeline, its times, its words."""

import json
from datetime import UTC

from bridge.journal.call_rows import QualityRow
from bridge.story.as_json import story_body
from bridge.story.as_text import story_text
from bridge.story.story import tell
from tests.story_rows import BEGAN, CALLER, GOOD, INVITE, TERM_CODE, entry, message, rows

OK = "SIP/2.0 200 OK\nCSeq: 1 INVITE\n\n"
CALL = rows(
    messages=(
        message(-80, INVITE),
        message(100, OK, sent=True),
        message(40_100, TERM_CODE, protocol="rest", leg="", sent=True),
        message(40_150, "204 in 50 ms", protocol="rest", leg=""),
        message(5_000, "good morning", protocol="speech", leg="engine"),
    ),
    quality=(QualityRow(BEGAN + 1, "customer", ((50, 0, 1.0, 0.0, -20.0, 4.4), (40, 10, 9.0, 0.0, -96.0, 2.0))),),
)


def test_everything_is_in_one_line_of_time_that_begins_with_the_first_message() -> None:
    told = tell(CALL, whole=True).moments
    assert [moment.elapsed_ms for moment in told] == sorted(moment.elapsed_ms for moment in told)
    assert (told[0].title, told[0].elapsed_ms) == ("INVITE", 0.0)
    titles = [moment.title for moment in told]
    assert "200 OK (INVITE)" in titles and "PUT agent/call/termCode" in titles
    assert "The bot: good morning" in titles and "The call is answered, with PCMU" in titles


def test_arrows_go_from_who_sent_to_who_got_it() -> None:
    ways = {moment.title: (moment.source, moment.target) for moment in tell(CALL, whole=True).moments}
    assert ways["INVITE"] == ("LiveVox SIP", "bridge")
    assert ways["200 OK (INVITE)"] == ("bridge", "LiveVox SIP")
    assert ways["PUT agent/call/termCode"] == ("bridge", "LiveVox REST")


def test_the_times_that_people_feel_have_names() -> None:
    times = {each.name: each.ms for each in tell(CALL, whole=True).latencies}
    assert times == {
        "answer": 100.0,
        "engine_ready": 40.0,
        "acknowledged": 20.0,
        "first_audio": 50.0,
        "customer_audio": 10.0,
        "screen_pop": 40.0,
        "turn": 700.0,
        "ready_again": 380.0,
    }


def test_a_call_without_trouble_says_so() -> None:
    story = tell(CALL, whole=True)
    assert story.headline == "Nothing went wrong on this call."
    assert story.summary == (
        "It was answered after 0.1 s and lasted 40 s, with the engine bot. The bot brought it to its end. "
        "LiveVox has the term code Paid, and shows the agent READY."
    )


def test_the_headline_is_what_the_customer_felt() -> None:
    dead = entry(9_000, "dead_air", side="engine", silent_s=12.0, last=True)
    story = tell(rows((*GOOD, dead), fate="dead_air"), whole=False)
    assert story.headline == "The customer heard nothing for 12 s: it was the bot's turn to speak, and it did not."


def test_a_call_that_goes_on_is_told_as_far_as_it_is_known() -> None:
    going_on = rows(GOOD[:8], closed_at=None, line={}, fate="", confirmation="", term_code="", disposed_at=None)
    story = tell(going_on, whole=False)
    assert not story.over
    assert story.headline == "Nothing has gone wrong so far."
    assert "It goes on" in story.summary


def test_a_call_of_which_nothing_is_known_but_its_row_is_told_too() -> None:
    story = tell(rows((), answered_at=None, fate="", confirmation="", line={}), whole=False)
    assert story.moments == ()
    assert "not answered" in story.summary


def test_nothing_of_the_customer_is_in_a_masked_story() -> None:
    masked = json.dumps(story_body(tell(CALL, whole=False)))
    for hidden in (CALLER, "2135550107", "Jane", "owes money", "good morning"):
        assert hidden not in masked, hidden
    whole = json.dumps(story_body(tell(CALL, whole=True)))
    for shown in (CALLER, "Jane Roe", "owes money", "good morning"):
        assert shown in whole, shown


def test_the_quality_is_told_by_the_second() -> None:
    body = story_body(tell(CALL, whole=False))
    first, second = body["quality"]["customer"]
    assert (first["elapsed_ms"], first["mos"], second["elapsed_ms"], second["lost"]) == (1_080.0, 4.4, 2_080.0, 10)


def test_the_text_for_a_terminal_has_the_answer_at_the_top_and_moves_no_cursor() -> None:
    lost = entry(9_000, "engine_leg_ended", lost=True, reason="\x1b[2Jreset")
    text = story_text(tell(rows((*GOOD, lost), CALL.messages), whole=True), UTC, messages=True)
    lines = text.split("\n")
    assert lines[0].startswith("Call 0123456789abcdef0123: agent 8990000001")
    assert lines[3].startswith("The speech engine was lost")
    assert "LiveVox -> bridge: INVITE" in text and "X-Account: 4711-0815" in text
    assert "\x1b" not in text
    brief = story_text(tell(CALL, whole=True), UTC, messages=False)
    assert "X-Account" not in brief and "200 OK to ACK" in brief
