"""A conversation at a Realtime server: interruptions, turns, failures, functions, transcripts."""

import json

import pytest

from bridge.dialects.openai_talk import EXPECTED_S, FAREWELL_S, RETRY_S
from bridge.verdicts import Complete, Remarks, Transfer
from tests.unit.openai_stage import SOUND, Stage, ready, talking

TEN = "one two three four five six seven eight nine ten"


# Interruptions


def test_what_the_model_says_is_played() -> None:
    stage = talking()
    stage.say(3)
    assert stage.speaker.played == SOUND * 3


def test_the_item_is_truncated_at_what_was_really_heard() -> None:
    stage = talking()
    stage.say(10)
    stage.speaker.hear(420)
    stage.customer_speaks()
    assert stage.speaker.waiting_ms == 0
    (truncate,) = stage.said()
    assert truncate == {
        "type": "conversation.item.truncate",
        "item_id": "item_1",
        "content_index": 0,
        "audio_end_ms": 420,
    }
    assert stage.speaker.noted("barge_in") == [{"played_ms": 420, "unheard_items": 0}]


def test_an_item_of_which_nothing_was_heard_is_deleted() -> None:
    stage = talking()
    stage.say(10)
    stage.customer_speaks()
    assert stage.said() == [{"type": "conversation.item.delete", "item_id": "item_1"}]
    assert stage.speaker.transcripts == []


def test_items_that_waited_behind_are_deleted() -> None:
    stage = talking()
    stage.created()
    for item in ("item_1", "item_2", "item_3"):
        stage.audio(item, 2)
    stage.done()
    stage.speaker.hear(100)
    stage.customer_speaks()
    said = [(event["type"].rpartition(".")[2], event["item_id"]) for event in stage.said()]
    assert said == [("truncate", "item_1"), ("delete", "item_2"), ("delete", "item_3")]


def test_an_item_that_was_heard_whole_is_left_alone() -> None:
    stage = talking()
    stage.say(3, words="Hello.")
    stage.speaker.hear(300)
    stage.customer_speaks()
    assert (stage.said(), stage.speaker.noted("barge_in")) == ([], [])
    assert stage.speaker.transcripts == [("bot", "Hello.")]


def test_an_item_still_being_made_is_truncated_even_when_all_that_came_was_heard() -> None:
    stage = talking()
    stage.created()
    stage.audio(pieces=2)
    stage.speaker.hear(500)
    stage.customer_speaks()
    assert [event["audio_end_ms"] for event in stage.said()] == [200]


def test_late_audio_of_a_truncated_item_is_dropped() -> None:
    stage = talking()
    stage.created()
    stage.audio(pieces=5)
    stage.speaker.hear(200)
    stage.customer_speaks()
    stage.audio(pieces=2)
    assert stage.speaker.waiting_ms == 0
    stage.done(status="cancelled")
    assert [event["type"] for event in stage.said()] == ["conversation.item.truncate"]


def test_late_audio_of_a_cancelled_response_is_dropped_and_its_item_deleted_when_it_is_over() -> None:
    stage = talking()
    stage.created()
    stage.customer_speaks()
    stage.audio("item_late", 2)
    assert (stage.speaker.waiting_ms, stage.said()) == (0, [])
    stage.done(status="cancelled")
    assert stage.said() == [{"type": "conversation.item.delete", "item_id": "item_late"}]


def test_the_response_after_an_interruption_is_played() -> None:
    stage = talking()
    stage.say(10)
    stage.customer_speaks()
    stage.customer_stops()
    stage.say(2, "item_2", "resp_2")
    assert stage.speaker.waiting_ms == 200


def test_the_server_that_interrupts_by_itself_is_not_asked_to_cancel() -> None:
    stage = talking()
    stage.created()
    stage.audio()
    stage.customer_speaks()
    assert stage.kinds() == ["conversation.item.delete"]


def test_a_server_that_does_not_interrupt_is_asked_to_cancel_while_a_response_is_in_progress() -> None:
    stage = talking(turn_detection={"type": "server_vad", "interrupt_response": False})
    stage.created()
    stage.audio()
    stage.customer_speaks()
    assert stage.said()[0] == {"type": "response.cancel", "response_id": "resp_1"}


