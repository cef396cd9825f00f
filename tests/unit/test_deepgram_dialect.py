"""What is said to Deepgram's Voice Agent, and what its messages do to the call."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from bridge.call_facts import CallFacts, ScreenPopRows
from bridge.dialects import deepgram
from bridge.dialects.deepgram import PAUSE_S, DeepgramDialect, DeepgramSection
from bridge.dialects.kinds import DialectTerms
from bridge.dialects.registry import KINDS
from bridge.errors import InvalidEngineMessage
from bridge.verdicts import Complete, Remarks, Transfer
from tests.unit.recording_speaker import RecordingSpeaker

FACTS = CallFacts("c1", "8990000001", "+12134634007", "Ann", "108821676850", "U5@10.1.2.3", "46014")
TERMS = DialectTerms(("paid", "no_answer"), ("collections",))
POP = ScreenPopRows((("First Name", "Ann"), ("Balance", "12.50")), {"first name": "Ann", "balance": "12.50"})


class Agent:
    """Deepgram's side of one call: says its messages, sees what comes back, lets time pass."""

    def __init__(self, **settings: Any) -> None:
        self.speaker = RecordingSpeaker()
        section = DeepgramSection(kind="deepgram", **settings)
        self.dialect = self.speaker.dialect = DeepgramDialect(section, "the-key", FACTS, TERMS, self.speaker)
        self.dialect.connected(0.0)

    def says(self, type: str, **fields: Any) -> "Agent":
        self.dialect.text(json.dumps({"type": type, **fields}), self.speaker.now)
        return self

    def talks(self, ms: int) -> "Agent":
        self.dialect.binary(b"\x55" * (8 * ms), self.speaker.now)
        return self

    def uses(self, name: str, call: str = "f1", **arguments: str) -> "Agent":
        function = {"id": call, "name": name, "arguments": json.dumps(arguments), "client_side": True}
        return self.says("FunctionCallRequest", functions=[function])

    def passes(self, ms: int) -> "Agent":
        """Time, in steps of 20 ms: the customer hears what is queued, deadlines expire."""
        for _ in range(ms // 20):
            self.speaker.hear(20)
            if self.dialect.deadline is not None and self.dialect.deadline <= self.speaker.now:
                self.dialect.expire(self.speaker.now)
        return self

    def applied(self) -> "Agent":
        self.says("Welcome", request_id="r1").says("SettingsApplied")
        self.speaker.said()
        return self


def settings_of(agent: Agent) -> dict[str, Any]:
    agent.says("Welcome", request_id="r1")
    (said,) = agent.speaker.said()
    assert isinstance(said, dict)
    return said


def test_the_whole_dialect_is_one_file_of_less_than_150_lines() -> None:
    assert KINDS["deepgram"] is deepgram.KIND
    assert len(Path(deepgram.__file__).read_text(encoding="utf-8").splitlines()) < 150


def test_the_key_opens_the_connection() -> None:
    opening = Agent(headers={"X-Tenant": "7"}).dialect.opening()
    assert opening.url == "wss://agent.deepgram.com/v1/agent/converse"
    assert opening.headers == (("Authorization", "Token the-key"), ("X-Tenant", "7"))


def test_nothing_is_said_before_the_welcome_and_no_audio_before_the_settings_are_applied() -> None:
    agent = Agent()
    agent.dialect.hear(bytes(160), 0.0)
    assert agent.speaker.sent == []
    agent.says("Welcome")
    agent.speaker.said()
    agent.dialect.hear(bytes(160), 0.0)
    assert (agent.speaker.sent, agent.speaker.readies) == ([], 0)
    agent.says("SettingsApplied")
    agent.dialect.hear(bytes(160), 0.0)
    assert (agent.speaker.sent, agent.speaker.readies) == ([bytes(160)], 1)


def test_an_agent_that_repeats_itself_is_ready_once() -> None:
    assert Agent().applied().says("SettingsApplied").speaker.readies == 1


def test_the_settings_ask_for_mulaw_both_ways_without_a_container() -> None:
    settings = settings_of(Agent())
    assert settings["type"] == "Settings"
    assert settings["audio"] == {
        "input": {"encoding": "mulaw", "sample_rate": 8000},
        "output": {"encoding": "mulaw", "sample_rate": 8000, "container": "none"},
    }


def test_the_agent_is_deepgrams_own_with_our_functions_and_a_greeting() -> None:
    agent = settings_of(Agent())["agent"]
    assert agent["greeting"] == "Hello, how can I help you?"
    assert agent["listen"]["provider"]["model"] == "nova-3"
    assert agent["speak"]["provider"]["model"] == "aura-2-thalia-en"
    functions = agent["think"]["functions"]
    assert [function["name"] for function in functions] == ["end_call", "transfer_call"]
    assert all(function["defer_until_eot"] for function in functions)
    assert functions[1]["parameters"]["properties"]["target"]["enum"] == ["collections"]


def test_the_settings_tables_are_passed_on_with_the_facts_filled_in() -> None:
    think = {
        "provider": {"type": "anthropic", "model": "m"},
        "prompt": "{caller_name} calls from {caller}.",
        "functions": [{"name": "weather", "endpoint": {"url": "https://example.com"}}],
    }
    agent = settings_of(Agent(greeting="Good day.", think=think, listen={"provider": {"model": "flux"}}))["agent"]
    assert agent["greeting"] == "Good day."
    assert agent["listen"] == {"provider": {"model": "flux"}}
    assert agent["think"]["provider"] == {"type": "anthropic", "model": "m"}
    assert agent["think"]["prompt"] == "Ann calls from +12134634007."
    assert [each["name"] for each in agent["think"]["functions"]] == ["weather", "end_call", "transfer_call"]


def test_functions_that_are_no_list_are_an_engine_that_cannot_be_used() -> None:
    with pytest.raises(InvalidEngineMessage):
        Agent(think={"functions": 5}).says("Welcome")


def test_a_number_that_json_cannot_write_is_refused_with_the_settings() -> None:
    with pytest.raises(ValidationError):
        DeepgramSection(kind="deepgram", speak={"speed": float("nan")})


def test_audio_goes_to_the_customer_as_it_came() -> None:
    agent = Agent().applied().talks(60)
    assert agent.speaker.played == b"\x55" * 480


def test_the_customers_words_silence_the_agent_at_once() -> None:
    agent = Agent().applied().talks(5_000).passes(1_000).says("UserStartedSpeaking")
    assert (agent.speaker.clears, agent.speaker.waiting_ms) == (1, 0)


def test_what_is_said_is_kept_by_who_said_it() -> None:
    agent = Agent().applied()
    agent.says("ConversationText", role="user", content="Hi").says("ConversationText", role="assistant", content="Yes?")
    assert agent.speaker.transcripts == [("customer", "Hi"), ("bot", "Yes?")]


def test_the_screen_pop_is_added_to_the_prompt() -> None:
    agent = Agent().applied()
    agent.dialect.screen_pop(POP, 1.0)
    (said,) = agent.speaker.said()
    assert said["type"] == "UpdatePrompt"
    assert "First Name: Ann\nBalance: 12.50" in said["prompt"]


def test_a_screen_pop_that_comes_too_early_waits_for_the_settings() -> None:
    agent = Agent().says("Welcome")
    agent.speaker.said()
    agent.dialect.screen_pop(POP, 0.1)
    assert agent.speaker.said() == []
    agent.says("SettingsApplied")
    assert [said["type"] for said in agent.speaker.said()] == ["UpdatePrompt"]


def test_keys_are_one_text_once_the_customer_pauses() -> None:
    agent = Agent().applied()
    for digit in "12#":
        agent.dialect.key(digit, agent.speaker.now)
        agent.passes(1_000)
    assert agent.speaker.said() == []
    agent.passes(600)
    assert agent.speaker.said() == [{"type": "InjectUserMessage", "content": "I press the keys 12#."}]
    assert agent.dialect.deadline is None


def test_dead_air_is_told_as_the_customers_silence() -> None:
    agent = Agent().applied()
    agent.dialect.dead_air(15.02, 15.02)
    assert agent.speaker.said() == [{"type": "InjectUserMessage", "content": "[silence for 15 seconds]"}]


# verdicts


def test_the_call_ends_when_the_customer_has_heard_the_goodbye() -> None:
    agent = Agent().applied().uses("end_call", outcome="paid", notes="all of it")
    agent.passes(500).talks(1_000).talks(2_000)  # the last words come after the function
    agent.passes(2_980)
    assert agent.speaker.goodbyes == []
    agent.passes(40)
    assert agent.speaker.goodbyes == [Complete("paid", Remarks("all of it"))]
    assert agent.speaker.said() == []


def test_last_words_that_come_in_pieces_are_awaited() -> None:
    agent = Agent().applied().uses("end_call", outcome="paid")
    agent.passes(1_400).talks(100).passes(1_400).talks(500).passes(480)
    assert agent.speaker.goodbyes == []
    assert agent.passes(1_500).speaker.goodbyes == [Complete("paid")]


def test_a_call_that_ends_without_words_ends_after_a_pause() -> None:
    agent = Agent().applied().uses("end_call", outcome="paid").passes(1_480)
    assert agent.speaker.goodbyes == []
    assert agent.passes(40).speaker.goodbyes == [Complete("paid")]


def test_a_transfer_is_asked_for_when_its_announcement_was_heard() -> None:
    agent = Agent().applied().talks(2_000).uses("transfer_call", target="collections").passes(1_980)
    assert agent.speaker.verdicts == []
    agent.passes(40)
    assert (agent.speaker.verdicts, agent.speaker.goodbyes) == ([Transfer("collections")], [])


def test_a_transfer_that_fails_is_the_functions_answer_once() -> None:
    agent = Agent().applied().uses("transfer_call", target="collections").passes(2_000)
    agent.dialect.transfer_progress(100, 3.0)
    assert agent.speaker.said() == []
    agent.dialect.transfer_progress(503, 9.0)
    agent.dialect.transfer_progress(503, 9.0)
    (said,) = agent.speaker.said()
    assert said == {
        "type": "FunctionCallResponse",
        "id": "f1",
        "name": "transfer_call",
        "content": "it failed (503)",
    }


def test_a_failed_transfer_that_the_agent_did_not_ask_for_is_not_told() -> None:
    agent = Agent().applied()
    agent.dialect.transfer_progress(503, 9.0)
    assert agent.speaker.said() == []


def test_a_cancelled_function_does_nothing() -> None:
    agent = Agent().applied().uses("end_call", outcome="paid").talks(1_000).passes(500)
    agent.says("UserStartedSpeaking").says("FunctionCallCancelled", functions=[{"id": "f1", "name": "end_call"}])
    assert agent.passes(5_000).speaker.goodbyes == []


def test_the_place_of_a_cancelled_function_is_not_that_of_the_next_one() -> None:
    agent = Agent().applied().talks(5_000).uses("end_call", outcome="no_answer").passes(1_600)
    agent.says("FunctionCallCancelled", functions=[{"id": "f1", "name": "end_call"}])
    agent.uses("end_call", call="f2", outcome="paid").passes(1_400).talks(2_000).passes(3_900)
    assert agent.speaker.goodbyes == []
    assert agent.passes(200).speaker.goodbyes == [Complete("paid")]


def test_a_cancellation_may_come_a_moment_after_the_customers_first_word() -> None:
    agent = Agent().applied().talks(4_000).uses("end_call", outcome="paid").passes(2_000)
    agent.says("UserStartedSpeaking").passes(1_000)
    agent.says("FunctionCallCancelled", functions=[{"id": "f1", "name": "end_call"}])
    assert agent.passes(5_000).speaker.goodbyes == []


def test_a_function_that_is_not_cancelled_holds_although_the_customer_speaks() -> None:
    agent = Agent().applied().talks(4_000).uses("end_call", outcome="paid").passes(2_000)
    agent.says("UserStartedSpeaking").passes(1_400)
    assert agent.speaker.goodbyes == []
    assert agent.passes(200).speaker.goodbyes == [Complete("paid")]


def test_the_cancellation_of_another_function_changes_nothing() -> None:
    agent = Agent().applied().uses("end_call", outcome="paid")
    agent.says("FunctionCallCancelled", functions=[{"id": "f0", "name": "weather"}])
    assert agent.passes(2_000).speaker.goodbyes == [Complete("paid")]


def test_a_function_that_cannot_be_carried_out_is_answered_with_why() -> None:
    agent = Agent().applied().uses("end_call", outcome="sold").uses("open_door").passes(3_000)
    first, second = agent.speaker.said()
    assert (first["name"], first["content"]) == ("end_call", "outcome must be one of paid, no_answer")
    assert (second["name"], second["content"]) == ("open_door", "there is no such function")
    assert agent.speaker.goodbyes == []


def test_functions_that_deepgram_carries_out_itself_are_not_ours() -> None:
    function = {"id": "f1", "name": "weather", "arguments": "{}", "client_side": False}
    agent = Agent().applied().says("FunctionCallRequest", functions=[function])
    assert agent.speaker.said() == []


# trouble


@pytest.mark.parametrize("ready", [False, True])
def test_an_error_ends_the_agents_part(ready: bool) -> None:
    agent = Agent().applied() if ready else Agent()
    agent.says("Error", code="INTERNAL_SERVER_ERROR", description="…")
    assert agent.speaker.failed == ["Deepgram says INTERNAL_SERVER_ERROR"]


@pytest.mark.parametrize("type", ["Warning", "AgentThinking", "PromptUpdated", "LatencyReport", "SomethingNew"])
def test_what_needs_no_answer_gets_none(type: str) -> None:
    agent = Agent().applied().says(type, code="SLOW_THINK_REQUEST")
    assert (agent.speaker.sent, agent.speaker.failed) == ([], [])


def test_after_a_lost_connection_the_agent_learns_what_was_said_and_does_not_greet_again() -> None:
    agent = Agent().applied()
    agent.says("ConversationText", role="assistant", content="Hello").says(
        "ConversationText", role="user", content="Hi"
    )
    agent.dialect.screen_pop(POP, 1.0)
    agent.speaker.said()
    agent.dialect.connected(2.0)
    agent.dialect.hear(bytes(160), 2.0)
    assert agent.speaker.sent == []
    settings = settings_of(agent)["agent"]
    assert "greeting" not in settings
    assert settings["context"]["messages"] == [
        {"type": "History", "role": "assistant", "content": "Hello"},
        {"type": "History", "role": "user", "content": "Hi"},
    ]
    agent.says("SettingsApplied")
    assert [said["type"] for said in agent.speaker.said()] == ["UpdatePrompt"]
    assert agent.speaker.readies == 2


def test_a_verdict_survives_a_lost_connection() -> None:
    agent = Agent().applied().uses("end_call", outcome="paid")
    agent.dialect.connected(0.5)
    assert agent.applied().passes(2_000).speaker.goodbyes == [Complete("paid")]


@pytest.mark.parametrize(
    "message",
    [
        "nonsense",
        "[]",
        "{}",
        '{"type": 7}',
        '{"type": "ConversationText"}',
        '{"type": "ConversationText", "role": "user", "content": null}',
        '{"type": "FunctionCallRequest"}',
        '{"type": "FunctionCallRequest", "functions": [7]}',
        '{"type": "FunctionCallRequest", "functions": [{"id": "f1"}]}',
        '{"type": "FunctionCallRequest", "functions": [{"id": "f1", "name": "end_call", "arguments": {}}]}',
        '{"type": "FunctionCallCancelled", "functions": [{"id": "f1"}, null]}',
    ],
)
def test_messages_that_cannot_be_used_are_named_as_such(message: str) -> None:
    agent = Agent().applied().uses("end_call", outcome="paid")
    with pytest.raises(InvalidEngineMessage):
        agent.dialect.text(message, 0.0)


FIELDS = ("type", "functions", "id", "name", "arguments", "role", "content", "code", "client_side")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(FIELDS), inner, max_size=4),
    max_leaves=10,
)
TYPES = (
    *("Welcome", "SettingsApplied", "UserStartedSpeaking", "ConversationText", "FunctionCallRequest"),
    *("FunctionCallCancelled", "Error", "Warning", "AgentAudioDone"),
)


@given(st.lists(st.tuples(st.sampled_from(TYPES), st.dictionaries(st.sampled_from(FIELDS[1:]), JSON)), max_size=6))
def test_no_message_of_any_shape_raises_anything_else(messages: list[tuple[str, dict[str, Any]]]) -> None:
    agent = Agent()
    for type, fields in messages:
        try:
            agent.says(type, **{key: value for key, value in fields.items() if key != "type"})
        except InvalidEngineMessage:
            continue
    agent.passes(round(PAUSE_S * 1000) + 100)
