"""What may be said of a recording."""

import pytest

from bridge.errors import InvalidVerdict
from bridge.recording_words import wants_pause


def test_it_is_paused_or_goes_on() -> None:
    assert wants_pause({"action": "recording", "state": "paused"})
    assert not wants_pause({"state": "recording"})


@pytest.mark.parametrize("state", ["off", "", "PAUSED", True, None, ["paused"], "x" * 9_000])
def test_anything_else_is_refused(state: object) -> None:
    with pytest.raises(InvalidVerdict) as refused:
        wants_pause({"state": state})
    assert len(refused.value.detail) < 200
