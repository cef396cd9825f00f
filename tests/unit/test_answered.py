"""Answers kept for retransmissions."""

from sip.answered import ANSWERS_KEPT, AnsweredRequests


def test_an_answer_is_remembered_32_seconds() -> None:
    answered = AnsweredRequests()
    answered.remember(b"key", b"SIP/2.0 200", 1.0)
    assert answered.find(b"other") is None
    answered.expire(32.9)
    assert (answered.find(b"key"), answered.deadline, len(answered)) == (b"SIP/2.0 200", 33.0, 1)
    answered.expire(33.0)
    assert (answered.find(b"key"), answered.deadline, len(answered)) == (None, None, 0)


def test_the_deadline_is_that_of_the_oldest_answer() -> None:
    answered = AnsweredRequests()
    for number in range(3):
        answered.remember(b"%d" % number, b"", float(number))
    assert answered.deadline == 32.0
    answered.remember(b"0", b"", 5.0)
    assert answered.deadline == 33.0


def test_a_flood_forgets_the_oldest() -> None:
    answered = AnsweredRequests()
    for number in range(ANSWERS_KEPT + 1):
        answered.remember(b"%d" % number, b"", 0.0)
    assert len(answered) == ANSWERS_KEPT
    assert (answered.find(b"0"), answered.find(b"1")) == (None, b"")
