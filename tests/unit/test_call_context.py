"""Call context: what is read and written."""

from typing import Any

import pytest

from bridge.livevox.call_context import CallContext, context_body


@pytest.mark.parametrize(
    "body",
    [
        {"entry": [{"key": "k", "value": "v"}]},
        {"entry": {"key": "k", "value": "v"}},
        [{"key": "k", "value": "v"}],
        {"key": "k", "value": "v"},
    ],
)
def test_entries_come_wrapped_or_bare(body: Any) -> None:
    assert CallContext.model_validate(body).values == {"k": "v"}


def test_there_may_be_no_entries() -> None:
    assert CallContext.model_validate({}).values == {}


def test_values_are_written_as_entries() -> None:
    assert context_body({"k": "v"}) == {"entry": [{"key": "k", "value": "v"}]}
    assert CallContext.model_validate(context_body({"a": "1", "b": "2"})).values == {"a": "1", "b": "2"}
