import pytest

from tests.chaos.spans import Span, without


@pytest.mark.parametrize(
    ("taken", "left"),
    [
        ([], [Span(10, 20)]),
        ([Span(0, 5)], [Span(10, 20)]),
        ([Span(25, 30)], [Span(10, 20)]),
        ([Span(0, 12)], [Span(12, 20)]),
        ([Span(18, 30)], [Span(10, 18)]),
        ([Span(12, 18)], [Span(10, 12), Span(18, 20)]),
        ([Span(12, 14), Span(13, 18)], [Span(10, 12), Span(18, 20)]),
        ([Span(0, 30)], []),
        ([Span(10, 20)], []),
    ],
)
def test_what_is_taken_is_cut_out(taken: list[Span], left: list[Span]) -> None:
    assert without([Span(10, 20)], taken) == left


def test_stretches_meet_where_they_have_a_moment_in_common() -> None:
    assert Span(1, 2).meets(Span(2, 3))
    assert Span(1, 5).meets(Span(2, 3))
    assert not Span(1, 2).meets(Span(3, 4))
