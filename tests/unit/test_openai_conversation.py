import json
from typing import Any

import pytest

from bridge.simulator.errors import EventRefused
from bridge.simulator.openai_conversation import PCM, Conversation, Item
from tests.openai_types import check_server_event


def take(conversation: Conversation, kind: str, **fields: Any) -> list[dict[str, Any]]:
    _, answers = conversation.take(json.dumps({"type": kind, **fields}))
    for answer in answers:
        check_server_event(json.dumps(answer))
    return answers


def refused(conversation: Conversation, kind: str, **fields: Any) -> str:
    with pytest.raises(EventRefused) as caught:
        take(conversation, kind, **fields)
    check_server_event(json.dumps(conversation.refusal(caught.value, "event_1")))
    return caught.value.code


def spoken(ms: int = 1_000) -> Conversation:
    """One where the model has said so much."""
    conversation = Conversation("m")
    conversation.items["item_1"] = Item({"id": "item_1", "type": "message", "role": "assistant"}, ms)
    return conversation


def test_a_session_begins_with_what_the_vendor_takes_by_default() -> None:
    conversation = Conversation("gpt")
    created = conversation.created()
    check_server_event(json.dumps(created))
    assert created["session"]["model"] == "gpt"
    assert conversation.formats() == ("audio/pcm", "audio/pcm")


def test_an_update_changes_what_it_says_and_nothing_else() -> None:
    conversation = Conversation("m")
    audio = {"input": {"format": {"type": "audio/pcmu"}, "turn_detection": {"type": "semantic_vad"}}}
    (updated,) = take(conversation, "session.update", session={"type": "realtime", "audio": audio})
    said = updated["session"]["audio"]
    assert said["input"]["format"] == {"type": "audio/pcmu"}
    assert said["input"]["turn_detection"] == {"type": "semantic_vad"}
    assert said["output"]["format"] == PCM
    assert said["output"]["voice"] == "marin"
    take(conversation, "session.update", session={"type": "realtime", "instructions": "Hi"})
    assert conversation.session["audio"]["input"]["format"] == {"type": "audio/pcmu"}


def test_a_server_that_echoes_another_format_says_so_whatever_it_was_asked_for() -> None:
    conversation = Conversation("m", PCM)
    audio = {"output": {"format": {"type": "audio/pcmu"}}}
    (updated,) = take(conversation, "session.update", session={"type": "realtime", "audio": audio})
    assert updated["session"]["audio"]["output"]["format"] == PCM
    assert conversation.formats()[1] == "audio/pcmu"


def test_items_are_added_and_deleted() -> None:
    conversation = Conversation("m")
    item = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "hi"}]}
    added = take(conversation, "conversation.item.create", item=item)
    assert [event["type"] for event in added] == ["conversation.item.added", "conversation.item.done"]
    (deleted,) = take(conversation, "conversation.item.delete", item_id=added[0]["item"]["id"])
    assert deleted["type"] == "conversation.item.deleted"
    assert refused(conversation, "conversation.item.delete", item_id="item_x") == "item_delete_invalid_item_id"


@pytest.mark.parametrize(
    "item",
    [3, {}, {"type": "message"}, {"type": "message", "role": "bot", "content": []}, {"type": "function_call"}],
)
def test_items_that_a_client_cannot_add_are_refused(item: Any) -> None:
    assert refused(Conversation("m"), "conversation.item.create", item=item)


def test_an_answer_to_a_function_that_was_never_called_is_refused() -> None:
    conversation = Conversation("m")
    output = {"type": "function_call_output", "call_id": "call_1", "output": "{}"}
    assert refused(conversation, "conversation.item.create", item=output) == "invalid_tool_call_id"
    conversation.items["i"] = Item({"id": "i", "type": "function_call", "call_id": "call_1"})
    take(conversation, "conversation.item.create", item=output)


@pytest.mark.parametrize("end", [0, 420, 1_000])
def test_an_item_is_truncated_within_its_audio(end: int) -> None:
    where = {"item_id": "item_1", "content_index": 0, "audio_end_ms": end}
    (truncated,) = take(spoken(), "conversation.item.truncate", **where)
    assert truncated["audio_end_ms"] == end


@pytest.mark.parametrize(
    "where",
    [
        {"item_id": "item_1", "content_index": 0, "audio_end_ms": 1_001},
        {"item_id": "item_1", "content_index": 0, "audio_end_ms": -1},
        {"item_id": "item_1", "content_index": 1, "audio_end_ms": 10},
        {"item_id": "item_2", "content_index": 0, "audio_end_ms": 10},
    ],
)
def test_a_truncation_past_the_audio_or_of_nothing_is_refused(where: dict[str, Any]) -> None:
    assert refused(spoken(), "conversation.item.truncate", **where)


def test_a_truncated_item_does_not_grow_again() -> None:
    conversation = spoken()
    take(conversation, "conversation.item.truncate", item_id="item_1", content_index=0, audio_end_ms=300)
    assert refused(conversation, "conversation.item.truncate", item_id="item_1", content_index=0, audio_end_ms=400)


@pytest.mark.parametrize("message", ["{", "[]", "{}", '{"type": "session.close"}', '{"type": ["x"]}'])
def test_what_is_no_client_event_is_refused(message: str) -> None:
    with pytest.raises(EventRefused):
        Conversation("m").take(message)
