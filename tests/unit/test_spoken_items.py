"""Which item was heard, and how much of it."""

from bridge.dialects.dialect import Cut
from bridge.media.spoken_items import SpokenItems


def test_the_item_at_the_cut_is_the_one_that_was_begun_with_what_was_heard_of_it() -> None:
    items = SpokenItems()
    items.queue("a", 400)
    items.queue("b", 800)
    items.queue("c", 800)
    items.over(405)
    assert items.cut() == Cut("b", 0, ("c",))
    assert (items.over_ms("a"), items.over_ms("b")) == (50, 0)


def test_played_time_is_rounded_down_to_whole_milliseconds() -> None:
    items = SpokenItems()
    items.queue("a", 800)
    items.over(167)
    assert items.cut() == Cut("a", 20)


def test_the_item_that_comes_next_was_heard_for_nothing() -> None:
    items = SpokenItems()
    items.queue("a", 160)
    items.over(160)
    items.queue("b", 160)
    assert items.cut() == Cut("b", 0)


def test_nothing_waits_after_a_cut() -> None:
    items = SpokenItems()
    items.queue("a", 160)
    items.cut()
    assert items.cut() == Cut("", 0)


def test_audio_without_a_name_is_not_counted_for_any_item() -> None:
    items = SpokenItems()
    items.queue("", 160)
    items.queue("a", 160)
    items.queue("", 160)
    assert items.cut() == Cut("", 0, ("a",))


def test_an_item_that_comes_back_counts_on_and_is_named_once() -> None:
    items = SpokenItems()
    for item in ("a", "b", "a", "b"):
        items.queue(item, 80)
    items.over(40)
    assert items.cut() == Cut("a", 5, ("b",))
    items.queue("a", 80)
    items.over(80)
    assert items.over_ms("a") == 15


def test_only_the_last_items_are_remembered() -> None:
    items = SpokenItems()
    for number in range(200):
        items.queue(str(number), 80)
        items.over(80)
    assert items.over_ms("0") == 0
    assert items.over_ms("199") == items.over_ms("150") == 10


def test_a_flood_of_items_finds_no_room() -> None:
    items = SpokenItems()
    taken = sum(items.queue(str(number), 1) for number in range(10_000))
    assert taken == SpokenItems.MAX_STRETCHES
    assert items.queue(str(taken - 1), 1)  # more of the last one fits
