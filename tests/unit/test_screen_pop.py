"""Reading the screen pop."""

from typing import Any

import pytest
from pydantic import ValidationError

from bridge.livevox.screen_pop import ScreenPop, ScreenPopRow


def test_rows_are_kept_and_fields_are_made_comparable() -> None:
    rows = [("FIRST NAME", "LV"), ("ACCOUNT_NUMBER", 77), ("Call Direction", None), ("first name", "later"), ("", "x")]
    pop = ScreenPop.model_validate({"screenPopRow": [{"key": key, "value": value} for key, value in rows]})
    assert pop.rows[0] == ScreenPopRow(key="FIRST NAME", value="LV")
    assert len(pop.rows) == 5
    assert pop.fields == {"firstname": "LV", "accountnumber": "77", "calldirection": ""}


@pytest.mark.parametrize("body", [{}, {"screenPopRow": None}, {"screenPopRow": []}])
def test_nothing_to_show_is_no_error(body: Any) -> None:
    assert ScreenPop.model_validate(body) == ScreenPop()


def test_a_single_row_may_stand_alone() -> None:
    assert ScreenPop.model_validate({"screenPopRow": {"key": "A", "value": "1"}}).fields == {"a": "1"}


@pytest.mark.parametrize("body", [{"screenPopRow": "x"}, {"screenPopRow": [5]}, "x", []])
def test_other_shapes_are_refused(body: Any) -> None:
    with pytest.raises(ValidationError):
        ScreenPop.model_validate(body)
