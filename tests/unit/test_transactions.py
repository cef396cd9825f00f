"""INVITE server transactions."""

import pytest

from sip.errors import InvalidTransition
from sip.responses import Reply
from sip.transactions import (
    RINGING_TIME,
    AdmissionTimedOut,
    Due,
    InviteTransaction,
    Resend,
    State,
    Transactions,
    WorkerSilent,
)

REPLY = Reply(b"Via: x", b"To: y", b"To: y;tag=z", b"", "192.0.2.7", 5060)
MERGE = (b"call", b"tag", 1)


def opened(now: float = 0.0) -> tuple[Transactions, InviteTransaction]:
    table = Transactions()
    return table, table.open(b"key", MERGE, REPLY, now)


def refused(now: float = 0.0) -> tuple[Transactions, InviteTransaction]:
    table, transaction = opened(now)
    table.refuse(transaction, b"SIP/2.0 486", now)
    return table, transaction


def run(table: Transactions, until: float) -> list[tuple[float, Due]]:
    """Call expire at each deadline, as the driver does."""
    done: list[tuple[float, Due]] = []
    while table.deadline is not None and table.deadline <= until:
        now = table.deadline
        done += [(now, due) for due in table.expire(now)]
    return done


def test_a_new_invite_is_pending_and_found_by_its_key() -> None:
    table, transaction = opened()
    assert transaction.state is State.PENDING
    assert table.find(b"key") is transaction
    assert table.find(b"other") is None


def test_a_copy_by_another_way_is_known_by_call_tag_and_cseq() -> None:
    table, _ = opened()
    assert table.merged(MERGE)
    assert not table.merged((b"call", b"tag", 2))


def test_an_accepted_invite_is_kept_32_seconds_for_retransmissions() -> None:
    table, transaction = opened()
    table.forward(transaction, "c", 1, b"INVITE", 1.0)
    assert (transaction.state, transaction.datagram) == (State.FORWARDED, b"INVITE")
    table.final_came(transaction, 200, b"tag", 2.0)
    assert (transaction.state, transaction.datagram) == (State.ACCEPTED, b"")
    assert run(table, 33.9) == []
    assert len(table) == 1
    assert run(table, 34.0) == []
    assert (len(table), table.merged(MERGE), table.deadline) == (0, False, None)


def test_a_rejected_invite_is_told_apart_and_later_finals_change_nothing() -> None:
    table, transaction = opened()
    table.forward(transaction, "c", 1, b"INVITE", 1.0)
    table.final_came(transaction, 486, b"tag", 2.0)
    table.final_came(transaction, 200, b"tag", 3.0)
    assert transaction.state is State.REJECTED


def test_an_invite_is_sent_again_until_its_worker_says_something_and_given_up_after_four_seconds() -> None:
    table, transaction = opened()
    table.forward(transaction, "c", 1, b"INVITE", 1.0)
    silent = [(1.5, Resend(transaction)), (2.5, Resend(transaction)), (4.5, Resend(transaction))]
    assert run(table, 10.0) == [*silent, (5.0, WorkerSilent(transaction))]
    table.refuse(transaction, b"SIP/2.0 500", 5.0)
    assert table.deadline == 5.5


def test_a_100_of_the_worker_ends_the_repeating_but_not_the_waiting() -> None:
    table, transaction = opened()
    table.forward(transaction, "c", 1, b"INVITE", 1.0)
    table.provisional_came(transaction, 100, 1.1)
    assert transaction.state is State.FORWARDED
    assert run(table, 10.0) == [(5.0, WorkerSilent(transaction))]


def test_an_invite_that_rings_for_ever_is_forgotten_in_the_end() -> None:
    table, transaction = opened()
    table.forward(transaction, "c", 1, b"INVITE", 0.9)
    table.provisional_came(transaction, 180, 1.0)
    table.provisional_came(transaction, 183, 2.0)
    assert transaction.state is State.RINGING
    assert run(table, RINGING_TIME) == []
    assert len(table) == 1
    assert run(table, RINGING_TIME + 1) == []
    assert len(table) == 0


def test_our_refusal_is_repeated_with_growing_intervals_until_32_seconds() -> None:
    table, _ = refused()
    times = [at for at, due in run(table, 100.0) if isinstance(due, Resend)]
    assert times == [0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5]
    assert len(table) == 0


def test_its_ack_ends_the_repeating_and_is_absorbed_for_five_seconds() -> None:
    table, transaction = refused()
    assert len(run(table, 1.0)) == 1
    table.acknowledge(transaction, 1.0)
    assert transaction.state is State.CONFIRMED
    assert run(table, 5.9) == []
    table.acknowledge(transaction, 5.9)
    assert len(table) == 1
    assert run(table, 6.0) == []
    assert len(table) == 0


def test_admission_that_does_not_answer_is_reported_once_and_the_refusal_lives_on() -> None:
    table, transaction = opened()
    assert run(table, 40.0) == [(32.0, AdmissionTimedOut(transaction))]
    table.refuse(transaction, b"SIP/2.0 503", 40.0)
    assert len(run(table, 100.0)) == 10
    assert len(table) == 0


def test_an_ack_to_nothing_we_refused_changes_nothing() -> None:
    table, transaction = opened()
    table.acknowledge(transaction, 1.0)
    assert transaction.state is State.PENDING


def test_a_step_out_of_order_is_an_error_that_names_both_states() -> None:
    table, transaction = refused()
    with pytest.raises(InvalidTransition, match="refused cannot become forwarded"):
        table.forward(transaction, "c", 1, b"", 1.0)
    assert transaction.state is State.REFUSED


def test_unanswered_invites_of_a_worker_are_found_by_their_calls() -> None:
    table = Transactions()
    for number, call in enumerate("abc"):
        transaction = table.open(b"%d" % number, (b"%d" % number, b"", 1), REPLY, 0.0)
        table.forward(transaction, call, 1, b"", 0.0)
        table.provisional_came(transaction, 180 if call == "b" else 100, 0.0)
    table.final_came(transaction, 200, b"tag", 0.0)
    assert [found.call for found in table.forwarded_to({"b", "c"})] == ["b"]


def test_timers_stay_as_few_as_twice_the_transactions() -> None:
    table = Transactions()
    for number in range(500):
        transaction = table.open(b"%d" % number, (b"%d" % number, b"", 1), REPLY, number * 0.01)
        table.forward(transaction, "c", 1, b"INVITE", number * 0.01)
        table.final_came(transaction, 200, b"tag", number * 0.01 + 0.001)
    assert len(table._timers) <= 1000
    run(table, 1000.0)
    assert (len(table), len(table._timers)) == (0, 0)
