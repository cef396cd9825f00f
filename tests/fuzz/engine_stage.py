"""A call at a speech engine that says anything: the steps of an input, and what must hold after each."""

import json
import math
import re
from collections.abc import Callable, Sequence
from typing import Any

from bridge.call_facts import CallFacts, ScreenPopRows
from bridge.dialects.dialect import Dialect
from bridge.dialects.kinds import DialectTerms
from bridge.errors import InvalidEngineMessage
from bridge.verdicts import Complete, Transfer
from tests.fuzz.choices import Choices
from tests.fuzz.json_values import text_of
from tests.fuzz.verdict_rules import check_verdict
from tests.unit.recording_speaker import RecordingSpeaker

FACTS = CallFacts("0123456789abcdef0123", "8990000001", "+15550100", "J. Doe", "t-1", "", "1001")
TERMS = DialectTerms(("paid", "refused"), ("collections", "billing"))
POP = ScreenPopRows((("First Name", "Jane"), ("BALANCE", "12.50")), {"firstname": "Jane", "balance": "12.50"})

_MAX_STEPS = 60
#: Which steps are whose; all others are the engine's.
_DONE_BY_CUSTOMER = (2, 3, 4, 10, 12)
_SAID_BY_BRIDGE = (5, 6, 7, 8, 11)
_KEYS = frozenset("0123456789*#ABCD")
_NOTE = re.compile(r"[a-z][a-z_]*")
#: A fact of a note, a reason of a failure or an error's detail: it goes into the log.
_LONGEST_FACT = 1_000
#: What a database takes for a number.
_LARGEST_FACT = 2**63


class EngineStage:
    """One call. `examples` are genuine messages of the engine; an input says them with a few values changed."""

    def __init__(self, make: Callable[[RecordingSpeaker], Dialect], examples: Sequence[Any], data: bytes) -> None:
        self._speaker = RecordingSpeaker()
        self._dialect = self._speaker.dialect = make(self._speaker)
        self._examples = examples
        self._choices = Choices(data)
        self._hung_up = False

    def run(self) -> None:
        """All steps."""
        self._dialect.connected(self._speaker.now)
        self._check()
        for _ in range(_MAX_STEPS):
            if not self._choices or self._hung_up or self._speaker.failed:
                break
            try:
                self._step()
            except InvalidEngineMessage as exc:
                _check_line(exc.detail)
            self._check()

    def _step(self) -> None:
        """What the engine says, more often than not; else what the customer or the bridge does."""
        which = self._choices.below(24)
        if which in _SAID_BY_BRIDGE:
            self._bridge_does(which)
        elif which in _DONE_BY_CUSTOMER:
            self._customer_does(which)
        else:
            self._engine_says(which)

    def _engine_says(self, which: int) -> None:
        choices, now = self._choices, self._speaker.now
        match which:
            case 0:
                self._dialect.text(choices.piece(choices.below(0x10000)).decode("utf-8", "replace"), now)
            case 1:
                self._dialect.binary(choices.some() * choices.one_of((1, 1, 100)), now)
            case 9:
                self._dialect.closed(choices.one_of((1006, 1000, 1011)), now)
                self._dialect.connected(now)
            case _:
                text = text_of(choices.one_of(self._examples), choices)
                self._dialect.text(text.encode("utf-8", "replace").decode(), now)  # a WebSocket's text is UTF-8

    def _customer_does(self, which: int) -> None:
        choices, now = self._choices, self._speaker.now
        match which:
            case 4:
                self._dialect.key(choices.one_of("0123456789*#ABCD"), now)
            case 10:
                self._dialect.answered(now)
            case 12:
                self._dialect.hear(bytes(160), now)
            case _:
                self._passes(choices.below(256) * 8)

    def _bridge_does(self, which: int) -> None:
        now = self._speaker.now
        match which:
            case 5:
                self._dialect.screen_pop(POP, now)
            case 6:
                self._dialect.transfer_progress(self._choices.one_of((100, 200, 486)), now)
            case 7:
                self._answer_tools()
            case 8:
                self._dialect.dead_air(15.0, now)
            case 11:
                self._dialect.hang_up("bot_finished")
                self._hung_up = True

    def _passes(self, ms: int) -> None:
        """The customer hears what is queued; deadlines expire."""
        self._speaker.hear(ms)
        if self._dialect.deadline is not None and self._dialect.deadline <= self._speaker.now:
            self._dialect.expire(self._speaker.now)

    def _answer_tools(self) -> None:
        tools, self._speaker.tools = self._speaker.tools, []
        for id, _, arguments in tools:
            assert isinstance(json.loads(arguments), dict)
            self._dialect.tool_answered(id, "{}", self._speaker.now)

    def _check(self) -> None:
        """What is handed on is fit for who gets it."""
        speaker = self._speaker
        for message in speaker.sent:
            if isinstance(message, str):
                assert isinstance(json.loads(message), dict)
                message.encode()
        speaker.sent.clear()
        for what, facts in speaker.notes:
            assert _NOTE.fullmatch(what)
            json.dumps(facts, allow_nan=False)
            assert all(len(fact) < _LONGEST_FACT for fact in facts.values() if isinstance(fact, str))
            assert all(
                -_LARGEST_FACT < fact < _LARGEST_FACT for fact in facts.values() if isinstance(fact, int | float)
            )
        speaker.notes.clear()
        for role, text in speaker.transcripts:
            assert role in ("bot", "customer")
            text.encode()
        speaker.transcripts.clear()
        for reason in speaker.failed:
            _check_line(reason)
        self._check_rest()

    def _check_rest(self) -> None:
        speaker, deadline = self._speaker, self._dialect.deadline
        assert set(speaker.pressed) <= _KEYS
        assert deadline is None or math.isfinite(deadline)
        for verdict in (*speaker.verdicts, *filter(None, speaker.goodbyes)):
            assert isinstance(verdict, Complete | Transfer)
            check_verdict(verdict)


def raw(text: str) -> bytes:
    """The step with which the engine says just this; nothing can follow it."""
    return b"\0\xff\xff" + text.encode()


def _check_line(text: str) -> None:
    """One line of a log, of bounded length."""
    assert text.isprintable() and len(text) < _LONGEST_FACT
