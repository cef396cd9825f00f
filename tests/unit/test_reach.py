"""Whether LiveVox answers."""

import pytest

from bridge.livevox.reach import Reach

GOOD = (204, None)
DEAD = (None, "LiveVoxUnreachable")


def reach(*heard: tuple[int | None, str | None]) -> Reach:
    """The n-th request ends at second n."""
    told = Reach()
    for at, (status, error) in enumerate(heard):
        told.heard(status, error, float(at))
    return told


def test_at_first_livevox_is_believed_to_be_there() -> None:
    assert Reach().lost_since is None


@pytest.mark.parametrize(
    "failure", [DEAD, (200, "UnreadableAnswer"), (503, "LiveVoxRefused"), (500, "LiveVoxRefused")], ids=str
)
def test_three_failures_in_a_row_count_from_the_first(failure: tuple[int | None, str | None]) -> None:
    assert reach(GOOD, failure, failure).lost_since is None
    assert reach(GOOD, failure, failure, failure, failure).lost_since == 1.0


def test_one_answer_is_enough_to_be_there_again() -> None:
    assert reach(DEAD, DEAD, DEAD, GOOD).lost_since is None
    assert reach(DEAD, DEAD, GOOD, DEAD).lost_since is None


@pytest.mark.parametrize(
    "refusal", [(400, "LiveVoxRefused"), (401, "SessionLost"), (401, "CredentialsRefused")], ids=str
)
def test_a_refusal_is_an_answer(refusal: tuple[int, str]) -> None:
    assert reach(DEAD, DEAD, DEAD, refusal).lost_since is None


def test_a_request_that_was_given_up_says_nothing() -> None:
    assert reach(DEAD, DEAD, (None, "Cancelled")).lost_since is None
    assert reach(DEAD, DEAD, (None, "Cancelled"), DEAD).lost_since == 0.0
