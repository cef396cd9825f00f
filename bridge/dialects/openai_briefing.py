"""[sans-IO] What a Realtime model is told of a call: instructions, the customer's data, what was said so far."""

from collections import deque

from bridge.call_facts import CallFacts, ScreenPopRows
from bridge.dialects.kinds import DialectTerms
from bridge.dialects.openai_functions import functions
from bridge.dialects.openai_messages import instructions_update, message, session_update
from bridge.dialects.openai_section import OpenAISection
from bridge.dialects.template import Template, rows_of

#: Items of the conversation that a renewed session is told, and characters of each.
MAX_ITEMS = 40
MAX_WORDS = 2_000


class Briefing:
    """The briefing for one call, over all of its sessions."""

    def __init__(self, section: OpenAISection, facts: CallFacts, terms: DialectTerms) -> None:
        self._section = section
        self._facts = facts
        self._terms = terms
        self._instructions = Template(section.instructions)
        self._greeting = Template(section.greeting)
        self._pop: ScreenPopRows | None = None
        self._told: ScreenPopRows | None = None
        """The screen pop in the session's first instructions."""
        self._said: deque[tuple[str, str]] = deque(maxlen=MAX_ITEMS)
        self._waits = self._instructions.names_screen_pop or self._greeting.names_screen_pop
        self.greets = section.greet_first
        """The greeting has not been heard yet."""

    @property
    def may_greet(self) -> bool:
        """All that the greeting needs is there, or was waited for."""
        return self._pop is not None or not self._waits

    def wait_no_more(self) -> None:
        """Greet without the screen pop."""
        self._waits = False

    def greeted(self) -> None:
        """The bot has begun to speak."""
        self.greets = False

    def session_update(self) -> str:
        """The first message of a session."""
        self._told = self._pop
        return session_update(self._section, self._filled(), functions(self._section, self._terms))

    def greeting(self) -> str:
        """Instructions of the next response alone; empty: the session's. They take the place of the session's."""
        if not self.greets or not self._section.greeting:
            return ""
        return "\n\n".join(filter(None, (self._filled(), self._greeting.filled(self._facts, self._pop))))

    def screen_pop(self, pop: ScreenPopRows) -> str:
        """The customer's data for the model: in the instructions if these name fields, else as a system message."""
        self._pop = pop
        return instructions_update(self._filled()) if self._instructions.names_screen_pop else self._rows()

    def said(self, role: str, words: str) -> None:
        """Remember what was said: role "user", "assistant" or "system"."""
        self._said.append((role, words[:MAX_WORDS]))

    def conversation(self) -> list[str]:
        """What a session that is ready must be told: what is known, and what was said in sessions before."""
        known = []
        if self._pop is not None and not self._instructions.names_screen_pop:
            known = [self._rows()]
        elif self._pop is not self._told:  # it came since session.update
            known = [instructions_update(self._filled())]
        return known + [message(role, words) for role, words in self._said]

    def _rows(self) -> str:
        return message("system", f"What is known of the customer:\n{rows_of(self._pop) or 'nothing'}")

    def _filled(self) -> str:
        return self._instructions.filled(self._facts, self._pop)
