from typing import Any

import pytest
from pydantic import ValidationError

from bridge.dialects.forwarded_tool import ForwardedTool


def tool(**settings: Any) -> ForwardedTool:
    return ForwardedTool.model_validate({"name": "find_order", "url": "https://shop.test/orders", **settings})


def test_a_function_without_arguments_needs_a_name_and_a_url() -> None:
    made = tool()
    assert (made.timeout_s, made.secret_env, made.parameters) == (10, "", {"type": "object", "properties": {}})


@pytest.mark.parametrize("name", ["", "find order", "a" * 65, "löschen", 7])
def test_a_name_that_models_cannot_say_is_refused(name: Any) -> None:
    with pytest.raises(ValidationError):
        tool(name=name)


@pytest.mark.parametrize(
    "parameters",
    [{}, {"type": "string"}, {"type": "object", "maximum": float("nan")}, {"type": "object", "x": object()}],
)
def test_parameters_that_are_no_schema_of_an_object_are_refused(parameters: Any) -> None:
    with pytest.raises(ValidationError):
        tool(parameters=parameters)


def test_a_url_that_is_none_is_refused() -> None:
    with pytest.raises(ValidationError):
        tool(url="shop.test/orders")
