"""Finding objects inside an answer."""

from bridge.livevox.nested_objects import objects_in


def test_objects_come_in_the_order_they_are_written() -> None:
    body = {"a": [{"b": 1}, [{"c": {"d": 2}}]], "e": {"f": 3}}
    assert list(objects_in(body)) == [body, {"b": 1}, {"c": {"d": 2}}, {"d": 2}, {"f": 3}]


def test_scalars_have_none() -> None:
    assert list(objects_in("x")) == list(objects_in(None)) == []
