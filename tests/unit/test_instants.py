"""Moments as the API writes them."""

from datetime import datetime

from bridge.admin.instants import instant


def test_an_instant_is_utc_to_the_millisecond() -> None:
    assert instant(0.0) == "1970-01-01T00:00:00.000Z"
    assert instant(1_700_000_005.5) == "2023-11-14T22:13:25.500Z"


def test_it_can_be_read_back() -> None:
    assert datetime.fromisoformat(instant(1_700_000_005.5)).timestamp() == 1_700_000_005.5
