import json
from typing import Any

import pytest

from bridge.dialects.kinds import DialectTerms
from bridge.dialects.openai_functions import (
    Forward,
    FunctionCall,
    FunctionCalls,
    Press,
    Recording,
    Refusal,
    act_of,
    functions,
)
from bridge.dialects.openai_section import OpenAISection
from bridge.verdicts import MAX_BODY, Complete, Transfer
from tests.unit.openai_stage import TERMS


def section(**settings: Any) -> OpenAISection:
    return OpenAISection.model_validate({"kind": "openai", **settings})


def item(call: str = "c1", **fields: Any) -> dict[str, Any]:
    return {"type": "function_call", "call_id": call, "name": "end_call", "arguments": "{}", **fields}


def test_the_model_may_end_and_transfer_in_the_words_of_the_settings() -> None:
    end, transfer = functions(section(), TERMS)
    assert (end["name"], transfer["name"]) == ("end_call", "transfer_call")
    assert end["parameters"]["properties"]["outcome"]["enum"] == ["paid", "refused"]
    assert transfer["parameters"]["properties"]["target"]["enum"] == ["collections", "billing"]
    assert {"notes", "payment_amount"} <= end["parameters"]["properties"].keys()


def test_without_targets_nobody_can_be_transferred() -> None:
    assert [each["name"] for each in functions(section(), DialectTerms(("paid",)))] == ["end_call"]


def test_keys_and_forwarded_functions_are_told_as_the_settings_have_them() -> None:
    schema = {"type": "object", "properties": {"number": {"type": "integer"}}}
    tool = {"name": "find_order", "description": "Finds it.", "url": "https://a.test/", "parameters": schema}
    told = functions(section(send_digits=True, tools=[tool]), DialectTerms())
    assert [each["name"] for each in told] == ["end_call", "send_digits", "find_order"]
    assert told[2] == {"type": "function", "name": "find_order", "description": "Finds it.", "parameters": schema}


def test_the_recording_can_be_paused_where_the_settings_allow_it() -> None:
    told = functions(section(pause_recording=True), DialectTerms())
    assert [each["name"] for each in told] == ["end_call", "pause_recording", "resume_recording"]
    assert told[1]["parameters"] == {"type": "object", "properties": {}, "required": []}
    pause, resume = (FunctionCall("c1", f"{verb}_recording", "{}") for verb in ("pause", "resume"))
    assert act_of(pause, section(pause_recording=True), TERMS) == Recording(on=False)
    assert act_of(resume, section(pause_recording=True), TERMS) == Recording(on=True)
    assert act_of(pause, section(), TERMS) == Refusal("there is no such function")


@pytest.mark.parametrize(
    ("name", "arguments", "act"),
    [
        ("end_call", "{}", Complete()),
        ("end_call", "", Complete()),
        ("end_call", '{"outcome": "paid", "action": "transfer"}', Complete("paid")),
        ("transfer_call", '{"target": "billing"}', Transfer("billing")),
        ("send_digits", '{"digits": "1*#"}', Press("1*#")),
        ("find_order", '{"a": 1}', Forward('{"a": 1}')),
        ("find_order", "", Forward("{}")),
    ],
)
def test_a_call_means_this(name: str, arguments: str, act: object) -> None:
    chosen = section(send_digits=True, tools=[{"name": "find_order", "url": "https://a.test/"}])
    assert act_of(FunctionCall("c1", name, arguments), chosen, TERMS) == act


@pytest.mark.parametrize("arguments", ["[" * 10_000, json.dumps({"a": "x" * MAX_BODY}), "null", '"x"', "{'a': 1}"])
@pytest.mark.parametrize("name", ["end_call", "find_order"])
def test_arguments_that_cannot_be_used_are_refused(name: str, arguments: str) -> None:
    chosen = section(tools=[{"name": "find_order", "url": "https://a.test/"}])
    assert isinstance(act_of(FunctionCall("c1", name, arguments), chosen, TERMS), Refusal)


def test_a_call_comes_once_with_the_best_that_was_said_of_it() -> None:
    calls = FunctionCalls()
    calls.add("r1", {"call_id": "c1", "arguments": '{"outcome": "paid"}'})  # a server that leaves out the name
    calls.add("r1", item(arguments="", status="completed"))
    assert calls.take("r1") == [FunctionCall("c1", "end_call", '{"outcome": "paid"}')]
    calls.add("r1", item())
    assert calls.take("r1") == []


def test_a_call_that_was_cut_short_does_not_come() -> None:
    calls = FunctionCalls()
    calls.add("r1", item())
    calls.add("r1", item(status="incomplete"))
    assert calls.take("r1") == []


def test_calls_of_a_response_that_never_ended_are_forgotten() -> None:
    calls = FunctionCalls()
    calls.add("r1", item("c1"))
    calls.add("r2", item("c2"))
    assert [call.id for call in calls.take("r2")] == ["c2"]
    assert calls.take("r1") == []


def test_a_flood_of_calls_is_bounded() -> None:
    calls = FunctionCalls()
    for number in range(1_000):
        calls.add("r1", item(f"c{number}"))
    assert len(calls.take("r1")) == 32


@pytest.mark.parametrize("call", ["", "x" * 1_000])
def test_a_call_without_an_id_cannot_be_answered_and_is_none(call: str) -> None:
    calls = FunctionCalls()
    calls.add("r1", item(call))
    assert calls.take("r1") == []
