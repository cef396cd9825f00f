"""The command `story` where no bridge runs: the journal tells it."""

import json
from pathlib import Path

import pytest

from bridge import cli
from bridge.journal.records import CallAdmitted, CallClosed, EntryNoted, MessageSeen
from bridge.journal.store import JournalStore
from bridge.wrapup.plan import CallIds
from tests.story_rows import CALLER, INVITE
from tests.unit.settings_texts import with_line

CALL = "c" * 20


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    path = tmp_path / "journal.db"
    store = JournalStore(path)
    store.write(
        [
            CallAdmitted(CALL, 1_000.0, "8990000001", CALLER, CallIds()),
            EntryNoted(CALL, 1_000.0, 0.0, "invite_received", {"caller": CALLER}),
            MessageSeen(CALL, 1_000.0, "sip", "customer", False, "192.0.2.7:5060", INVITE),
            EntryNoted(CALL, 1_009.0, 9_000.0, "worker_lost", {}),
            CallClosed(CALL, 1_010.0, {"fate": "bridge_failure"}, ("worker_lost",)),
        ]
    )
    store.close()
    return path


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = cli.main(["story", *arguments])
    said = capsys.readouterr()
    return code, said.out, said.err


def test_a_call_is_told_on_a_terminal_masked(journal: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = told(capsys, CALL, "--journal", str(journal))
    assert code == 0
    assert "The SIP worker of this call died." in out and "LiveVox -> bridge: INVITE" in out
    assert "2135550107" not in out
    _, out, _ = told(capsys, CALL, "--journal", str(journal), "--whole", "--messages")
    assert CALLER in out and "Jane Roe" in out


def test_it_is_told_as_json_and_as_a_page(journal: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = told(capsys, CALL, "--journal", str(journal), "--json")
    assert json.loads(out)["trouble"][0]["name"] == "worker_lost"
    page = journal.with_name("story.html")
    code, out, _ = told(capsys, CALL, "--journal", str(journal), "--html", str(page))
    assert (code, out) == (0, f"{page}\n")
    assert page.read_text().startswith("<!DOCTYPE html>")


def test_what_is_not_there_is_named(journal: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for arguments, words in (
        (["unknown", "--journal", str(journal)], "has no call unknown"),
        ([CALL, "--journal", str(journal) + "x"], "there is no journal"),
        ([CALL, "--journal", str(journal), "--html", str(journal.parent)], "cannot be written"),
    ):
        code, _, err = told(capsys, *arguments)
        assert code == 1 and words in err


def test_where_no_bridge_answers_the_journal_of_the_settings_is_read(
    journal: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BRIDGE_ADMIN_TOKEN", "admin")
    settings = journal.with_name("bridge.toml")
    settings.write_text(with_line("[admin]", 'listen = "127.0.0.1:1"'))
    code, out, err = told(capsys, CALL, "--config", str(settings))
    assert code == 0 and "told by the journal" in err
    assert "The SIP worker of this call died." in out
    assert told(capsys, CALL, "--url", "http://127.0.0.1:1")[0] == 3
