"""[sans-IO] Whose turn it is in a Realtime conversation, and whether a response may be asked for now.

The server takes one response at a time: `response.create` while one is in progress is an error, and while the customer
speaks it would make the bot talk over them. So a response is wanted first, and asked for when nothing is in its way.
"""

#: After so many responses in a row that failed, the engine is of no use.
MAX_FAILURES = 3


class Turns:
    """The turns of one connection."""

    def __init__(self, server_answers: bool) -> None:
        self._server_answers = server_answers
        self.customer_speaks = False
        self.response: str | None = None
        """The response in progress."""
        self.wanted = False
        """A response is to be asked for: the bot owes the customer an answer."""
        self.failures = 0
        """Responses that failed since one did not."""
        self._asked = ""
        self._expected = False
        self._count = 0

    @property
    def idle(self) -> bool:
        """Nobody speaks, and nothing is under way."""
        return self.response is None and not (self._asked or self._expected or self.customer_speaks or self.wanted)

    @property
    def owed(self) -> bool:
        """The customer waits for an answer that has not come whole."""
        return self.response is not None or bool(self._asked) or self._expected or self.wanted

    def ask(self) -> str:
        """The id of the `response.create` to be sent now; empty when none is wanted, or something is in its way."""
        in_the_way = self.response is not None or self._asked or self._expected or self.customer_speaks
        if not self.wanted or in_the_way:
            return ""
        self._count += 1
        self._asked = f"ask-{self._count}"
        self.wanted = False
        return self._asked

    def started(self) -> None:
        """The customer began to speak."""
        self.customer_speaks = True

    def stopped(self) -> None:
        """The customer stopped, and waits for an answer: the server makes a response by itself, or is asked for one."""
        self.customer_speaks = False
        self._expected = self._server_answers
        self.wanted = self.wanted or not self._server_answers

    def hold(self) -> None:
        """Ask for nothing for a while."""
        self._expected = True

    def resume(self) -> None:
        """The while is over, or the server made no response by itself: it had taken a noise for speech."""
        self._expected = False

    def created(self, response: str) -> None:
        """A response began: it knows all that was said to the server before."""
        self.response = response
        self.wanted = self._expected = False
        self._asked = ""

    def done(self, response: str, failed: bool) -> None:
        """A response is over."""
        if not response or response == self.response:
            self.response = None
        self.failures = self.failures + 1 if failed else 0

    def refused(self, event: str, busy: bool) -> bool:
        """An error came about this event of ours; True when it was what we asked a response with.

        `busy`: another response was in progress, which did not know what ours would have. Servers may not say which
        event they mean then.
        """
        ours = bool(self._asked) and event == self._asked
        if busy or ours:
            self._asked = ""
            self.wanted = True
        if ours and not busy:
            self.failures += 1
        return ours or busy

    def forget(self) -> None:
        """Nothing has come for so long that what seemed to be under way is not."""
        self.response = None
        self._asked = ""
        self._expected = self.customer_speaks = False