def test_and_not_when_none_is_in_progress() -> None:
    stage = talking(turn_detection={"type": "server_vad", "interrupt_response": False})
    stage.say(5)
    stage.customer_speaks()
    assert stage.kinds() == ["conversation.item.delete"]


# Transcripts


def test_words_are_told_when_they_were_heard() -> None:
    stage = talking()
    stage.say(3, words="Hello there.")
    assert stage.speaker.transcripts == []
    stage.speaker.hear(300)
    assert stage.speaker.transcripts == [("bot", "Hello there.")]


def test_of_a_truncated_item_so_many_words_are_told_as_of_its_audio_was_heard() -> None:
    stage = talking()
    stage.say(10, words=TEN)
    stage.speaker.hear(300)
    stage.customer_speaks()
    assert stage.speaker.transcripts == [("bot", "one two three …")]


def test_words_that_come_in_parts_are_put_together() -> None:
    stage = talking()
    stage.created()
    stage.audio()
    where = {"response_id": "resp_1", "item_id": "item_1", "output_index": 0, "content_index": 0}
    for delta in ("Good ", "morn", "ing."):
        stage.event("response.output_audio_transcript.delta", **where, delta=delta)
    stage.done()
    stage.speaker.hear(100)
    assert stage.speaker.transcripts == [("bot", "Good morning.")]


def test_what_the_customer_said_is_told() -> None:
    stage = talking()
    heard = {"item_id": "item_c", "content_index": 0, "usage": {"type": "duration", "seconds": 1.0}}
    for words in (" Yes please. ", "  "):
        stage.event("conversation.item.input_audio_transcription.completed", **heard, transcript=words)
    assert stage.speaker.transcripts == [("customer", "Yes please.")]


# Turns


def test_no_response_is_asked_for_while_one_is_in_progress() -> None:
    stage = talking()
    stage.created()
    stage.dialect.key("#", 0.0)
    stage.passes(0)
    assert stage.kinds() == ["conversation.item.create"]
    stage.done()
    assert stage.kinds() == ["response.create"]


def test_no_response_is_asked_for_while_the_customer_speaks_and_the_servers_own_answers_all() -> None:
    stage = talking()
    stage.customer_speaks()
    stage.dialect.key("#", 0.0)
    stage.passes(0)
    stage.customer_stops()
    assert stage.kinds() == ["conversation.item.create"]
    stage.say(1)
    stage.passes(5)
    assert stage.said() == []


def test_a_response_is_asked_for_after_all_when_the_server_makes_none_by_itself() -> None:
    stage = talking()
    stage.customer_speaks()
    stage.dialect.key("#", 0.0)
    stage.passes(0)
    stage.customer_stops()
    stage.said()
    stage.passes(EXPECTED_S)
    assert stage.kinds() == ["response.create"]


def test_a_server_that_makes_no_responses_by_itself_is_asked_for_one_after_each_turn() -> None:
    stage = talking(turn_detection={"type": "semantic_vad", "create_response": False})
    stage.customer_speaks()
    stage.customer_stops()
    assert stage.kinds() == ["response.create"]


def test_when_two_responses_meet_ours_is_asked_for_again_after_the_other() -> None:
    stage = talking()
    stage.dialect.key("#", 0.0)
    stage.passes(0)
    (create,) = stage.said("response.create")
    stage.created("resp_by_itself")
    stage.error("conversation_already_has_active_response", event=create["event_id"])
    assert stage.said() == []
    stage.done("resp_by_itself")
    assert stage.kinds() == ["response.create"]
    assert stage.speaker.failed == []


# Failures


def fail_response(stage: Stage, number: int, code: str = "server_error") -> None:
    stage.created(f"resp_{number}")
    stage.done(f"resp_{number}", "failed", status_details={"type": "failed", "error": {"type": "x", "code": code}})


def test_a_response_that_failed_is_asked_for_again_after_a_moment() -> None:
    stage = ready()
    fail_response(stage, 1)
    assert stage.said() == []
    stage.passes(RETRY_S)
    assert stage.kinds() == ["response.create"]
    assert stage.speaker.noted("engine_error") == [{"code": "server_error"}]


