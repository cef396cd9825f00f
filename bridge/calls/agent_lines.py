"""[sans-IO] Which calls each agent has: the one whose customer is on its line, and those that are not settled yet."""


class AgentLines:
    """Agents by number, calls by our call id."""

    def __init__(self) -> None:
        self._on_line: dict[str, set[str]] = {}
        self._unsettled: dict[str, set[str]] = {}

    def came(self, number: str, call: str) -> None:
        """A call is taken for the agent."""
        self._on_line.setdefault(number, set()).add(call)
        self._unsettled.setdefault(number, set()).add(call)

    def customer_left(self, number: str, call: str) -> None:
        """The customer of a call is gone from the agent's line."""
        _discard(self._on_line, number, call)

    def settled(self, number: str, call: str) -> None:
        """Nothing more is to be done for the call."""
        _discard(self._on_line, number, call)
        _discard(self._unsettled, number, call)

    def is_taken(self, number: str) -> bool:
        """A customer is on the agent's line."""
        return number in self._on_line

    def before(self, number: str, call: str) -> set[str]:
        """The agent's other calls that are not settled."""
        return self._unsettled.get(number, set()) - {call}


def _discard(calls: dict[str, set[str]], number: str, call: str) -> None:
    there = calls.get(number)
    if there is not None:
        there.discard(call)
        if not there:
            del calls[number]
