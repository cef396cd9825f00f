"""The order to stop: signals and operators give it, the service carries it out."""

import asyncio
import time


class Draining:
    """Whether the bridge is to stop, since when, and whether it hurries. There is no way back."""

    def __init__(self) -> None:
        self.by = ""
        """Who gave the order; empty: nobody has."""
        self.since: float | None = None
        """When, in seconds since the epoch."""
        self.asked = asyncio.Event()
        """The order is given."""
        self.hurried = asyncio.Event()
        """Calls get no more time: their customers go to a human."""

    def ask(self, by: str) -> None:
        """Take no more calls, and stop once those there are have ended. Asking again changes nothing."""
        if not self.asked.is_set():
            self.by, self.since = by, time.time()
            self.asked.set()

    def hurry(self, by: str) -> None:
        """The same, and do not wait for the calls."""
        self.ask(by)
        self.hurried.set()
