from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from bridge.dialects.openai_section import MAX_INSTRUCTIONS, OpenAISection
from bridge.errors import InvalidSettingsFile


def section(**settings: Any) -> OpenAISection:
    return OpenAISection.model_validate({"kind": "openai", **settings})


def test_the_vendor_needs_no_setting_but_the_kind() -> None:
    made = section()
    assert made.url == "wss://api.openai.com/v1/realtime?model=gpt-realtime-2.1"
    assert (made.secret_env, made.authorization) == ("OPENAI_API_KEY", "bearer")
    assert (made.reconnect_s, made.session_limit_s, made.greeting_wait_s) == (5, 3600, 1)
    assert made.turn_detection == {"type": "server_vad", "create_response": True, "interrupt_response": True}


def test_it_is_the_same_after_its_way_to_another_process() -> None:
    tools = [{"name": "find_order", "url": "https://shop.test/orders"}]
    made = section(speed=1, session={"reasoning": {"effort": "low"}}, tools=tools, instructions="Hi {caller}")
    assert OpenAISection.model_validate_json(made.model_dump_json()) == made


@pytest.mark.parametrize(
    "settings",
    [
        {"authorization": "basic"},
        {"speed": 2.0},
        {"speed": "1.0"},
        {"noise_reduction": "mid_field"},
        {"turn_detection": {}},
        {"turn_detection": {"type": "none"}},
        {"session": {"instructions": "x"}},
        {"session": {"audio": {}}},
        {"session": {"max_output_tokens": float("inf")}},
        {"instructions": "x" * (MAX_INSTRUCTIONS + 1)},
        {"instructions": "x", "instructions_file": "y.txt"},
        {"api_key": "sk-1"},
        {"tools": [{"name": "end_call", "url": "https://shop.test/"}]},
        {"tools": [{"name": "a", "url": "https://shop.test/"}, {"name": "a", "url": "https://shop.test/"}]},
    ],
)
def test_settings_that_cannot_be_are_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        section(**settings)


def test_the_instructions_come_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "bot.txt").write_text("You are Ann.\n{caller} ü", encoding="utf-8")
    made = section(instructions_file="bot.txt").with_files(tmp_path)
    assert (made.instructions, made.instructions_file) == ("You are Ann.\n{caller} ü", "")


def test_without_a_file_nothing_is_read(tmp_path: Path) -> None:
    made = section(instructions="Hi")
    assert made.with_files(tmp_path) is made


@pytest.mark.parametrize("content", [None, b"\xff\xfe", b"x" * (MAX_INSTRUCTIONS + 1)])
def test_a_file_that_cannot_be_used_is_named(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "bot.txt").write_bytes(content)
    with pytest.raises(InvalidSettingsFile) as caught:
        section(instructions_file="bot.txt").with_files(tmp_path)
    assert caught.value.key == "instructions_file"
    assert "bot.txt" in caught.value.what


@pytest.mark.parametrize(
    ("turns", "answers", "interrupts"),
    [
        ({}, True, True),
        ({"create_response": False}, False, True),
        ({"interrupt_response": False, "create_response": True}, True, False),
    ],
)
def test_what_the_server_does_by_itself_follows_from_the_turn_detection(
    turns: dict[str, bool], answers: bool, interrupts: bool
) -> None:
    made = section(turn_detection={"type": "server_vad", **turns})
    assert (made.server_answers, made.server_interrupts) == (answers, interrupts)
