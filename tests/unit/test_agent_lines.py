"""Which calls an agent has."""

from bridge.calls.agent_lines import AgentLines

VA = "8990000001"


def test_a_line_is_taken_while_the_customer_is_on_it() -> None:
    lines = AgentLines()
    assert not lines.is_taken(VA)
    lines.came(VA, "c1")
    assert lines.is_taken(VA)
    lines.customer_left(VA, "c1")
    assert not lines.is_taken(VA)


def test_a_call_that_is_not_settled_is_before_the_next_one() -> None:
    lines = AgentLines()
    lines.came(VA, "c1")
    lines.customer_left(VA, "c1")
    lines.came(VA, "c2")
    assert lines.before(VA, "c2") == {"c1"}
    lines.settled(VA, "c1")
    assert lines.before(VA, "c2") == set()
    assert lines.is_taken(VA)


def test_what_is_said_twice_or_of_nobody_changes_nothing() -> None:
    lines = AgentLines()
    lines.customer_left(VA, "c1")
    lines.settled(VA, "c1")
    lines.came(VA, "c2")
    lines.settled(VA, "c1")
    assert lines.is_taken(VA)
    lines.settled(VA, "c2")
    lines.settled(VA, "c2")
    assert not lines.is_taken(VA)