def test_a_server_that_fails_three_times_in_a_row_is_given_up() -> None:
    stage = ready()
    for number in range(3):
        assert stage.speaker.failed == []
        fail_response(stage, number)
        stage.passes(RETRY_S)
    assert stage.speaker.failed == ["server_error"]


def test_failures_with_an_answer_between_them_do_not_add_up() -> None:
    stage = ready()
    for number in range(6):
        fail_response(stage, number)
        stage.passes(RETRY_S)
        stage.say(1, f"item_{number}", f"resp_ok_{number}")
    assert stage.speaker.failed == []


def test_an_exhausted_account_is_given_up_at_once() -> None:
    stage = ready()
    fail_response(stage, 1, "insufficient_quota")
    assert stage.speaker.failed == ["insufficient_quota"]
    assert len(stage.speaker.noted("usage")) == 1


def test_a_refused_request_for_a_response_is_repeated() -> None:
    stage = talking()
    stage.dialect.key("#", 0.0)
    stage.passes(0)
    (create,) = stage.said("response.create")
    stage.error("rate_limit_exceeded", event=create["event_id"])
    stage.passes(RETRY_S)
    assert stage.kinds() == ["response.create"]


# end_call


def test_end_call_says_goodbye_with_the_outcome_while_the_last_sentence_is_still_queued() -> None:
    stage = talking()
    stage.act("end_call", {"outcome": "paid", "notes": "in full", "payment_amount": "12.50"}, speech=5)
    assert stage.speaker.goodbyes == [Complete("paid", Remarks("in full", "12.50"))]
    assert stage.speaker.waiting_ms == 500
    assert stage.outputs() == [("call_of_resp_1", {"ok": True})]


def test_nothing_is_asked_for_after_end_call() -> None:
    stage = talking()
    stage.act("end_call", {"outcome": "paid"})
    stage.dialect.key("#", 0.0)
    stage.passes(20)
    assert "response.create" not in stage.kinds()


def test_the_customer_does_not_cut_off_the_goodbye() -> None:
    stage = talking()
    stage.act("end_call", {"outcome": "paid"}, speech=5)
    stage.customer_speaks()
    assert stage.speaker.waiting_ms == 500


def test_what_the_model_says_after_end_call_is_not_heard() -> None:
    stage = talking()
    stage.act("end_call", {"outcome": "paid"})
    stage.customer_speaks()
    stage.customer_stops()
    stage.say(3, "item_2", "resp_2")
    assert stage.speaker.played == b""


def test_the_customer_is_not_sent_on_after_end_call() -> None:
    stage = talking()
    stage.act("end_call", {"outcome": "paid"})
    stage.said()
    stage.dialect.hear(SOUND[:160], 1.0)
    assert stage.said() == []


def test_a_server_that_closes_after_end_call_meant_it() -> None:
    stage = talking()
    stage.act("end_call", {"outcome": "paid"})
    assert stage.dialect.closed(1000, 1.0) is True


def test_end_call_counts_once_however_often_the_server_says_it() -> None:
    stage = talking()
    stage.created()
    stage.call_function("end_call", {"outcome": "paid"})
    item = {"id": "item_call_1", "type": "function_call", "status": "completed", "call_id": "call_1"}
    stage.done(output=[{**item, "name": "end_call", "arguments": '{"outcome": "paid"}'}])
    assert len(stage.speaker.goodbyes) == 1
    assert len(stage.outputs()) == 1


def test_end_call_is_not_carried_out_before_its_response_is_over() -> None:
    stage = talking()
    stage.created()
    stage.call_function("end_call", {"outcome": "paid"})
    assert stage.speaker.goodbyes == []


def test_end_call_of_an_interrupted_response_is_not_carried_out() -> None:
    stage = talking()
    stage.created()
    stage.call_function("end_call", {"outcome": "paid"})
    stage.customer_speaks()
    stage.done(status="cancelled")
    assert stage.speaker.goodbyes == []
    assert stage.outputs() == [("call_1", {"error": "not carried out"})]


