"""The dialect `openai` over a whole session: opening, formats, greeting, renewal, loss."""

import json

import pytest

from bridge.dialects.openai import KEYS_S, OpenAIDialect
from bridge.dialects.openai_section import OpenAISection
from bridge.dialects.registry import KINDS
from bridge.errors import InvalidEngineMessage
from tests.unit.openai_stage import POP, SOUND, Stage, ready, talking


def test_it_is_found_as_a_kind_of_engine() -> None:
    assert KINDS["openai"].section is OpenAISection
    assert KINDS["openai"].make is OpenAIDialect


def test_the_key_is_shown_as_a_bearer_token_beside_further_headers() -> None:
    opening = Stage(headers={"OpenAI-Project": "p1"}).dialect.opening()
    assert opening.url == "wss://ai.test/v1"
    assert opening.headers == (("Authorization", "Bearer sk-secret"), ("OpenAI-Project", "p1"))


def test_azure_gets_the_key_in_its_own_header() -> None:
    assert Stage(authorization="api-key").dialect.opening().headers == (("api-key", "sk-secret"),)


def test_the_session_is_asked_for_mu_law_both_ways_once_the_server_has_spoken() -> None:
    stage = Stage(instructions="You talk to {caller}.")
    stage.dialect.connected(0.0)
    assert stage.said() == []
    stage.event("session.created", session={"type": "realtime"})
    (update,) = stage.said()
    session = update["session"]
    assert session["audio"]["input"]["format"] == session["audio"]["output"]["format"] == {"type": "audio/pcmu"}
    assert session["instructions"] == "You talk to 5551234567."
    assert stage.speaker.readies == 0


def test_a_server_that_begins_with_its_conversation_is_served_and_configured_once() -> None:
    stage = Stage()
    stage.dialect.connected(0.0)
    stage.event("conversation.created", conversation={"id": "conv_1"})
    stage.event("session.created", session={"type": "realtime"})
    assert stage.kinds() == ["session.update"]


def test_it_is_ready_once_the_server_says_mu_law_both_ways() -> None:
    stage = Stage()
    stage.connect()
    assert (stage.speaker.readies, stage.speaker.failed) == (1, [])


def test_another_format_of_speech_is_refused_in_words() -> None:
    stage = Stage()
    stage.dialect.connected(0.0)
    stage.event("session.created", session={"type": "realtime"})
    stage.updated(said={"type": "audio/pcm", "rate": 24000})
    assert stage.speaker.failed == ["session.updated says output format audio/pcm, 24000; audio/pcmu was asked for"]
    assert stage.speaker.readies == 0


def test_another_format_of_hearing_is_refused_too() -> None:
    stage = Stage()
    stage.dialect.connected(0.0)
    stage.event("session.created", session={"type": "realtime"})
    stage.updated(heard="audio/pcma")
    assert stage.speaker.failed == ["session.updated says input format audio/pcma; audio/pcmu was asked for"]


def test_a_server_that_names_no_format_is_refused() -> None:
    stage = Stage()
    stage.dialect.connected(0.0)
    stage.event("session.created", session={"type": "realtime"})
    stage.event("session.updated", session={"type": "realtime"})
    assert stage.speaker.failed == ["session.updated says input format none; audio/pcmu was asked for"]


def test_a_server_that_agrees_on_no_session_fails() -> None:
    stage = Stage(connect_timeout_s=3)
    stage.dialect.connected(0.0)
    stage.event("session.created", session={"type": "realtime"})
    stage.passes(2.9)
    assert stage.speaker.failed == []
    stage.passes(0.1)
    assert stage.speaker.failed == ["no session was agreed within 3 s"]


def test_an_error_before_the_session_is_agreed_fails_with_the_servers_words_and_without_keys() -> None:
    stage = Stage()
    stage.dialect.connected(0.0)
    stage.error("invalid_api_key", "Incorrect API key provided: sk-secret. Yours looks like sk-abcd1234ef.")
    assert stage.speaker.failed == ["invalid_api_key: Incorrect API key provided: …. Yours looks like …"]


def test_an_error_later_is_a_note_with_its_code_alone() -> None:
    stage = talking()
    stage.error("rate_limit_exceeded", "customer 5551234567")
    assert stage.speaker.failed == []
    assert stage.speaker.notes == [("engine_error", {"code": "rate_limit_exceeded"})]


