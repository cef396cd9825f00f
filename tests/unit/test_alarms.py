from bridge.dialects.alarms import Alarms


def test_the_earliest_is_the_deadline() -> None:
    told: list[float | None] = []
    alarms: Alarms[str] = Alarms(told.append)
    alarms.set("late", 9.0)
    alarms.set("early", 3.0)
    alarms.set("middle", 5.0)
    assert told == [9.0, 3.0, 3.0]


def test_a_name_has_one_time() -> None:
    told: list[float | None] = []
    alarms: Alarms[str] = Alarms(told.append)
    alarms.set("it", 3.0)
    alarms.set("it", 7.0)
    assert told[-1] == 7.0
    assert (alarms.due(6.9), alarms.due(7.0), alarms.due(8.0)) == ([], ["it"], [])
    assert told[-1] is None


def test_what_is_due_comes_in_order_and_the_rest_is_still_waited_for() -> None:
    told: list[float | None] = []
    alarms: Alarms[str] = Alarms(told.append)
    for name, at in (("b", 2.0), ("a", 1.0), ("c", 3.0)):
        alarms.set(name, at)
    assert alarms.due(2.5) == ["a", "b"]
    assert told[-1] == 3.0


def test_what_is_dropped_does_not_come() -> None:
    told: list[float | None] = []
    alarms: Alarms[str] = Alarms(told.append)
    alarms.set("it", 3.0)
    alarms.drop("it")
    alarms.drop("it")
    assert alarms.due(9.0) == []
    assert told[1] is None