def test_a_call_that_was_cut_short_is_no_call() -> None:
    stage = talking()
    stage.created()
    stage.call_function("end_call", '{"outcome": "pa', status="incomplete")
    stage.done(status="cancelled")
    assert (stage.speaker.goodbyes, stage.said()) == ([], [])


def test_what_was_used_is_noted_before_the_goodbye() -> None:
    stage = talking()
    stage.act("end_call", {"outcome": "paid"})
    assert len(stage.speaker.noted("usage")) == 1


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ('{"outcome": ', "the arguments are not JSON"),
        ("[]", "the arguments are not a JSON object"),
        ({"outcome": "lost"}, "outcome must be one of paid, refused"),
        ({"outcome": {"a": 1}}, '"outcome" must be text'),
    ],
)
def test_a_call_that_cannot_be_carried_out_is_answered_so_that_the_model_can_do_better(
    arguments: object, error: str
) -> None:
    stage = talking()
    stage.act("end_call", arguments)
    said = stage.said()
    assert json.loads(said[0]["item"]["output"])["error"].endswith(error)
    assert [event["type"] for event in said] == ["conversation.item.create", "response.create"]
    assert stage.speaker.goodbyes == []


def test_an_unknown_function_is_answered_so() -> None:
    stage = talking()
    stage.act("fly", {})
    assert stage.outputs() == [("call_of_resp_1", {"error": "there is no such function"})]


# transfer_call


def test_a_transfer_begins_when_the_customer_has_heard_what_was_said_to_it() -> None:
    stage = talking()
    stage.act("transfer_call", {"target": "billing", "notes": "wants a refund"}, speech=5)
    stage.speaker.hear(400)
    assert stage.speaker.verdicts == []
    stage.speaker.hear(100)
    assert stage.speaker.verdicts == [Transfer("billing", "", Remarks("wants a refund", ""))]


def test_a_transfer_without_words_begins_at_once() -> None:
    stage = talking()
    stage.act("transfer_call", {"target": "billing"})
    assert stage.speaker.verdicts == [Transfer("billing")]


def test_a_transfer_waits_for_a_long_sentence_no_longer_than_it_may() -> None:
    stage = talking()
    stage.act("transfer_call", {"target": "billing"}, speech=200)
    stage.passes(FAREWELL_S - 0.1)
    assert stage.speaker.verdicts == []
    stage.passes(0.1)
    assert stage.speaker.verdicts == [Transfer("billing")]
    stage.speaker.hear(20_000)
    assert len(stage.speaker.verdicts) == 1


def test_the_customer_does_not_cut_off_what_is_said_to_a_transfer() -> None:
    stage = talking()
    stage.act("transfer_call", {"target": "billing"}, speech=5)
    stage.customer_speaks()
    assert (stage.speaker.waiting_ms, stage.speaker.verdicts) == (500, [])


def test_a_transfer_that_runs_or_is_done_is_not_told() -> None:
    stage = talking()
    stage.act("transfer_call", {"target": "billing"})
    stage.said()
    stage.dialect.transfer_progress(100, 1.0)
    stage.dialect.transfer_progress(200, 2.0)
    assert stage.said() == []


def test_after_a_transfer_that_failed_the_model_talks_on() -> None:
    stage = talking()
    stage.act("transfer_call", {"target": "billing"})
    stage.said()
    stage.dialect.transfer_progress(486, 1.0)
    item, create = stage.said()
    assert (item["item"]["role"], create["type"]) == ("system", "response.create")
    assert "486" in item["item"]["content"][0]["text"]
    stage.say(2, "item_2", "resp_2")
    stage.speaker.hear(50)
    stage.customer_speaks()
    assert [event["audio_end_ms"] for event in stage.said()] == [50]


def test_a_transfer_whose_server_is_lost_begins_at_once_and_the_server_is_lost() -> None:
    stage = talking()
    stage.act("transfer_call", {"target": "billing"}, speech=5)
    assert stage.dialect.closed(1006, 1.0) is False
    assert stage.speaker.verdicts == [Transfer("billing")]


def test_an_unknown_target_is_answered_with_those_there_are() -> None:
    stage = talking()
    stage.act("transfer_call", {"target": "the moon"})
    assert stage.outputs()[0][1]["error"].endswith("target must be one of collections, billing")
    assert stage.speaker.verdicts == []