def test_an_error_that_nothing_will_mend_ends_the_engine() -> None:
    stage = talking()
    stage.error("insufficient_quota", "You exceeded your current quota")
    assert stage.speaker.failed == ["insufficient_quota: You exceeded your current quota"]


def test_the_customer_is_sent_on_only_when_the_format_is_agreed() -> None:
    stage = Stage()
    stage.dialect.connected(0.0)
    stage.dialect.hear(SOUND[:160], 0.0)
    assert stage.said() == []
    stage.connect()
    stage.said()
    stage.dialect.hear(SOUND[:160], 0.02)
    assert stage.kinds() == ["input_audio_buffer.append"]


@pytest.mark.parametrize("nonsense", ["{", "[1]", '"x"', "{}", '{"type": 3}', "[" * 100_000])
def test_what_is_no_event_is_refused(nonsense: str) -> None:
    with pytest.raises(InvalidEngineMessage):
        talking().dialect.text(nonsense, 0.0)


@pytest.mark.parametrize("delta", ["not base64", "AAA", 7, None, "é"])
def test_audio_that_is_none_is_refused(delta: object) -> None:
    event = {"type": "response.output_audio.delta", "response_id": "r", "item_id": "i", "delta": delta}
    stage = talking()
    with pytest.raises(InvalidEngineMessage):
        stage.dialect.text(json.dumps(event), 0.0)
    assert stage.speaker.played == b""


@pytest.mark.parametrize("kind", ["rate_limits.updated", "input_audio_buffer.committed", "response.thoughts.delta"])
def test_events_that_say_nothing_to_us_are_passed_over(kind: str) -> None:
    stage = talking()
    stage.dialect.text(json.dumps({"type": kind}), 0.0)
    assert (stage.said(), stage.speaker.notes) == ([], [])


@pytest.mark.parametrize(
    "event",
    [
        {"type": "response.created"},
        {"type": "response.created", "response": 4},
        {
            "type": "response.done",
            "response": {"output": [1, {"type": "function_call"}], "usage": {"input_tokens": "x"}},
        },
        {"type": "response.output_item.done", "item": {"type": "function_call", "call_id": 3}},
        {"type": "session.updated", "session": {"audio": {"input": 3}}},
        {"type": "error", "error": "bad"},
        {"type": "input_audio_buffer.speech_started"},
    ],
)
def test_events_with_holes_in_them_do_no_harm(event: object) -> None:
    stage = talking()
    stage.dialect.text(json.dumps(event), 0.0)
    assert stage.speaker.failed == []


# The greeting


def test_the_bot_greets_as_soon_as_it_is_ready_before_the_customer_is_there() -> None:
    stage = Stage()
    stage.connect()
    assert stage.kinds() == ["session.update", "response.create"]


def test_a_greeting_in_words_comes_with_the_instructions_whose_place_it_takes() -> None:
    stage = Stage(instructions="You are Ann.", greeting="Greet {caller}.")
    stage.connect()
    (create,) = stage.said("response.create")
    assert create["response"] == {"instructions": "You are Ann.\n\nGreet 5551234567."}


def test_only_the_first_response_is_the_greeting() -> None:
    stage = ready(greeting="Greet them.")
    stage.say()
    stage.dialect.key("#", 0.0)
    stage.passes(0)
    assert "response" not in stage.said("response.create")[0]


def test_a_bot_that_shall_not_greet_waits() -> None:
    stage = Stage(greet_first=False)
    stage.connect()
    stage.dialect.answered(0.0)
    stage.passes(60)
    assert stage.kinds() == ["session.update"]


def test_a_greeting_that_names_the_customer_waits_for_the_screen_pop_after_the_answer() -> None:
    stage = ready(instructions="Talk to {First Name}.", greeting="Greet {First Name}.")
    stage.passes(5)
    stage.dialect.answered(stage.speaker.now)
    stage.passes(0.9)
    assert stage.said() == []
    stage.dialect.screen_pop(POP, stage.speaker.now)
    update, create = stage.said()
    assert update["session"] == {"type": "realtime", "instructions": "Talk to Jane."}
    assert create["response"] == {"instructions": "Talk to Jane.\n\nGreet Jane."}
    stage.passes(10)
    assert stage.said() == []


def test_a_greeting_waits_for_the_screen_pop_no_longer_than_it_may() -> None:
    stage = ready(greeting="Greet {First Name}.", greeting_wait_s=0.5)
    stage.dialect.answered(0.0)
    stage.passes(0.5)
    (create,) = stage.said()
    assert create["response"] == {"instructions": "Greet ."}


