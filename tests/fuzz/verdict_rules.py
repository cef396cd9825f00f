"""What holds of every verdict, whoever said it."""

import re

from bridge.verdicts import MAX_NAME, MAX_NOTES, Transfer, Verdict

_AMOUNT = re.compile(r"[0-9]{1,10}(\.[0-9]{1,4})?", re.ASCII)


def check_verdict(verdict: Verdict) -> None:
    """Its words are bounded and printable; an amount is a decimal number; a transfer says to whom."""
    remarks = verdict.remarks
    assert verdict.outcome.isprintable() and len(verdict.outcome) <= MAX_NAME
    assert remarks.notes.replace("\n", "").replace("\t", "").isprintable() and len(remarks.notes) <= MAX_NOTES
    assert not remarks.payment_amount or _AMOUNT.fullmatch(remarks.payment_amount)
    if isinstance(verdict, Transfer):
        assert verdict.target and verdict.target.isprintable() and len(verdict.target) <= MAX_NAME
