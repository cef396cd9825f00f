"""A wrap-up fed by hand: statuses and answers in the order a test gives them, whatever a real platform would say."""

import random
from collections import deque
from collections.abc import Iterable
from typing import Any

from bridge.livevox.agent_status import AgentStatus, CallOnLine, Line
from bridge.livevox.phonebook import Phonebook, PhonebookContact
from bridge.livevox.term_codes import TermCode, TermCodes
from bridge.wrapup import (
    Answer,
    CallIds,
    CustomerLeg,
    Disposition,
    Failure,
    Finished,
    HangUpCustomer,
    Limits,
    ListPhonebook,
    ListTermCodes,
    Plan,
    ReadStatus,
    Request,
    Step,
    WrapUp,
)

OURS = CallIds("108821676850", "U5EF8@10.0.0.1", "46014")
CODES = TermCodes((TermCode(id="1", name="Completed"), TermCode(id="9", name="System Failure")))
BOOK = Phonebook((PhonebookContact("2237", "24590", "Desk"), PhonebookContact("2237", "24591", "Queue")))

NO = Failure("refused with 400", retryable=False, status=400)
LOST = Failure("no answer", maybe_done=True)
NOT_SENT = Failure("no route")


def plan(**changes: Any) -> Plan:
    """A plan whose ids are known and whose transfer goes to Desk, if it is wanted."""
    settings: dict[str, Any] = {
        "agent": "8990000001",
        "ids": OURS,
        "disposition": Disposition("done", "Completed"),
        "customer_hung_up": Disposition("customer_hung_up", "Completed"),
        "transfer_failed": Disposition("transfer_failed", "Completed"),
        "default_term_code": "System Failure",
        "limits": Limits(),
    }
    return Plan(**settings | changes)


def status(state: str, transaction: str | None = OURS.transaction_id, **line: Any) -> AgentStatus:
    """What agent/status says; transaction None: no call on the line."""
    call = (
        CallOnLine(
            call_transaction_id=transaction,
            call_session_id=OURS.session_id,
            service_id=OURS.service_id,
            phone_number="2134634007",
        )
        if transaction
        else None
    )
    return AgentStatus(lines=(Line(state=state, call=call, **line),))


class Fed:
    """Plays a wrap-up; statuses are given in order, the last one again and again."""

    def __init__(
        self,
        what: Plan,
        statuses: Iterable[AgentStatus | None | Failure],
        answers: dict[type, list[Answer | Failure]] | None = None,
        *,
        jitter: random.Random | None = None,
    ) -> None:
        self.wrap_up = WrapUp(what, 0.0, jitter or random.Random(1))
        self.now = 0.0
        self.steps: list[Step] = []
        self.times: list[float] = []
        self._statuses = deque(statuses)
        self._answers = {kind: deque(given) for kind, given in (answers or {}).items()}

    def play(self, *, rounds: int = 400, until: float = float("inf"), before: type | None = None) -> Finished | None:
        """Until it is over, so many rounds or seconds have passed, or a step of a kind is in flight."""
        for _ in range(rounds):
            step = self.wrap_up.next(self.now)
            if step is None:
                deadline = self.wrap_up.deadline
                if deadline is None or deadline > until:
                    break
                self.now = max(self.now, deadline)
                continue
            self.steps.append(step)
            self.times.append(self.now)
            if before and isinstance(step, before):
                return None
            self._answer(step)
        return last if isinstance(last := self.steps[-1], Finished) else None

    @property
    def names(self) -> list[str]:
        """The steps' names without the looks at the status."""
        return [type(step).__name__ for step in self.steps if not isinstance(step, ReadStatus)]

    def time_of(self, kind: type) -> float:
        """When the first step of a kind was taken."""
        return next(at for at, step in zip(self.times, self.steps, strict=True) if isinstance(step, kind))

    def _answer(self, step: Step) -> None:
        given = self._given(step)
        if isinstance(given, Failure):
            self.wrap_up.failed(step, given, self.now)
            return
        self.wrap_up.done(step, given, self.now)
        if isinstance(step, HangUpCustomer):
            self.wrap_up.customer_gone(self.now)

    def _given(self, step: Step) -> Answer | Failure:
        if not isinstance(step, Request):
            return None
        if isinstance(step, ReadStatus):
            return self._statuses.popleft() if len(self._statuses) > 1 else self._statuses[0]
        if given := self._answers.get(type(step)):
            return given.popleft() if len(given) > 1 else given[0]
        match step:
            case ListTermCodes():
                return CODES
            case ListPhonebook():
                return BOOK
        return None


GONE = CustomerLeg.GONE
UP = CustomerLeg.UP