def test_a_screen_pop_that_no_text_names_is_told_as_a_system_message_and_nothing_is_said_to_it() -> None:
    stage = talking()
    stage.dialect.screen_pop(POP, 1.0)
    (item,) = stage.said()
    assert item["item"]["role"] == "system"
    assert item["item"]["content"][0]["text"] == "What is known of the customer:\nFirst Name: Jane\nBALANCE: 12.50"


def test_a_screen_pop_does_not_make_a_bot_greet_twice_that_greets_already() -> None:
    stage = ready()
    stage.created()
    stage.dialect.screen_pop(POP, 0.1)
    stage.audio()
    stage.done()
    assert stage.kinds() == ["conversation.item.create"]


def test_a_screen_pop_between_the_first_two_messages_is_told_when_the_session_is_ready() -> None:
    for instructions, kind in (("Talk to {First Name}.", "session.update"), ("Talk.", "conversation.item.create")):
        stage = Stage(instructions=instructions, greet_first=False)
        stage.dialect.connected(0.0)
        stage.event("session.created", session={"type": "realtime"})
        stage.dialect.screen_pop(POP, 0.0)
        assert stage.kinds() == ["session.update"]
        stage.updated()
        (told,) = stage.said()
        assert told["type"] == kind
        assert "Jane" in str(told)


def test_what_happens_while_a_session_is_renewed_is_told_to_the_new_one() -> None:
    stage = talking()
    stage.act("transfer_call", {"target": "billing"})
    stage.dialect.connected(1.0)
    stage.dialect.transfer_progress(486, 1.1)
    stage.said()
    stage.event("session.created", session={"type": "realtime"})
    stage.updated()
    assert stage.kinds() == ["session.update", "conversation.item.create", "response.create"]


def test_a_screen_pop_before_the_session_is_ready_is_in_its_first_instructions() -> None:
    stage = Stage(instructions="Talk to {First Name}.")
    stage.dialect.screen_pop(POP, 0.0)
    stage.connect()
    update, create = stage.said()
    assert update["session"]["instructions"] == "Talk to Jane."
    assert create["type"] == "response.create"


# Keys


def test_keys_are_told_as_one_text_after_a_pause() -> None:
    stage = talking()
    for digit in "123":
        stage.dialect.key(digit, stage.speaker.now)
        stage.passes(KEYS_S - 0.1)
    assert stage.said() == []
    stage.passes(0.2)
    item, create = stage.said()
    assert item["item"]["content"][0]["text"] == "(I pressed these keys on my phone: 123)"
    assert (item["item"]["role"], create["type"]) == ("user", "response.create")


def test_a_hash_ends_the_keys_at_once_and_they_are_noted_nowhere() -> None:
    stage = talking()
    for digit in "42#":
        stage.dialect.key(digit, stage.speaker.now)
    stage.passes(0)
    assert stage.said()[0]["item"]["content"][0]["text"].endswith("42#)")
    assert (stage.speaker.notes, stage.speaker.transcripts) == ([], [])


def test_keys_that_come_while_there_is_no_session_are_told_to_the_next_one() -> None:
    stage = talking()
    stage.dialect.closed(1006, 1.0)
    stage.dialect.key("5", 1.0)
    stage.passes(10)
    stage.said()
    stage.connect()
    texts = [event["item"]["content"][0]["text"] for event in stage.said("conversation.item.create")]
    assert texts == ["(I pressed these keys on my phone: 5)"]


# Dead air


def test_dead_air_makes_the_model_go_on() -> None:
    stage = talking()
    stage.dialect.dead_air(15.2, 20.0)
    item, create = stage.said()
    assert (item["item"]["role"], create["type"]) == ("system", "response.create")
    assert "15 seconds" in item["item"]["content"][0]["text"]


def test_dead_air_wakes_a_model_that_was_asked_and_never_answered() -> None:
    stage = ready()
    stage.dialect.dead_air(15.0, 20.0)
    assert stage.kinds() == ["conversation.item.create", "response.create"]


# Loss and renewal


def test_a_session_that_the_server_closes_is_lost() -> None:
    stage = talking()
    assert stage.dialect.closed(1000, 1.0) is False


