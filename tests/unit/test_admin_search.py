"""The query parameters of calls that are searched for."""

import pytest

from bridge.admin.search import read_flag, read_limit, read_query
from bridge.errors import ApiRefused
from bridge.journal.call_rows import CallQuery


def refused(said: dict[str, str]) -> ApiRefused:
    with pytest.raises(ApiRefused) as caught:
        read_query(said)
    assert caught.value.status == 400
    return caught.value


def test_nothing_asked_is_everything() -> None:
    assert read_query({}) == CallQuery()


def test_all_filters_are_read() -> None:
    said = {
        "id": "0123",
        "agent": "+18990000001",
        "caller": "(213) 555",
        "from": "2026-03-01T14:03:00Z",
        "to": "1772373800.5",
        "outcome": "paid",
        "trouble": "any",
        "limit": "7",
    }
    assert read_query(said) == CallQuery(
        "0123", "8990000001", "(213) 555", 1_772_373_780.0, 1_772_373_800.5, "paid", "any", 7
    )


@pytest.mark.parametrize(
    ("text", "epoch"),
    [
        ("2026-03-01", 1_772_323_200.0),
        ("2026-03-01T14:03", 1_772_373_780.0),
        ("2026-03-01T09:03:00-05:00", 1_772_373_780.0),
        ("2026-03-01T15:03:00 01:00", 1_772_373_780.0),
        ("0", 0.0),
    ],
)
def test_a_moment_without_a_zone_is_utc(text: str, epoch: float) -> None:
    assert read_query({"from": text}).since == epoch


@pytest.mark.parametrize("text", ["yesterday", "nan", "inf", "9" * 400, "2026-13-01", "2026-03-01T25:00"])
def test_what_is_no_moment_is_refused(text: str) -> None:
    assert refused({"from": text}).code == "invalid_parameter"
    assert "to must be a moment" in refused({"to": text}).message


@pytest.mark.parametrize("text", ["0", "-1", "501", "x", "1.5", "", "²", "99999"])
def test_a_page_has_one_to_five_hundred(text: str) -> None:
    assert refused({"limit": text}).code == "invalid_parameter"
    assert read_limit({"limit": "500"}) == 500


def test_what_is_unknown_is_refused_by_name() -> None:
    assert "'agnet'" in refused({"agnet": "x"}).message
    assert refused({"cursor": "x"}).code == "invalid_parameter"
    assert refused({"caller": "Jane"}).code == "invalid_parameter"


@pytest.mark.parametrize(
    ("said", "flag"),
    [({}, None), ({"x": ""}, True), ({"x": "true"}, True), ({"x": "1"}, True), ({"x": "FALSE"}, False)],
)
def test_a_flag_is_there_or_said(said: dict[str, str], flag: bool | None) -> None:
    assert read_flag(said, "x") is flag


def test_a_flag_is_no_other_word() -> None:
    with pytest.raises(ApiRefused):
        read_flag({"x": "perhaps"}, "x")