def test_of_two_verdicts_in_one_response_the_first_counts() -> None:
    stage = talking()
    stage.created()
    stage.call_function("transfer_call", {"target": "billing"}, "call_1")
    stage.call_function("end_call", {"outcome": "paid"}, "call_2")
    stage.done()
    assert (stage.speaker.verdicts, stage.speaker.goodbyes) == ([Transfer("billing")], [])
    assert [output for _, output in stage.outputs()][1].keys() == {"error"}


# Other functions


def test_keys_are_pressed_where_the_settings_allow_it() -> None:
    stage = talking(send_digits=True)
    stage.act("send_digits", {"digits": "12 #a"})
    assert stage.speaker.pressed == "12#A"
    said = stage.said()
    assert json.loads(said[0]["item"]["output"]) == {"ok": True}
    assert said[1]["type"] == "response.create"


@pytest.mark.parametrize("digits", ["", "12x", 12, "1" * 51, None])
def test_keys_that_no_phone_has_are_refused(digits: object) -> None:
    stage = talking(send_digits=True)
    stage.act("send_digits", {"digits": digits})
    assert stage.speaker.pressed == ""
    assert "error" in stage.outputs()[0][1]


def test_the_recording_is_paused_and_the_model_talks_on() -> None:
    stage = talking(pause_recording=True)
    stage.act("pause_recording", {})
    assert stage.speaker.recorded == [False]
    assert stage.outputs() == [("call_of_resp_1", {"ok": True})]


def test_keys_are_not_pressed_where_the_settings_do_not_allow_it() -> None:
    stage = talking()
    stage.act("send_digits", {"digits": "1"})
    assert stage.speaker.pressed == ""
    assert stage.outputs() == [("call_of_resp_1", {"error": "there is no such function"})]


TOOLS = [{"name": "find_order", "url": "http://127.0.0.1/order"}, {"name": "find_invoice", "url": "http://127.0.0.1/i"}]


def test_a_forwarded_function_is_used_and_its_answer_told() -> None:
    stage = talking(tools=TOOLS)
    stage.act("find_order", {"number": 7})
    assert stage.speaker.tools == [("call_of_resp_1", "find_order", '{"number": 7}')]
    assert stage.said() == []
    stage.dialect.tool_answered("call_of_resp_1", '{"status": "sent"}', 1.0)
    output, create = stage.said()
    assert output["item"] == {
        "type": "function_call_output",
        "call_id": "call_of_resp_1",
        "output": '{"status": "sent"}',
    }
    assert create["type"] == "response.create"


def test_the_model_speaks_when_all_functions_of_a_response_have_answered() -> None:
    stage = talking(tools=TOOLS)
    stage.created()
    stage.call_function("find_order", {}, "call_1")
    stage.call_function("find_invoice", {}, "call_2")
    stage.done()
    stage.dialect.tool_answered("call_2", "{}", 1.0)
    assert stage.kinds() == ["conversation.item.create"]
    stage.dialect.tool_answered("call_1", "{}", 1.0)
    assert stage.kinds() == ["conversation.item.create", "response.create"]


def test_an_answer_that_nobody_waits_for_is_dropped() -> None:
    stage = talking(tools=TOOLS)
    stage.act("find_order", {})
    stage.dialect.tool_answered("call_of_another", "{}", 1.0)
    stage.dialect.tool_answered("call_of_resp_1", "{}", 1.0)
    stage.dialect.tool_answered("call_of_resp_1", "{}", 1.0)
    assert len(stage.outputs()) == 1


def test_a_function_whose_session_is_lost_is_owed_in_the_next() -> None:
    stage = talking(tools=TOOLS)
    stage.act("find_order", {})
    stage.dialect.closed(1006, 1.0)
    stage.connect()
    stage.dialect.tool_answered("call_of_resp_1", "{}", 2.0)
    assert stage.kinds() == ["session.update", "response.create"]


def test_arguments_that_are_no_object_are_not_forwarded() -> None:
    stage = talking(tools=TOOLS)
    stage.act("find_order", "[1]")
    assert stage.speaker.tools == []
    assert "error" in stage.outputs()[0][1]