def test_another_session_is_told_the_conversation_so_far_and_greets_no_more() -> None:
    stage = ready(transcription="gpt-transcribe")
    stage.dialect.screen_pop(POP, 0.1)
    stage.say(words="Hello, this is Ann.")
    stage.speaker.hear(300)
    heard = {"item_id": "item_c", "content_index": 0, "transcript": " My name is Jane. "}
    usage = {"type": "duration", "seconds": 1.0}
    stage.event("conversation.item.input_audio_transcription.completed", **heard, usage=usage)
    stage.said()
    stage.dialect.closed(1006, 9.0)
    stage.connect()
    update, *items = stage.said()
    assert update["type"] == "session.update"
    told = [(event["item"]["role"], event["item"]["content"][0]["text"]) for event in items]
    assert [role for role, _ in told] == ["system", "assistant", "user"]
    assert told[1:] == [("assistant", "Hello, this is Ann."), ("user", "My name is Jane.")]
    assert stage.speaker.readies == 2


def test_a_session_that_was_lost_while_it_owed_an_answer_is_asked_for_it_in_the_next() -> None:
    stage = ready()
    stage.created()
    stage.audio()
    stage.dialect.closed(1006, 1.0)
    stage.said()
    stage.connect()
    assert stage.kinds()[-1] == "response.create"


def test_a_greeting_that_was_never_heard_is_given_again() -> None:
    stage = ready(greeting="Greet them.")
    stage.dialect.closed(1006, 1.0)
    stage.connect()
    assert stage.said("response.create")[0]["response"] == {"instructions": "Greet them."}


def test_a_session_is_renewed_in_the_first_pause_of_its_last_two_minutes() -> None:
    stage = talking(session_limit_s=3600)
    stage.passes(3470)
    stage.customer_speaks()
    stage.passes(20)
    assert stage.speaker.renewals == 0
    stage.customer_stops()
    stage.created()
    stage.audio(pieces=10)
    stage.done()
    stage.passes(5)
    assert stage.speaker.renewals == 0
    stage.speaker.hear(1000)
    stage.passes(1)
    assert stage.speaker.renewals == 1
    assert stage.speaker.noted("session_renewed") == [{"in_a_pause": True}]


def test_without_a_pause_it_is_renewed_ten_seconds_before_its_end() -> None:
    stage = talking(session_limit_s=3600)
    stage.customer_speaks()
    stage.passes(3589.5)
    assert stage.speaker.renewals == 0
    stage.passes(1)
    assert stage.speaker.renewals == 1
    assert stage.speaker.noted("session_renewed") == [{"in_a_pause": False}]


def test_a_renewed_session_has_its_own_end() -> None:
    stage = talking(session_limit_s=3600)
    stage.passes(3490)
    assert stage.speaker.renewals == 1
    stage.connect()
    stage.passes(3400)
    assert stage.speaker.renewals == 1
    stage.passes(90)
    assert stage.speaker.renewals == 2


def test_a_renewal_that_comes_to_nothing_is_tried_again() -> None:
    stage = talking(session_limit_s=3600)
    stage.passes(3525)
    assert stage.speaker.renewals == 3


def test_a_session_without_limit_is_never_renewed() -> None:
    stage = talking(session_limit_s=0)
    stage.passes(100_000)
    assert stage.speaker.renewals == 0


# The end


def test_what_was_used_is_noted_at_the_end_and_once() -> None:
    stage = talking()
    usage = {
        "input_tokens": 120,
        "output_tokens": 60,
        "total_tokens": 180,
        "input_token_details": {"text_tokens": 100, "audio_tokens": 20, "cached_tokens": 64},
        "output_token_details": {"text_tokens": 10, "audio_tokens": 50},
    }
    for number in (1, 2):
        stage.created(f"resp_{number}")
        stage.done(f"resp_{number}", usage=usage)
    stage.dialect.hang_up("customer_hung_up")
    stage.dialect.hang_up("customer_hung_up")
    (noted,) = stage.speaker.noted("usage")
    assert noted == {
        "responses": 2,
        "input_tokens": 240,
        "output_tokens": 120,
        "cached_tokens": 128,
        "input_audio_tokens": 40,
        "input_text_tokens": 200,
        "output_audio_tokens": 100,
        "output_text_tokens": 20,
    }


def test_what_the_bot_was_saying_when_the_call_ended_is_known_as_far_as_it_was_heard() -> None:
    stage = talking()
    stage.say(pieces=10, words="one two three four five six seven eight nine ten")
    stage.speaker.hear(500)
    stage.dialect.hang_up("customer_hung_up")
    assert stage.speaker.transcripts == [("bot", "one two three four five …")]
