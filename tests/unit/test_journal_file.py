"""Where a journal can be kept, asked without making one."""

from pathlib import Path

import pytest

from bridge.errors import JournalUnusable
from bridge.journal.journal_file import JournalFile, check_journal


def test_a_place_for_a_new_one_is_good_and_is_left_as_it_is(tmp_path: Path) -> None:
    check_journal(tmp_path / "new" / "folder" / "journal.db")
    assert list(tmp_path.iterdir()) == []


def test_one_that_is_there_is_good(tmp_path: Path) -> None:
    (tmp_path / "journal.db").write_bytes(b"")
    check_journal(tmp_path / "journal.db")


@pytest.mark.parametrize("name", ["", "a file/journal.db", "null\0byte"])
def test_what_cannot_be_one_is_named(tmp_path: Path, name: str) -> None:
    (tmp_path / "a file").write_text("")
    with pytest.raises(JournalUnusable):
        check_journal(tmp_path / name)
    with pytest.raises(JournalUnusable):
        JournalFile(tmp_path / name)
