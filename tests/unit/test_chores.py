"""What waits for a moment in which no packet has come."""

from functools import partial

from bridge.media.chores import Chores


def test_they_are_done_one_by_one_in_the_order_in_which_they_were_added() -> None:
    done: list[str] = []
    chores = Chores()
    for name in ("first", "second"):
        chores.add(name, partial(done.append, name))
    assert (len(chores), done) == (2, [])
    chores.do_one()
    assert (len(chores), done) == (1, ["first"])
    chores.do_one()
    chores.do_one()
    assert (len(chores), done) == (0, ["first", "second"])


def test_nothing_is_done_for_those_who_are_gone() -> None:
    done: list[int] = []
    chores = Chores()
    gone, here = object(), object()
    for count, whose in enumerate((gone, here, gone)):
        chores.add(whose, partial(done.append, count))
    chores.forget(gone)
    chores.forget(gone)
    assert len(chores) == 1
    chores.do_one()
    assert done == [1]
