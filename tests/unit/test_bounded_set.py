from bridge.dialects.bounded_set import BoundedSet


def test_it_knows_what_was_added() -> None:
    ids = BoundedSet()
    assert ids.add("a")
    assert not ids.add("a")
    assert "a" in ids
    assert "b" not in ids


def test_it_forgets_the_oldest_when_it_is_full() -> None:
    ids = BoundedSet(2)
    for id in "abc":
        ids.add(id)
    assert [id in ids for id in "abc"] == [False, True, True]
