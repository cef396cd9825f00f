"""What one call writes into the journal, and when its wrap-up waits for the disk."""

import asyncio
from typing import get_args

import pytest

from bridge.calls.call_journal import CallJournal
from bridge.calls.rest_steps import NAMES, UNREPEATABLE
from bridge.calls.timeline import MAX_ENTRIES, Timeline
from bridge.engines.events import Fate
from bridge.journal.records import Effect, EntryNoted, IdsLearned, OutcomeDecided, StepBegun, StepEnded
from bridge.livevox.term_codes import TermCodeChoice
from bridge.wrapup import CallIds, EndCall, ListTermCodes, ReadStatus, ReadyAgent, SetTermCode, StartTransfer
from bridge.wrapup.steps import Failure, Request
from tests.kept_records import KeptRecords

CODE = SetTermCode(TermCodeChoice("T1", "S1", "9", "2134634007", False), "Completed")
TRANSFER = StartTransfer("1", "2", "Desk")


@pytest.fixture
def kept() -> KeptRecords:
    return KeptRecords()


@pytest.fixture
def journal(kept: KeptRecords) -> CallJournal:
    return CallJournal(kept, "c1", CallIds("T1"))


def before(journal: CallJournal, *steps: Request) -> None:
    async def ask() -> None:
        for step in steps:
            await journal.before(step)

    asyncio.run(ask())


def test_every_request_has_the_name_of_its_endpoint() -> None:
    assert set(NAMES) == set(get_args(Request))
    assert len(set(NAMES.values())) == len(NAMES)


def test_what_was_decided_is_on_disk_before_livevox_is_asked_for_anything(
    kept: KeptRecords, journal: CallJournal
) -> None:
    journal.decided(Fate.FINISHED, None)
    before(journal, ReadStatus(), ReadStatus(), ListTermCodes("46014", fresh=False), ReadyAgent())
    assert len(kept.of(OutcomeDecided)) == 1
    assert kept.waited_at == [1], "once: looking again needs no disk"


def test_what_must_not_be_done_twice_is_on_disk_before_it_is_done(kept: KeptRecords, journal: CallJournal) -> None:
    before(journal, ReadStatus(), TRANSFER, ReadStatus(), EndCall())
    assert [(record.step, record.about) for record in kept.of(StepBegun)] == [
        ("conference/phonebook", "Desk"),
        ("customer/call/end", ""),
    ]
    assert kept.waited_at == [0, 1, 2]


def test_a_second_decision_is_waited_for_too(kept: KeptRecords, journal: CallJournal) -> None:
    before(journal, ReadStatus())
    journal.reopened()
    journal.decided(Fate.FINISHED, None)
    before(journal, ReadStatus())
    assert kept.waited_at == [0, 2]


@pytest.mark.parametrize(
    ("failure", "effect"),
    [
        (None, Effect.DONE),
        (Failure("no answer", maybe_done=True), Effect.UNKNOWN),
        (Failure("refused", retryable=False), Effect.NONE),
    ],
)
def test_it_is_written_down_whether_livevox_has_done_it(
    kept: KeptRecords, journal: CallJournal, failure: Failure | None, effect: Effect
) -> None:
    journal.after(CODE, 12.5, failure)
    journal.after(ReadStatus(), 1.0, failure)
    (ended,) = kept.of(StepEnded)
    assert (ended.step, ended.effect, ended.error) == ("call/termCode", effect, failure.reason if failure else "")


def test_the_ids_that_a_term_code_names_are_known_from_then_on(kept: KeptRecords, journal: CallJournal) -> None:
    before(journal, CODE, CODE)
    assert [record.ids for record in kept.of(IdsLearned)] == [CallIds("T1", "S1")]


def test_a_call_that_says_too_much_does_not_fill_the_disk(kept: KeptRecords, journal: CallJournal) -> None:
    timeline = Timeline("c1", "8990000001", 0.0, (journal.entry,))
    for number in range(MAX_ENTRIES + 10):
        timeline.add("dtmf", float(number))
    assert len(kept.of(EntryNoted)) == MAX_ENTRIES


def test_looking_listing_and_ready_may_be_repeated() -> None:
    assert set(UNREPEATABLE) < set(get_args(Request))
    assert not {ReadStatus, ListTermCodes, ReadyAgent} & set(UNREPEATABLE)
