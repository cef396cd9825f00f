"""What the simulated Deepgram agent minds in the bridge's messages."""

import json
from typing import Any

import pytest

from bridge.simulator.deepgram_stream import DeepgramStream
from bridge.simulator.stream_bot import StreamBotRecord

MULAW = {"encoding": "mulaw", "sample_rate": 8000}
END_CALL = {"type": "object", "properties": {"outcome": {"type": "string", "enum": ["paid", "no_answer"]}}}
AGENT: dict[str, Any] = {
    "listen": {"provider": {"type": "deepgram", "model": "nova-3"}},
    "think": {
        "provider": {"type": "open_ai", "model": "gpt-4o-mini"},
        "prompt": "Be brief.",
        "functions": [{"name": "end_call", "description": "…", "parameters": END_CALL, "defer_until_eot": True}],
    },
    "speak": {"provider": {"type": "deepgram", "model": "aura-2-thalia-en"}},
    "greeting": "Hello",
}
SETTINGS: dict[str, Any] = {
    "type": "Settings",
    "audio": {"input": MULAW, "output": {**MULAW, "container": "none"}},
    "agent": AGENT,
}


class Agent:
    def __init__(self) -> None:
        self.record = StreamBotRecord(0, 0.0)
        self.stream = DeepgramStream(self.record)
        self.stream.welcomed = True

    def hears(self, **said: Any) -> list[str]:
        """The faults of one message."""
        self.record.faults.clear()
        self.stream.take(json.dumps(said), 1.0)
        return self.record.faults

    def applied(self) -> "Agent":
        assert self.hears(**SETTINGS) == []
        self.stream.applied = True
        return self


def test_settings_as_deepgram_describes_them_have_no_fault() -> None:
    agent = Agent().applied()
    assert (agent.record.facts, agent.stream.greeting) == ({"prompt": "Be brief."}, "Hello")
    assert list(agent.stream.functions) == ["end_call"]


def test_an_outcome_is_one_of_those_the_model_was_told_of() -> None:
    stream = Agent().applied().stream
    assert (stream.outcome("no_answer"), stream.outcome("sold")) == ("no_answer", "paid")
    stream.functions.clear()
    assert stream.outcome("sold") == "sold"


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"audio": {"input": MULAW, "output": MULAW}}, "audio is "),
        ({"voice": "x"}, "unknown: voice"),
        ({"agent": {**AGENT, "voice": "x"}}, "unknown: voice"),
        ({"agent": {**AGENT, "listen": {}}}, "provider is not an object"),
        ({"agent": {**AGENT, "speak": {"provider": {}}}}, "speak.provider has no type"),
        ({"agent": {**AGENT, "context": {"messages": [{"role": "user", "content": "Hi"}]}}}, "a message of the"),
        ({"agent": {**AGENT, "think": {**AGENT["think"], "functions": [{"name": "f"}]}}}, "a function without"),
    ],
)
def test_settings_of_another_shape_are_a_fault(changed: dict[str, Any], fault: str) -> None:
    assert Agent().hears(**{**SETTINGS, **changed})[0].startswith(fault)


def test_the_order_of_the_first_messages_is_minded() -> None:
    agent = Agent()
    agent.stream.welcomed = False
    assert agent.hears(**SETTINGS) == ["Settings before Welcome"]
    agent.stream.welcomed = True
    assert agent.hears(**SETTINGS) == ["Settings again"]
    assert agent.hears(type="KeepAlive") == ["KeepAlive before SettingsApplied"]
    agent.stream.audio(bytes(160), 1.0)
    assert agent.record.faults[-1] == "audio before SettingsApplied"


def test_audio_is_heard() -> None:
    agent = Agent().applied()
    agent.stream.audio(b"\x55" * 160, 1.0)
    agent.stream.audio(b"", 1.0)
    assert (bytes(agent.record.heard), agent.record.faults) == (b"\x55" * 160, ["a binary message without audio"])


def test_what_the_agent_is_told_is_understood() -> None:
    agent = Agent().applied()
    assert agent.hears(type="UpdatePrompt", prompt="The customer's data:\nFirst Name: Ann\nTime: 12:30") == []
    assert agent.hears(type="InjectUserMessage", content="I press the keys 12#.") == []
    assert agent.record.screen_pop == {"First Name": "Ann", "Time": "12:30"}
    assert agent.record.keys == "12#"


def test_a_function_is_answered_once_by_its_name() -> None:
    agent = Agent().applied()
    agent.stream.asked["f1"] = "end_call"
    answer = {"type": "FunctionCallResponse", "id": "f1", "name": "end_call", "content": "no"}
    assert agent.hears(**answer) == []
    assert agent.hears(**answer) == ["FunctionCallResponse to no call"]


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        ({"type": "UpdatePrompt"}, "UpdatePrompt without prompt"),
        ({"type": "InjectUserMessage", "content": 7}, "InjectUserMessage without content"),
        ({"type": "KeepAlive", "now": 1}, "unknown: now"),
        ({"type": "Hello"}, "an unknown message: Hello"),
        ({"type": ["Hello"]}, "an unknown message: ['Hello']"),
    ],
)
def test_other_messages_are_a_fault(said: dict[str, Any], fault: str) -> None:
    assert Agent().applied().hears(**said) == [fault]


@pytest.mark.parametrize("text", ["", "{", "[]"])
def test_what_is_no_object_is_a_fault(text: str) -> None:
    agent = Agent().applied()
    assert agent.stream.take(text, 1.0) == {}
    assert agent.record.faults == ["a message is not a JSON object"]
