"""The order to stop."""

from bridge.draining import Draining


def test_nobody_has_asked_at_first() -> None:
    draining = Draining()
    assert (draining.asked.is_set(), draining.hurried.is_set(), draining.since, draining.by) == (False, False, None, "")


def test_the_first_who_asks_counts_and_asking_again_hurries_nothing() -> None:
    draining = Draining()
    draining.ask("operator")
    since = draining.since
    draining.ask("SIGTERM")
    assert (draining.by, draining.since, draining.hurried.is_set()) == ("operator", since, False)
    assert draining.asked.is_set()


def test_who_hurries_asks_too() -> None:
    draining = Draining()
    draining.hurry("SIGINT")
    assert (draining.by, draining.asked.is_set(), draining.hurried.is_set()) == ("SIGINT", True, True)


def test_a_drain_under_way_can_be_hurried() -> None:
    draining = Draining()
    draining.ask("operator")
    draining.hurry("SIGTERM")
    assert (draining.by, draining.hurried.is_set()) == ("operator", True)
